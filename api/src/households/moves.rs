//! Households move: their people, the enrolments, the visits still to be made and their wishes follow.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use entity::enums::{AreaKind, ChangeKind};
use entity::{area, care_enrolment, household, resident};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SelectStatement};
use serde::Serialize;
use uuid::Uuid;

use super::edit::act;
use super::stays::PLACES;
use crate::access::policy::Permission;
use crate::access::scope::{Grant, copied};
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::escalations;
use crate::findings;
use crate::residents::enrolments::rules::check_day;
use crate::visits;
use crate::wishes;
use crate::write::{Begun, Outcome, Request, Write};

/// Which household moves, and where to.
#[derive(Clone, Debug, Serialize)]
pub struct Move {
    /// The household.
    pub household: Uuid,
    /// The version the actor saw.
    pub expected_version: i64,
    /// The building.
    pub area: Uuid,
    /// The unit there; as before where absent.
    pub unit: Option<String>,
    /// The room there; as before where absent.
    pub room: Option<String>,
    /// The first day there; today where absent.
    pub on: Option<NaiveDate>,
}

/// Moves a household with its people from a day on. Needs `HOUSEHOLD_EDIT` at both ends.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `NO_LONGER_HERE`, `VERSION_CONFLICT`, `AREA_UNFIT`,
/// `HOUSEHOLD_EXISTS`, `WINDOW_INVALID` (before it came to where it is), `OUT_OF_RANGE` (after today).
pub async fn relocate(cx: &Cx, the_move: Move, key: Option<Uuid>) -> Result<Outcome> {
    use household::Column as C;
    let actor = cx.actor()?;
    actor.require(Permission::HouseholdEdit)?;
    let write = match Write::begin(cx, Request::new("moveHousehold", key, &the_move)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let today = cx.app.clock.today(SHANGHAI);
    let row = to_edit(cx, &write, the_move.household, "householdId").await?;
    let (building, _) = building(cx, &write, the_move.area).await?;
    if row.version != the_move.expected_version {
        return Err(Error::Conflict(row.id));
    }
    let outcome = Outcome::of(row.id);
    let unit = the_move.unit.clone().unwrap_or_else(|| row.unit.clone());
    let room = the_move.room.clone().unwrap_or_else(|| row.room.clone());
    if (building.id, &unit, &room) == (row.area_id, &row.unit, &row.room) {
        write.commit(&outcome).await?;
        return Ok(outcome);
    }
    let on = the_move.on.unwrap_or(today);
    let begun = PLACES.begun(write.tx(), &[row.id]).await?;
    check_day(on, begun, today, "onDate")?;
    actor
        .scoped::<household::Entity>(Permission::HouseholdEdit)
        .id(row.id)
        .filter(C::Version.eq(row.version))
        .update(write.tx(), |update| {
            update
                .value(C::AreaId, building.id)
                .value(C::GridId, building.parent_id.unwrap_or(building.id))
                .value(C::Unit, unit)
                .value(C::Room, room)
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
        })
        .await
        .map_err(|error| error.where_unique("room", Code::HouseholdExists, "room"))?
        .pop()
        .ok_or(Error::Conflict(row.id))?;
    let changed = follow(cx, write.tx(), &[(row.clone(), building.id)], on).await?;
    let act = Act {
        details: serde_json::to_string(&(row.area_id, &the_move)).ok(),
        ..act("moveHousehold", &row, "area,unit,room")
    };
    write.record_all(cx, act, &changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The building to move to, held: it is there, in use, and the actor's.
pub(super) async fn building(cx: &Cx, write: &Write, id: Uuid) -> Result<(area::Model, Grant)> {
    let (building, grant) = write
        .to_refer_to::<area::Entity>(cx, id, Permission::HouseholdEdit, Permission::AreaRead)
        .await
        .map_err(|error| error.on("areaId"))?;
    if building.kind != AreaKind::Building || building.retired_on.is_some() {
        return Err(Error::refused(Code::AreaUnfit).on("areaId"));
    }
    Ok((building, grant))
}

/// A household to change, held: `NO_LONGER_HERE` if it is closed.
pub(super) async fn to_edit(
    cx: &Cx,
    write: &Write,
    id: Uuid,
    field: &'static str,
) -> Result<household::Model> {
    let (row, _) = write
        .to_change::<household::Entity>(
            cx,
            id,
            Permission::HouseholdEdit,
            Permission::HouseholdRead,
        )
        .await
        .map_err(|error| error.on(field))?;
    if row.closed_on.is_some() {
        return Err(Error::refused(Code::NoLongerHere).on(field));
    }
    Ok(row)
}

/// Lets everything follow households whose own rows already say where they are: their intervals
/// from `on`, the people, their open enrolments, what climbs or waits for a decision about them, and the
/// visits still to be made.
///
/// `homes` are their rows before, held by this transaction, each with its building now. The number
/// of statements does not grow with them. Returns what is to be announced, the households included.
pub async fn follow(
    cx: &Cx,
    tx: &Tx,
    homes: &[(household::Model, Uuid)],
    on: NaiveDate,
) -> Result<Vec<Changed>> {
    let before: BTreeMap<Uuid, Uuid> = homes.iter().map(|(row, _)| (row.id, row.area_id)).collect();
    let mut changed: Vec<Changed> = homes
        .iter()
        .map(|(row, area)| Changed {
            kind: ChangeKind::Household,
            id: row.id,
            area_before: Some(row.area_id),
            area_after: Some(*area),
        })
        .collect();
    let elsewhere = homes.iter().filter(|(row, area)| row.area_id != *area);
    let stays: Vec<(Uuid, Uuid)> = elsewhere.map(|(row, area)| (row.id, *area)).collect();
    if stays.is_empty() {
        // Another door of the same building: nothing else knows it.
        return Ok(changed);
    }
    PLACES.follow(cx, tx, &stays, on).await?;
    let people = people_follow(cx, tx, &before).await?;
    let homes_of: HashMap<Uuid, Uuid> = people.iter().map(|p| (p.id, p.household_id)).collect();
    let enrolments = enrolments_follow(cx, tx, &before).await?;
    let moved = |kind, id, resident: &Uuid, area| Changed {
        kind,
        id,
        area_before: homes_of
            .get(resident)
            .and_then(|home| before.get(home))
            .copied(),
        area_after: Some(area),
    };
    changed.extend(
        people
            .iter()
            .map(|row| moved(ChangeKind::Resident, row.id, &row.id, row.area_id)),
    );
    changed.extend(enrolments.iter().map(|row| {
        moved(
            ChangeKind::CareEnrolment,
            row.id,
            &row.resident_id,
            row.area_id,
        )
    }));
    let late = escalations::moves::follow(cx, tx, &people).await?;
    let escalation = ChangeKind::Escalation;
    changed.extend(
        late.iter()
            .map(|row| moved(escalation, row.id, &row.resident_id, row.area_id)),
    );
    let found = findings::moves::follow(cx, tx, &people).await?;
    let finding = ChangeKind::Finding;
    changed.extend(
        found
            .iter()
            .map(|row| moved(finding, row.id, &row.resident_id, row.area_id)),
    );
    changed.extend(visits::moves::follow_households(cx, tx, &before).await?);
    changed.extend(wishes::homes::follow_households(cx, tx, &before).await?);
    Ok(changed)
}

/// The people of these households take their place.
async fn people_follow(
    cx: &Cx,
    tx: &Tx,
    homes: &BTreeMap<Uuid, Uuid>,
) -> Result<Vec<resident::Model>> {
    use resident::Column as R;
    let place = |column| {
        copied::<household::Entity, resident::Entity>(column, household::Column::Id, R::HouseholdId)
    };
    cx.actor()?
        .scoped::<resident::Entity>(Permission::ResidentEdit)
        .filter(R::HouseholdId.is_in(homes.keys().copied()))
        .update(tx, |update| {
            update
                .value(R::AreaId, place(household::Column::AreaId))
                .value(R::GridId, place(household::Column::GridId))
                .value(R::Version, Expr::col(R::Version).add(1))
                .value(R::UpdatedAt, cx.app.clock.now());
        })
        .await
}

/// The open enrolments of these households' people take the place of their persons.
async fn enrolments_follow(
    cx: &Cx,
    tx: &Tx,
    homes: &BTreeMap<Uuid, Uuid>,
) -> Result<Vec<care_enrolment::Model>> {
    use care_enrolment::Column as E;
    let place = |column| {
        copied::<resident::Entity, care_enrolment::Entity>(
            column,
            resident::Column::Id,
            E::ResidentId,
        )
    };
    cx.actor()?
        .scoped::<care_enrolment::Entity>(Permission::ResidentEdit)
        .filter(E::ToOn.is_null())
        .filter(E::ResidentId.in_subquery(people_of(homes.keys().copied())))
        .update(tx, |update| {
            update
                .value(E::AreaId, place(resident::Column::AreaId))
                .value(E::GridId, place(resident::Column::GridId))
                .value(E::Version, Expr::col(E::Version).add(1))
                .value(E::UpdatedAt, cx.app.clock.now());
        })
        .await
}

/// The keys of the people of these households.
fn people_of(homes: impl IntoIterator<Item = Uuid>) -> SelectStatement {
    Query::select()
        .column(resident::Column::Id)
        .from(resident::Entity)
        .and_where(resident::Column::HouseholdId.is_in(homes))
        .to_owned()
}
