//! What a report asks for, done by one tap: another tier for the person who was visited.
//!
//! A need becomes a visit of its own by planning one that follows the reported one
//! ([`Plan::follows`](crate::visits::plan::Plan)).

use entity::{care_enrolment, visit_report, visit_task};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::{Code, Error, Result};
use crate::residents::enrolments::steps::{self, Change};
use crate::write::Outcome;

const REASON: &str = "the last report of a visit that the scope let through";

/// Gives the visited person the tier that the visit's last report proposed, from today. Needs
/// `ENROLMENT_EDIT` where they live, and to read them.
///
/// Refused: `NOT_FOUND`, `NOTHING_PROPOSED` and what [`steps::change`] refuses.
pub async fn accept_tier(cx: &Cx, task: Uuid, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    actor.require(Permission::EnrolmentEdit)?;
    let not_found = || Error::refused(Code::NotFound).on("visitTaskId");
    let task = actor
        .scoped::<visit_task::Entity>(Permission::VisitRead)
        .id(task)
        .one(&cx.app.db)
        .await?
        .ok_or_else(not_found)?;
    let report = visit_report::Entity::find()
        .filter(visit_report::Column::VisitTaskId.eq(task.id))
        .order_by_desc(visit_report::Column::Revision)
        .one(&cx.app.db.unscoped(REASON))
        .await?;
    let proposed = report.and_then(|report| report.proposed_tier);
    let (Some(tier), Some(resident)) = (proposed, task.resident_id) else {
        return Err(Error::refused(Code::NothingProposed).on("visitTaskId"));
    };
    let enrolment = actor
        .scoped::<care_enrolment::Entity>(Permission::EnrolmentEdit)
        .filter(care_enrolment::Column::ResidentId.eq(resident))
        .filter(care_enrolment::Column::ToOn.is_null())
        .one(&cx.app.db)
        .await?
        .ok_or_else(not_found)?;
    if enrolment.tier == tier {
        return Ok(Outcome::of(enrolment.id));
    }
    let change = Change {
        tier: Some(tier),
        circumstances: None,
        from_on: None,
        reason: Some("依据走访反馈".to_owned()),
    };
    let call = steps::Call {
        enrolment: enrolment.id,
        expected_version: enrolment.version,
        key,
    };
    steps::change(cx, call, change)
        .await
        .map_err(|error| error.on("visitTaskId"))
}
