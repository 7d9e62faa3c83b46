//! Many households move at once, and areas retire: one audited act, set by set.
//!
//! An area with history is never hung elsewhere. A building that comes to another grid is retired
//! and goes on there as a new area, its successor; its households are moved to that from the same
//! day, so that what was counted before stays where it was.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use entity::enums::AreaKind;
use entity::{area, household};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::Condition;
use serde::Serialize;
use uuid::Uuid;

use super::carry::carry;
use super::edit::act;
use super::rules;
use crate::access::policy::Permission;
use crate::access::sessions::{Epoch, announce};
use crate::audit::service::Act;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

/// Where the households of a building go.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Way {
    /// The building.
    pub from: Uuid,
    /// A building, or a grid in which the building goes on as a new area.
    pub to: Uuid,
}

/// Which households move, and where to.
#[derive(Clone, Debug, Serialize)]
pub struct Selection {
    /// The input field that names the buildings.
    pub field: &'static str,
    /// Building by building.
    pub ways: Vec<Way>,
    /// Only these of their households; all of them where absent.
    pub homes: Option<Vec<Uuid>>,
}

/// How an act on many is called.
#[derive(Clone, Debug, Serialize)]
pub struct Terms {
    /// The first day at the new place; today where absent.
    pub on: Option<NaiveDate>,
    /// How many households the actor expects to move, from the preview.
    pub expected: Option<u64>,
    /// Why.
    pub reason: String,
}

/// A way whose ends were found to fit.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    /// The building.
    pub from: area::Model,
    /// A building, or the grid in which `from` goes on.
    pub to: area::Model,
}

impl Leg {
    /// Whether the building is retired by it.
    pub fn retires(&self) -> bool {
        self.to.kind == AreaKind::Grid
    }
}

/// Moves the households of buildings, whole or in part, to other buildings or grids. Needs
/// `AREA_EDIT` at both ends. The outcome names the buildings they live in now.
///
/// Refused: `NOT_FOUND`, `AREA_UNFIT`, `OUT_OF_RANGE`, `PREVIEW_OUTDATED`, `HOUSEHOLD_EXISTS`,
/// `REQUIRED`.
pub async fn move_households(
    cx: &Cx,
    selection: Selection,
    terms: Terms,
    key: Option<Uuid>,
) -> Result<Outcome> {
    cx.actor()?.require(Permission::AreaEdit)?;
    let request = Request::new("moveHouseholds", key, &(&selection, &terms));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    announce(write.tx(), Epoch::Areas).await?;
    let rows = held(cx, write.tx(), &selection.ways).await?;
    let legs = legs(&rows, &selection)?;
    let on = day(cx, terms.on)?;
    let carried = carry(cx, write.tx(), &legs, &selection, on).await?;
    check_expected(&terms, carried.households)?;
    let outcome = Outcome {
        ids: carried.targets,
        ..Outcome::default()
    };
    let act = Act {
        reason: Some(terms.reason.clone()),
        details: serde_json::to_string(&(&selection, &terms, carried.households)).ok(),
        ..act(
            "moveHouseholds",
            outcome.id()?,
            "households,retired_on,successors",
        )
    };
    write.record_all(cx, act, &carried.changed).await?;
    write.commit(&outcome).await?;
    cx.app.sessions.see(&cx.app.db, &cx.app.clock).await;
    Ok(outcome)
}

/// The day of an act on many: not after today, and not long ago.
pub(super) fn day(cx: &Cx, on: Option<NaiveDate>) -> Result<NaiveDate> {
    let today = cx.app.clock.today(SHANGHAI);
    let on = on.unwrap_or(today);
    rules::check_on(on, today)?;
    Ok(on)
}

pub(super) fn check_expected(terms: &Terms, households: usize) -> Result<()> {
    match terms.expected {
        Some(expected) if usize::try_from(expected) != Ok(households) => {
            Err(Error::refused(Code::PreviewOutdated).on("expectedHouseholds"))
        }
        _ => Ok(()),
    }
}

/// Every area that these ways name, held by this transaction.
pub(super) async fn held(cx: &Cx, tx: &Tx, ways: &[Way]) -> Result<HashMap<Uuid, area::Model>> {
    let rows = cx
        .actor()?
        .scoped::<area::Entity>(Permission::AreaEdit)
        .ids(&named(ways))
        .all_to_change(tx)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The areas that these ways name.
pub(super) fn named(ways: &[Way]) -> Vec<Uuid> {
    let ids: BTreeSet<Uuid> = ways.iter().flat_map(|way| [way.from, way.to]).collect();
    ids.into_iter().collect()
}

/// The ways with the areas at their ends, refused where those do not fit.
pub(super) fn legs(rows: &HashMap<Uuid, area::Model>, selection: &Selection) -> Result<Vec<Leg>> {
    let Selection { field, ways, homes } = selection;
    if ways.is_empty() {
        return Err(Error::refused(Code::Required).on(field));
    }
    let froms: BTreeSet<Uuid> = ways.iter().map(|way| way.from).collect();
    let legs = ways.iter().map(|way| {
        let find = |id| {
            rows.get(id)
                .cloned()
                .ok_or_else(|| Error::refused(Code::NotFound).on(field))
        };
        let leg = Leg {
            from: find(&way.from)?,
            to: find(&way.to)?,
        };
        let in_use = leg.from.retired_on.is_none() && leg.to.retired_on.is_none();
        let fits = match leg.to.kind {
            AreaKind::Building => !froms.contains(&leg.to.id),
            // A building goes on elsewhere as a whole.
            AreaKind::Grid => leg.from.parent_id != Some(leg.to.id) && homes.is_none(),
            AreaKind::District | AreaKind::Street | AreaKind::Community | AreaKind::Compound => {
                false
            }
        };
        if in_use && fits && leg.from.kind == AreaKind::Building {
            Ok(leg)
        } else {
            Err(Error::refused(Code::AreaUnfit).on(field))
        }
    });
    let legs = legs.collect::<Result<Vec<_>>>()?;
    if froms.len() < legs.len() {
        return Err(Error::refused(Code::AreaUnfit).on(field));
    }
    Ok(legs)
}

/// Which households a selection means.
pub(super) fn selected(selection: &Selection) -> Condition {
    use household::Column as C;
    let froms = selection.ways.iter().map(|way| way.from);
    let mut condition = Condition::all()
        .add(C::AreaId.is_in(froms))
        .add(C::ClosedOn.is_null());
    if let Some(homes) = &selection.homes {
        condition = condition.add(C::Id.is_in(homes.iter().copied()));
    }
    condition
}
