//! Residents move to another household: their stay, their enrolment and their visits go along.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::enums::ChangeKind;
use entity::{care_enrolment, household, resident};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use serde::Serialize;
use uuid::Uuid;

use super::edit::{act, to_edit};
use super::enrolments::rules::check_day;
use crate::access::policy::Permission;
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::escalations;
use crate::findings;
use crate::households::stays::RESIDENCES;
use crate::visits;
use crate::write::{Begun, Outcome, Request, Write};

/// Who moves, and where to.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Move {
    /// The resident.
    pub resident: Uuid,
    /// The version the actor saw.
    pub expected_version: i64,
    /// The household they live in from then on.
    pub household: Uuid,
    /// The first day there; today where absent.
    pub on: Option<NaiveDate>,
}

/// Moves a resident to another household from a day on. Needs `RESIDENT_EDIT` at both.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `NO_LONGER_HERE`, `VERSION_CONFLICT`, `WINDOW_INVALID`
/// (before they came to where they live), `OUT_OF_RANGE` (after today).
pub async fn relocate(cx: &Cx, the_move: Move, key: Option<Uuid>) -> Result<Outcome> {
    cx.actor()?.require(Permission::ResidentEdit)?;
    let write = match Write::begin(cx, Request::new("moveResident", key, &the_move)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    // The household first, as whoever moves households does: so the two never wait for each other.
    let (home, _) = write
        .to_change::<household::Entity>(
            cx,
            the_move.household,
            Permission::ResidentEdit,
            Permission::HouseholdRead,
        )
        .await
        .map_err(|error| error.on("householdId"))?;
    let row = to_edit(cx, &write, the_move.resident, the_move.expected_version).await?;
    let outcome = Outcome::of(row.id);
    if row.household_id == home.id {
        write.commit(&outcome).await?;
        return Ok(outcome);
    }
    if row.deceased_on.is_some() {
        return Err(Error::refused(Code::NoLongerHere).on("residentId"));
    }
    if home.closed_on.is_some() {
        return Err(Error::refused(Code::NoLongerHere).on("householdId"));
    }
    let today = cx.app.clock.today(SHANGHAI);
    let on = the_move.on.unwrap_or(today);
    let begun = RESIDENCES.begun(write.tx(), &[row.id]).await?;
    check_day(on, begun, today, "onDate")?;
    let act = act("moveResident", &row, "household,area", Some(&the_move));
    let changed = rehome(cx, write.tx(), &[row], &home, on).await?;
    write.record_all(cx, act, &changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Writes that people, held by this transaction, live in `home` from `on`: the current columns, the
/// intervals, their open enrolments, what climbs or waits for a decision about them, and the visits still
/// to be made to them.
pub async fn rehome(
    cx: &Cx,
    tx: &Tx,
    people: &[resident::Model],
    home: &household::Model,
    on: NaiveDate,
) -> Result<Vec<Changed>> {
    use care_enrolment::Column as E;
    use resident::Column as R;
    let (actor, now) = (cx.actor()?, cx.app.clock.now());
    let before: HashMap<Uuid, Uuid> = people.iter().map(|row| (row.id, row.area_id)).collect();
    let ids: Vec<Uuid> = before.keys().copied().collect();
    let moved = actor
        .scoped::<resident::Entity>(Permission::ResidentEdit)
        .ids(&ids)
        .update(tx, |update| {
            update
                .value(R::HouseholdId, home.id)
                .value(R::AreaId, home.area_id)
                .value(R::GridId, home.grid_id)
                .value(R::Version, Expr::col(R::Version).add(1))
                .value(R::UpdatedAt, now);
        })
        .await?;
    if moved.len() < people.len() {
        return Err(Error::internal("a person who was held is gone"));
    }
    let stays: Vec<_> = ids.iter().map(|id| (*id, home.id)).collect();
    RESIDENCES.follow(cx, tx, &stays, on).await?;
    let enrolments = actor
        .scoped::<care_enrolment::Entity>(Permission::ResidentEdit)
        .filter(E::ResidentId.is_in(ids))
        .filter(E::ToOn.is_null())
        .update(tx, |update| {
            update
                .value(E::AreaId, home.area_id)
                .value(E::GridId, home.grid_id)
                .value(E::Version, Expr::col(E::Version).add(1))
                .value(E::UpdatedAt, now);
        })
        .await?;
    let changed = |kind, id, resident: &Uuid| Changed {
        kind,
        id,
        area_before: before.get(resident).copied(),
        area_after: Some(home.area_id),
    };
    let mut all: Vec<Changed> = moved
        .iter()
        .map(|row| changed(ChangeKind::Resident, row.id, &row.id))
        .collect();
    all.extend(
        enrolments
            .iter()
            .map(|row| changed(ChangeKind::CareEnrolment, row.id, &row.resident_id)),
    );
    let late = escalations::moves::follow(cx, tx, &moved).await?;
    all.extend(
        late.iter()
            .map(|row| changed(ChangeKind::Escalation, row.id, &row.resident_id)),
    );
    let found = findings::moves::follow(cx, tx, &moved).await?;
    all.extend(
        found
            .iter()
            .map(|row| changed(ChangeKind::Finding, row.id, &row.resident_id)),
    );
    all.extend(visits::moves::follow_people(cx, tx, people, home).await?);
    Ok(all)
}
