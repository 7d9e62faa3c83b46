//! Households split, merge and close.

use chrono::NaiveDate;
use entity::enums::ChangeKind;
use entity::{household, resident, visit_task};
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _};
use serde::Serialize;
use uuid::Uuid;

use super::edit::{act, place};
use super::moves::{building, to_edit};
use super::stays::{PLACES, RESIDENCES};
use crate::access::policy::Permission;
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::residents::enrolments::rules::check_day;
use crate::residents::moves::rehome;
use crate::visits;
use crate::wishes;
use crate::write::{Begun, Outcome, Request, Write, id_of_new};

/// Who leaves a household for one of their own.
#[derive(Clone, Debug, Serialize)]
pub struct Split {
    /// The household they leave.
    pub household: Uuid,
    /// The version of it that the actor saw.
    pub expected_version: i64,
    /// Who leaves.
    pub residents: Vec<Uuid>,
    /// The id the phone chose for the new household.
    pub id: Option<Uuid>,
    /// Its building; the old one's where absent.
    pub area: Option<Uuid>,
    /// Its unit; empty where there is none.
    pub unit: String,
    /// Its room.
    pub room: String,
    /// The first day; today where absent.
    pub on: Option<NaiveDate>,
}

/// Which household is dissolved into which.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Merger {
    /// The one that ends.
    pub from: Uuid,
    /// The version of it that the actor saw.
    pub expected_version: i64,
    /// The one its people go to.
    pub into: Uuid,
    /// The first day; today where absent.
    pub on: Option<NaiveDate>,
}

/// Which household ends.
#[derive(Clone, Debug, Serialize)]
pub struct Closing {
    /// The household.
    pub household: Uuid,
    /// The version that the actor saw.
    pub expected_version: i64,
    /// The first day without it; today where absent.
    pub on: Option<NaiveDate>,
    /// Why.
    pub reason: String,
}

/// Makes a household of some people of another. Needs `HOUSEHOLD_EDIT` at both places. The outcome
/// is the new one.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `NO_LONGER_HERE`, `VERSION_CONFLICT`, `AREA_UNFIT`,
/// `RESIDENT_ELSEWHERE`, `EVERYBODY_LEAVES`, `HOUSEHOLD_EXISTS`, `WINDOW_INVALID`, `OUT_OF_RANGE`,
/// `UUID_INVALID`, `ID_TAKEN`.
pub async fn split(cx: &Cx, split: Split, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    actor.require(Permission::HouseholdEdit)?;
    let write = match Write::begin(cx, Request::new("splitHousehold", key, &split)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let id = id_of_new(cx, split.id)?;
    let old = to_edit(cx, &write, split.household, "householdId").await?;
    let mut wanted = split.residents.clone();
    wanted.sort_unstable();
    wanted.dedup();
    // Looked for while the old household is held: the same split at once has it waited for.
    let known = actor
        .scoped::<household::Entity>(Permission::HouseholdEdit)
        .id(id)
        .one(write.tx())
        .await?;
    if let Some(known) = known {
        let is_same = is_split(cx, &write, &known, (&split, &wanted, old.area_id)).await?;
        return write.made_before(id, is_same).await;
    }
    if old.version != split.expected_version {
        return Err(Error::Conflict(old.id));
    }
    let (building, grant) = building(cx, &write, split.area.unwrap_or(old.area_id)).await?;
    let (leaving, staying): (Vec<_>, Vec<_>) = living(cx, &write, old.id)
        .await?
        .into_iter()
        .partition(|person| wanted.binary_search(&person.id).is_ok());
    if leaving.len() < wanted.len() || wanted.is_empty() {
        return Err(Error::refused(Code::ResidentElsewhere).on("residentIds"));
    }
    if staying.is_empty() {
        return Err(Error::refused(Code::EverybodyLeaves).on("residentIds"));
    }
    let (on, now) = (
        day(cx, &write, split.on, &leaving, &[]).await?,
        cx.app.clock.now(),
    );
    let row = household::ActiveModel {
        id: Set(id),
        area_id: Set(building.id),
        grid_id: Set(building.parent_id.unwrap_or(building.id)),
        unit: Set(split.unit),
        room: Set(split.room),
        is_center: Set(false),
        closed_on: Set(None),
        merged_into_id: Set(None),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    // Households before who lives in them: the order of an import's merge.
    let touched = touch(cx, &write, &old, |_| {}).await?;
    let Some(new) = place(cx, write.tx(), &grant, row, on).await? else {
        return write.made_before(id, false).await;
    };
    let (kind, place) = (ChangeKind::Household, Some(new.area_id));
    let mut changed = vec![touched, Changed::new(kind, new.id, place)];
    changed.extend(rehome(cx, write.tx(), &leaving, &new, on).await?);
    let act = Act {
        details: serde_json::to_string(&(old.id, wanted)).ok(),
        ..act("splitHousehold", &new, "residents,area,unit,room")
    };
    write.record_all(cx, act, &changed).await?;
    let outcome = Outcome::of(new.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Whether a household is what this split made: its door, and everybody who left is there.
async fn is_split(
    cx: &Cx,
    write: &Write,
    known: &household::Model,
    (split, wanted, old_area): (&Split, &[Uuid], Uuid),
) -> Result<bool> {
    if known.area_id != split.area.unwrap_or(old_area)
        || (&known.unit, &known.room) != (&split.unit, &split.room)
    {
        return Ok(false);
    }
    let mut there: Vec<Uuid> = living(cx, write, known.id)
        .await?
        .iter()
        .map(|person| person.id)
        .collect();
    there.sort_unstable();
    Ok(there == wanted)
}

/// Dissolves a household into another: its people and what visits it still has go there. Needs
/// `HOUSEHOLD_EDIT` at both. The outcome is the one that stays.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `NO_LONGER_HERE`, `VERSION_CONFLICT`, `HOUSEHOLD_UNFIT`,
/// `WINDOW_INVALID`, `OUT_OF_RANGE`.
pub async fn merge(cx: &Cx, merger: Merger, key: Option<Uuid>) -> Result<Outcome> {
    cx.actor()?.require(Permission::HouseholdEdit)?;
    let write = match Write::begin(cx, Request::new("mergeHouseholds", key, &merger)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    if merger.from == merger.into {
        return Err(Error::refused(Code::HouseholdUnfit).on("intoHouseholdId"));
    }
    // In the order of their keys: two mergers that cross never wait for each other.
    let mut both = [
        (merger.from, "fromHouseholdId"),
        (merger.into, "intoHouseholdId"),
    ];
    both.sort_unstable();
    let first = to_edit(cx, &write, both[0].0, both[0].1).await?;
    let second = to_edit(cx, &write, both[1].0, both[1].1).await?;
    let (from, into) = if first.id == merger.from {
        (first, second)
    } else {
        (second, first)
    };
    if from.version != merger.expected_version {
        return Err(Error::Conflict(from.id));
    }
    let people = living(cx, &write, from.id).await?;
    let on = day(cx, &write, merger.on, &people, &[from.id]).await?;
    let tx = write.tx();
    // Households before who lives in them: the order of an import's merge.
    let ended = touch(cx, &write, &from, |update| {
        update
            .value(household::Column::ClosedOn, on)
            .value(household::Column::MergedIntoId, into.id);
    });
    let mut changed = vec![ended.await?, touch(cx, &write, &into, |_| {}).await?];
    PLACES.end(tx, &[from.id], on).await?;
    changed.extend(rehome(cx, tx, &people, &into, on).await?);
    changed.extend(visits::moves::hand_over(cx, tx, &from, &into).await?);
    changed.extend(wishes::homes::hand_over(cx, tx, &from, &into).await?);
    let act = Act {
        details: serde_json::to_string(&(from.id, on)).ok(),
        ..act("mergeHouseholds", &into, "residents,closed_on,merged_into")
    };
    write.record_all(cx, act, &changed).await?;
    let outcome = Outcome::of(into.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Closes a household in which nobody lives any more; visits still to be made to it are called off, and its
/// wishes withdrawn.
/// Needs `HOUSEHOLD_EDIT` where it is.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `NO_LONGER_HERE`, `VERSION_CONFLICT`,
/// `HOUSEHOLD_OCCUPIED`, `WINDOW_INVALID`, `OUT_OF_RANGE`.
pub async fn close(cx: &Cx, closing: Closing, key: Option<Uuid>) -> Result<Outcome> {
    cx.actor()?.require(Permission::HouseholdEdit)?;
    let write = match Write::begin(cx, Request::new("closeHousehold", key, &closing)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let row = to_edit(cx, &write, closing.household, "householdId").await?;
    if row.version != closing.expected_version {
        return Err(Error::Conflict(row.id));
    }
    if !living(cx, &write, row.id).await?.is_empty() {
        return Err(Error::refused(Code::HouseholdOccupied).on("householdId"));
    }
    let on = day(cx, &write, closing.on, &[], &[row.id]).await?;
    let here = Condition::all().add(visit_task::Column::HouseholdId.eq(row.id));
    let ended = touch(cx, &write, &row, |update| {
        update.value(household::Column::ClosedOn, on);
    });
    let mut changed = vec![ended.await?];
    let visits = (Permission::ResidentEdit, here);
    changed.extend(visits::moves::call_off(cx, write.tx(), visits, &closing.reason).await?);
    let wishes = (row.id, closing.reason.as_str());
    changed.extend(wishes::homes::withdraw_all(cx, write.tx(), wishes).await?);
    PLACES.end(write.tx(), &[row.id], on).await?;
    let act = Act {
        reason: Some(closing.reason),
        ..act("closeHousehold", &row, "closed_on")
    };
    write.record_all(cx, act, &changed).await?;
    let outcome = Outcome::of(row.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Opens a household that is held again, if it was closed: somebody lives there after all. Needs
/// `HOUSEHOLD_EDIT` where it was.
///
/// Refused: `NOT_PERMITTED`, `NO_LONGER_HERE` (it is part of another by now), `HOUSEHOLD_EXISTS` (another
/// lives behind its door).
pub async fn reopen(cx: &Cx, tx: &Tx, row: &household::Model) -> Result<Option<Changed>> {
    use household::Column as C;
    if row.closed_on.is_none() {
        return Ok(None);
    }
    if row.merged_into_id.is_some() {
        return Err(Error::refused(Code::NoLongerHere));
    }
    let opened = cx
        .actor()?
        .scoped::<household::Entity>(Permission::HouseholdEdit)
        .id(row.id)
        .update(tx, |update| {
            update
                .value(C::ClosedOn, Option::<NaiveDate>::None)
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
        })
        .await
        .map_err(|error| error.where_unique("room", Code::HouseholdExists, "room"))?;
    if opened.is_empty() {
        return Err(Error::refused(Code::NotPermitted));
    }
    PLACES.reopen(tx, row.id).await?;
    let kind = ChangeKind::Household;
    Ok(Some(Changed::in_place(kind, row.id, Some(row.area_id))))
}

/// The living people of a household that is held, held too.
async fn living(cx: &Cx, write: &Write, household: Uuid) -> Result<Vec<resident::Model>> {
    use resident::Column as C;
    cx.actor()?
        .scoped::<resident::Entity>(Permission::ResidentEdit)
        .filter(C::HouseholdId.eq(household))
        .filter(C::DeceasedOn.is_null())
        .all_to_change(write.tx())
        .await
}

/// The first day of a change: not after today, and not before these people and homes came to where
/// they are.
async fn day(
    cx: &Cx,
    write: &Write,
    on: Option<NaiveDate>,
    people: &[resident::Model],
    homes: &[Uuid],
) -> Result<NaiveDate> {
    let today = cx.app.clock.today(SHANGHAI);
    let on = on.unwrap_or(today);
    let people: Vec<Uuid> = people.iter().map(|person| person.id).collect();
    let came = RESIDENCES.begun(write.tx(), &people).await?;
    let was = PLACES.begun(write.tx(), homes).await?;
    check_day(on, Ord::max(came, was), today, "onDate")?;
    Ok(on)
}

/// Raises the version of a household that is held, with what else changes of it.
async fn touch(
    cx: &Cx,
    write: &Write,
    row: &household::Model,
    change: impl FnOnce(&mut sea_orm::sea_query::UpdateStatement),
) -> Result<Changed> {
    use household::Column as C;
    cx.actor()?
        .scoped::<household::Entity>(Permission::HouseholdEdit)
        .id(row.id)
        .filter(C::Version.eq(row.version))
        .update(write.tx(), |update| {
            update
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
            change(update);
        })
        .await?
        .pop()
        .ok_or(Error::Conflict(row.id))?;
    let kind = ChangeKind::Household;
    Ok(Changed::in_place(kind, row.id, Some(row.area_id)))
}
