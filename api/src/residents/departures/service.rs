//! What a death or a move into an institution ends.

use chrono::NaiveDate;
use entity::enums::{ChangeKind, VisitOutcome};
use entity::{household, resident};
use serde::Serialize;
use uuid::Uuid;

use super::effects::{Departure, Leaving, end};
use crate::access::policy::Permission;
use crate::audit::service::Act;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::findings::propose::{Recorded, record};
use crate::households::stays::RESIDENCES;
use crate::residents::edit::{act, to_edit};
use crate::residents::enrolments::rules::check_day;
use crate::residents::moves::rehome;
use crate::write::{Begun, Outcome, Request, Write};

/// A death, as it was told.
#[derive(Clone, Debug, Serialize)]
pub struct Death {
    /// Who died.
    pub resident: Uuid,
    /// The version the actor saw.
    pub expected_version: i64,
    /// The day.
    pub on: NaiveDate,
    /// Who says so: family, hospital, police.
    pub source: String,
}

/// Somebody enters an institution.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Who.
    pub resident: Uuid,
    /// The version the actor saw.
    pub expected_version: i64,
    /// The first day there; today where absent.
    pub on: Option<NaiveDate>,
    /// What the institution is called.
    pub name: String,
    /// The household that stands for it, where there is one.
    pub household: Option<Uuid>,
}

/// Records a death. Needs `RESIDENT_EDIT` and `FINDING_CONFIRM` where they live.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `VERSION_CONFLICT`, `NO_LONGER_HERE`, `WINDOW_INVALID`
/// (before they were born), `OUT_OF_RANGE` (after today).
pub async fn record_death(cx: &Cx, death: Death, key: Option<Uuid>) -> Result<Outcome> {
    let write = match Write::begin(cx, Request::new("recordDeath", key, &death)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let row = leaver(cx, &write, death.resident, death.expected_version).await?;
    let today = cx.app.clock.today(SHANGHAI);
    check_day(death.on, row.born_on, today, "diedOn")?;
    let reason = format!("去世（{}）", death.source);
    let departure = Departure {
        leaving: Leaving::Died,
        on: death.on,
        by: Permission::ResidentEdit,
    };
    let effects = end(cx, write.tx(), &row, departure, &reason).await?;
    let recorded = Recorded {
        outcome: VisitOutcome::Deceased,
        on: death.on,
        source: death.source.clone(),
    };
    let changed = record(cx, write.tx(), &row, recorded, effects).await?;
    let act = Act {
        reason: Some(death.source.clone()),
        ..act("recordDeath", &row, "deceased_on", Some(&death))
    };
    write.record_all(cx, act, &changed).await?;
    let outcome = Outcome::of(row.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Records that somebody lives in an institution from a day on: their enrolment ends, and they live
/// in its household where that is known. Needs `RESIDENT_EDIT` and `FINDING_CONFIRM` where they
/// live, and `RESIDENT_EDIT` there.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `VERSION_CONFLICT`, `NO_LONGER_HERE`, `WINDOW_INVALID`
/// (before they came to where they live), `OUT_OF_RANGE` (after today).
pub async fn enter_institution(cx: &Cx, entry: Entry, key: Option<Uuid>) -> Result<Outcome> {
    let write = match Write::begin(cx, Request::new("enterInstitution", key, &entry)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    // The household first, as whoever moves households does.
    let home = match entry.household {
        Some(id) => Some(home(cx, &write, id).await?),
        None => None,
    };
    let row = leaver(cx, &write, entry.resident, entry.expected_version).await?;
    let today = cx.app.clock.today(SHANGHAI);
    let on = entry.on.unwrap_or(today);
    let begun = RESIDENCES.begun(write.tx(), &[row.id]).await?;
    check_day(on, begun, today, "onDate")?;
    let reason = format!("入住机构（{}）", entry.name);
    let departure = Departure {
        leaving: Leaving::Left,
        on,
        by: Permission::ResidentEdit,
    };
    let effects = end(cx, write.tx(), &row, departure, &reason).await?;
    let recorded = Recorded {
        outcome: VisitOutcome::InInstitution,
        on,
        source: entry.name.clone(),
    };
    let mut changed = record(cx, write.tx(), &row, recorded, effects).await?;
    let elsewhere = home.filter(|home| home.id != row.household_id);
    if let Some(home) = elsewhere {
        changed.retain(|one| one.kind != ChangeKind::Resident);
        let people = std::slice::from_ref(&row);
        changed.extend(rehome(cx, write.tx(), people, &home, on).await?);
    }
    let act = Act {
        reason: Some(reason),
        ..act(
            "enterInstitution",
            &row,
            "household,area,enrolment",
            Some(&entry),
        )
    };
    write.record_all(cx, act, &changed).await?;
    let outcome = Outcome::of(row.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The household that stands for an institution, held.
async fn home(cx: &Cx, write: &Write, id: Uuid) -> Result<household::Model> {
    let (home, _) = write
        .to_change::<household::Entity>(cx, id, Permission::ResidentEdit, Permission::HouseholdRead)
        .await
        .map_err(|error| error.on("householdId"))?;
    if home.closed_on.is_some() {
        return Err(Error::refused(Code::NoLongerHere).on("householdId"));
    }
    Ok(home)
}

/// The living person an act is about, held, at the version the actor saw.
async fn leaver(cx: &Cx, write: &Write, id: Uuid, expected: i64) -> Result<resident::Model> {
    let actor = cx.actor()?;
    actor.require(Permission::FindingConfirm)?;
    let row = to_edit(cx, write, id, expected).await?;
    let confirmable = actor.scoped::<resident::Entity>(Permission::FindingConfirm);
    if confirmable
        .id(id)
        .one_to_change(write.tx())
        .await?
        .is_none()
    {
        return Err(Error::refused(Code::NotPermitted).on("residentId"));
    }
    if row.deceased_on.is_some() {
        return Err(Error::refused(Code::NoLongerHere).on("residentId"));
    }
    Ok(row)
}
