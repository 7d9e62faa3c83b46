//! What a report asks for, done by one tap: a visit for what is needed, another tier for the person.

use chrono::{DateTime, Utc};
use entity::enums::{ChangeKind, VisitKind, VisitOrigin, VisitStatus};
use entity::{care_enrolment, household, resident, visit_report, visit_task};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde::Serialize;
use uuid::Uuid;

use super::rules::FOLLOW_UP;
use crate::access::policy::Permission;
use crate::access::protected::{Protected, View};
use crate::access::scope::{self, Grant};
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::{Handle, Tx};
use crate::error::{Code, Error, Result};
use crate::residents::enrolments::steps::{self, Change};
use crate::visits::rules;
use crate::write::{Begun, Outcome, Request, Write};

const MUTATION: &str = "followUpNeed";
const REASON: &str = "the last report of a visit that the scope let through";

/// The visit that is to meet a need.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Need {
    /// The visit whose last report names it.
    pub task: Uuid,
    /// What kind of visit meets it.
    pub kind: VisitKind,
    /// Until when; three days from now where absent.
    pub due_at: Option<DateTime<Utc>>,
}

/// Makes a visit for what a visit's last report names as needed, once for each report: a second tap, of
/// whomever, is answered with the visit that the first made. Needs `VISIT_PLAN` where the household lives.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `NOTHING_NEEDED`, `WINDOW_PASSED`, `OUT_OF_RANGE`,
/// `NO_LONGER_HERE`, `RESIDENT_ELSEWHERE`.
pub async fn meet(cx: &Cx, need: Need, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new(MUTATION, key, &need)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::VisitPlan)?;
    let refused = |code| Error::refused(code).on("visitTaskId");
    let told = actor
        .scoped::<visit_task::Entity>(Permission::VisitRead)
        .id(need.task)
        .one(write.tx())
        .await?
        .ok_or_else(|| refused(Code::NotFound))?;
    let report = last_report(write.tx(), told.id).await?;
    let report = report.ok_or_else(|| refused(Code::NothingNeeded))?;
    let needs = needs(cx, &told, &report)?;
    let now = cx.app.clock.now();
    let due_at = need.due_at.unwrap_or(now + FOLLOW_UP);
    rules::check_window(now, due_at, now).map_err(|code| Error::refused(code).on("dueAt"))?;
    let (home, grant) = home(cx, write.tx(), &told).await?;
    // While the household is held, one tap comes after the other.
    let occasion = format!("need:{}", report.id);
    if let Some(made) = made_before(cx, write.tx(), &occasion).await? {
        let outcome = Outcome::of(made.id);
        write.commit(&outcome).await?;
        return Ok(outcome);
    }
    let row = visit_task::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        kind: Set(need.kind),
        status: Set(VisitStatus::Open),
        household_id: Set(home.id),
        resident_id: Set(told.resident_id),
        area_id: Set(home.area_id),
        grid_id: Set(home.grid_id),
        starts_at: Set(now),
        due_at: Set(due_at),
        priority: Set(0),
        instructions: Set(Some(needs)),
        planned_by: Set(actor.account),
        attempts: Set(0),
        verify_level: Set(0),
        origin: Set(VisitOrigin::FollowUp),
        occasion: Set(Some(occasion)),
        follows_id: Set(Some(told.id)),
        minutes: Set(rules::minutes(need.kind)),
        renewals: Set(0),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let task = scope::insert(write.tx(), &grant, row).await?;
    let place = Some(task.area_id);
    let act = Act {
        action: MUTATION,
        subject_kind: "VisitTask",
        subject_id: task.id,
        area_id: place,
        reason: None,
        fields: "status,follows_id".to_owned(),
        details: None,
    };
    let changed = Changed::new(ChangeKind::VisitTask, task.id, place);
    write.record(cx, act, changed).await?;
    let outcome = Outcome::of(task.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// What a report names as needed, to whoever may read it.
fn needs(cx: &Cx, told: &visit_task::Model, report: &visit_report::Model) -> Result<String> {
    let view = View::of(cx.actor()?, told.area_id, false);
    let refused = |code| Err(Error::refused(code).on("visitTaskId"));
    match view.visit_notes(&cx.app.keys, report.needs_sealed.as_deref())? {
        Protected::Full(Some(needs)) => Ok(needs),
        Protected::Full(None) => refused(Code::NothingNeeded),
        Protected::Masked(_) | Protected::Absent => refused(Code::NotPermitted),
    }
}

/// The household of a visit, held until the end, with the proof that visits may be planned there; the
/// person lives in it still.
async fn home(cx: &Cx, tx: &Tx, told: &visit_task::Model) -> Result<(household::Model, Grant)> {
    let actor = cx.actor()?;
    let refused = |code| Error::refused(code).on("visitTaskId");
    let (home, grant) = actor
        .scoped::<household::Entity>(Permission::VisitPlan)
        .id(told.household_id)
        .one_to_change(tx)
        .await?
        .ok_or_else(|| refused(Code::NotPermitted))?;
    if home.closed_on.is_some() {
        return Err(refused(Code::NoLongerHere));
    }
    if let Some(resident) = told.resident_id {
        let resident = actor
            .scoped::<resident::Entity>(Permission::VisitPlan)
            .id(resident)
            .one(tx)
            .await?
            .filter(|resident| resident.household_id == home.id)
            .ok_or_else(|| refused(Code::ResidentElsewhere))?;
        if resident.deceased_on.is_some() {
            return Err(refused(Code::NoLongerHere));
        }
    }
    Ok((home, grant))
}

/// The visit that an earlier tap has made.
async fn made_before(cx: &Cx, tx: &Tx, occasion: &str) -> Result<Option<visit_task::Model>> {
    cx.actor()?
        .scoped::<visit_task::Entity>(Permission::VisitRead)
        .filter(visit_task::Column::Occasion.eq(occasion))
        .one(tx)
        .await
}

async fn last_report(handle: &impl Handle, task: Uuid) -> Result<Option<visit_report::Model>> {
    Ok(visit_report::Entity::find()
        .filter(visit_report::Column::VisitTaskId.eq(task))
        .order_by_desc(visit_report::Column::Revision)
        .one(&handle.unscoped(REASON))
        .await?)
}

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
    let report = last_report(&cx.app.db, task.id).await?;
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
