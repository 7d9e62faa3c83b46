//! Enrolling residents in care visits.

use chrono::NaiveDate;
use entity::circumstances::Circumstance;
use entity::enums::{CareTier, ChangeKind};
use entity::{care_enrolment, resident};
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::Condition;
use serde::Serialize;
use uuid::Uuid;

use super::rules;
use crate::access::policy::Permission;
use crate::access::scope::{self, Grant, select_columns};
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::residents::service::EnrolmentRow;
use crate::write::{Begun, Outcome, Request, Write};

/// Who is enrolled, and why.
#[derive(Clone, Debug, Serialize)]
pub struct NewEnrolment {
    /// Who.
    pub resident: Uuid,
    /// How often they are visited.
    pub tier: CareTier,
    /// What makes them a subject of visits.
    pub circumstances: Vec<Circumstance>,
    /// The first day; today where absent.
    pub from_on: Option<NaiveDate>,
    /// Why.
    pub reason: Option<String>,
}

/// One enrolment, if the actor may read it.
pub async fn one(cx: &Cx, id: Uuid) -> Result<Option<EnrolmentRow>> {
    let scoped = cx
        .actor()?
        .scoped::<care_enrolment::Entity>(Permission::ResidentRead)
        .id(id);
    let rows = scoped.into_rows::<EnrolmentRow>(&cx.app.db, |select| {
        select_columns::<care_enrolment::Entity>(select, "");
    });
    Ok(rows.await?.pop())
}

/// Enrols a resident. Needs `ENROLMENT_EDIT` where they live.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `NO_LONGER_HERE`, `ALREADY_ENROLLED`, `OUT_OF_RANGE`,
/// `ENROLMENT_OVERLAPS`.
pub async fn enrol(cx: &Cx, new: NewEnrolment, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    actor.require(Permission::EnrolmentEdit)?;
    let write = match Write::begin(cx, Request::new("enrolResident", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let (resident, grant) = write
        .to_change::<resident::Entity>(
            cx,
            new.resident,
            Permission::EnrolmentEdit,
            Permission::ResidentRead,
        )
        .await
        .map_err(|error| error.on("residentId"))?;
    if resident.deceased_on.is_some() {
        return Err(Error::refused(Code::NoLongerHere).on("residentId"));
    }
    let today = cx.app.clock.today(SHANGHAI);
    let from_on = new.from_on.unwrap_or(today);
    rules::check_day(from_on, resident.born_on, today, "fromOn")?;
    check_free(cx, &write, resident.id, from_on).await?;
    let row = care_enrolment::ActiveModel {
        resident_id: Set(resident.id),
        area_id: Set(resident.area_id),
        grid_id: Set(resident.grid_id),
        tier: Set(new.tier),
        circumstances: Set(new.circumstances.iter().copied().collect()),
        from_on: Set(from_on),
        reason: Set(new.reason.clone()),
        ..Default::default()
    };
    let row = begin(cx, &write, &grant, row).await?;
    let changed = Changed::new(ChangeKind::CareEnrolment, row.id, Some(row.area_id));
    let act = Act {
        details: serde_json::to_string(&new).ok(),
        ..act(
            "enrolResident",
            &row,
            new.reason,
            "tier,circumstances,from_on",
        )
    };
    write.record(cx, act, changed).await?;
    let outcome = Outcome::of(row.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Refuses a second open enrolment, and days that an earlier one holds already.
async fn check_free(cx: &Cx, write: &Write, resident: Uuid, from_on: NaiveDate) -> Result<()> {
    use care_enrolment::Column as C;
    // The resident's row is held, so nobody enrols them meanwhile.
    let others = cx
        .actor()?
        .scoped::<care_enrolment::Entity>(Permission::EnrolmentEdit)
        .filter(C::ResidentId.eq(resident))
        .filter(
            Condition::any()
                .add(C::ToOn.is_null())
                .add(C::ToOn.gt(from_on)),
        )
        .all(write.tx())
        .await?;
    if others.iter().any(|row| row.to_on.is_none()) {
        Err(Error::refused(Code::AlreadyEnrolled).on("residentId"))
    } else if others.is_empty() {
        Ok(())
    } else {
        Err(Error::refused(Code::EnrolmentOverlaps).on("fromOn"))
    }
}

/// Writes an enrolment that has begun.
pub(super) async fn begin(
    cx: &Cx,
    write: &Write,
    grant: &Grant,
    mut row: care_enrolment::ActiveModel,
) -> Result<care_enrolment::Model> {
    let now = cx.app.clock.now();
    row.id = Set(cx.app.clock.new_id());
    row.version = Set(1);
    row.created_at = Set(now);
    row.updated_at = Set(now);
    scope::insert(write.tx(), grant, row)
        .await
        // Under another area's scope an open one may be out of sight: the key sees it.
        .map_err(|error| error.where_unique("resident_id", Code::AlreadyEnrolled, "residentId"))
}

/// The audit entry of a change; `fields` are the names of what changed.
pub(super) fn act(
    action: &'static str,
    row: &care_enrolment::Model,
    reason: Option<String>,
    fields: &str,
) -> Act {
    Act {
        action,
        subject_kind: "CareEnrolment",
        subject_id: row.id,
        area_id: Some(row.area_id),
        reason,
        fields: fields.to_owned(),
        details: None,
    }
}
