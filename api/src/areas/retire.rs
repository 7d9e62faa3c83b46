//! A grid or a building is retired; others take over.

use std::collections::{BTreeMap, HashMap};

use entity::area;
use entity::enums::{AreaKind, ChangeKind};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use serde::Serialize;
use uuid::Uuid;

use super::carry::{Carried, carry, retire, succeed};
use super::edit::act;
use super::redraw::{Selection, Terms, Way, check_expected, day, held, legs};
use crate::access::policy::Permission;
use crate::access::sessions::{Epoch, announce};
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::{Handle, Tx};
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

/// Which area is retired, and what takes over.
#[derive(Clone, Debug, Serialize)]
pub struct Retirement {
    /// A grid or a building.
    pub area: Uuid,
    /// Grids for a grid; a building or a grid for a building. Each once.
    pub successors: Vec<Uuid>,
    /// Where buildings of the grid go, where there is a choice.
    pub buildings: Vec<Way>,
}

/// Retires a grid or a building: its households, with everything that hangs on them, go to its
/// successors from that day. Needs `AREA_EDIT` at all of them.
///
/// Roles granted at the area stay, and cover nothing new.
/// Refused: `NOT_FOUND`, `AREA_UNFIT`, `REQUIRED`, `OUT_OF_RANGE`, `PREVIEW_OUTDATED`,
/// `HOUSEHOLD_EXISTS`.
pub async fn retire_area(
    cx: &Cx,
    retirement: Retirement,
    terms: Terms,
    key: Option<Uuid>,
) -> Result<Outcome> {
    cx.actor()?.require(Permission::AreaEdit)?;
    let request = Request::new("retireArea", key, &(&retirement, &terms));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let tx = write.tx();
    announce(tx, Epoch::Areas).await?;
    let mut rows = held(cx, tx, &ends(&retirement)).await?;
    let area = rows
        .get(&retirement.area)
        .cloned()
        .ok_or_else(|| Error::refused(Code::NotFound).on("areaId"))?;
    // The grid is held: no building is added to it meanwhile.
    let selection = selection(cx, tx, &area, &retirement).await?;
    rows.extend(held(cx, tx, &selection.ways).await?);
    check_successors(&area, &rows, &retirement)?;
    let on = day(cx, terms.on)?;
    let mut carried = if selection.ways.is_empty() {
        Carried::default()
    } else {
        let legs = legs(&rows, &selection)?;
        carry(cx, tx, &legs, &selection, on).await?
    };
    check_expected(&terms, carried.households)?;
    carried
        .changed
        .extend(end(cx, tx, &area, (&retirement, &rows), on).await?);
    let outcome = Outcome::of(area.id);
    let act = Act {
        reason: Some(terms.reason.clone()),
        details: serde_json::to_string(&(&retirement, &terms, carried.households)).ok(),
        ..act("retireArea", area.id, "retired_on,successors,households")
    };
    write.record_all(cx, act, &carried.changed).await?;
    write.commit(&outcome).await?;
    cx.app.sessions.see(&cx.app.db, &cx.app.clock).await;
    Ok(outcome)
}

/// The area and what is to take over, as ways.
pub(super) fn ends(retirement: &Retirement) -> Vec<Way> {
    let from = retirement.area;
    let successors = retirement.successors.iter().map(|to| Way { from, to: *to });
    successors.chain(retirement.buildings.clone()).collect()
}

/// Which buildings' households go where when `area` is retired.
pub(super) async fn selection(
    cx: &Cx,
    handle: &impl Handle,
    area: &area::Model,
    retirement: &Retirement,
) -> Result<Selection> {
    if area.retired_on.is_some() {
        return Err(Error::refused(Code::AreaUnfit).on("areaId"));
    }
    let Some(first) = retirement.successors.first() else {
        return Err(Error::refused(Code::Required).on("successorIds"));
    };
    let only = (retirement.successors.len() == 1).then_some(*first);
    let ways = match (area.kind, only) {
        (AreaKind::Building, Some(to)) => vec![Way { from: area.id, to }],
        (AreaKind::Grid, _) => {
            let chosen: BTreeMap<Uuid, Uuid> = retirement
                .buildings
                .iter()
                .map(|way| (way.from, way.to))
                .collect();
            let buildings = buildings(cx, handle, area.id).await?;
            if chosen.keys().any(|from| !buildings.contains(from)) {
                return Err(Error::refused(Code::NotFound).on("buildings"));
            }
            let way = |from: Uuid| {
                let to = chosen.get(&from).copied().or(only);
                to.map(|to| Way { from, to })
                    .ok_or_else(|| Error::refused(Code::Required).on("buildings"))
            };
            buildings.into_iter().map(way).collect::<Result<_>>()?
        }
        _ => return Err(Error::refused(Code::AreaUnfit).on("areaId")),
    };
    Ok(Selection {
        field: "successorIds",
        ways,
        homes: None,
    })
}

/// The buildings of a grid that are in use.
async fn buildings(cx: &Cx, handle: &impl Handle, grid: Uuid) -> Result<Vec<Uuid>> {
    use area::Column as C;
    let rows = cx
        .actor()?
        .scoped::<area::Entity>(Permission::AreaEdit)
        .filter(C::ParentId.eq(grid))
        .filter(C::RetiredOn.is_null())
        .order_by(C::Code, sea_orm::sea_query::Order::Asc)
        .all(handle)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Grids take over from a grid, and what its buildings become lies in one of them.
pub(super) fn check_successors(
    area: &area::Model,
    rows: &HashMap<Uuid, area::Model>,
    retirement: &Retirement,
) -> Result<()> {
    for id in &retirement.successors {
        let row = rows
            .get(id)
            .ok_or_else(|| Error::refused(Code::NotFound).on("successorIds"))?;
        let fits = row.kind == area.kind || area.kind == AreaKind::Building;
        if !fits || row.retired_on.is_some() || row.id == area.id {
            return Err(Error::refused(Code::AreaUnfit).on("successorIds"));
        }
    }
    let among = |id: Option<Uuid>| id.is_some_and(|id| retirement.successors.contains(&id));
    for way in &retirement.buildings {
        let row = rows
            .get(&way.to)
            .ok_or_else(|| Error::refused(Code::NotFound).on("buildings"))?;
        if !among(Some(row.id)) && !among(row.parent_id) {
            return Err(Error::refused(Code::AreaUnfit).on("buildings"));
        }
    }
    Ok(())
}

/// Retires the area itself and whatever of its buildings went into others that were there before.
async fn end(
    cx: &Cx,
    tx: &Tx,
    area: &area::Model,
    (retirement, rows): (&Retirement, &HashMap<Uuid, area::Model>),
    on: chrono::NaiveDate,
) -> Result<Vec<Changed>> {
    use area::Column as C;
    let is_building = |id: &Uuid| {
        rows.get(id)
            .is_some_and(|row| row.kind == AreaKind::Building)
    };
    if area.kind == AreaKind::Building {
        // One that goes on in another grid was retired with its households.
        let into: Vec<_> = retirement
            .successors
            .iter()
            .filter(|id| is_building(id))
            .collect();
        let pairs: Vec<_> = into.into_iter().map(|to| (area.id, *to)).collect();
        return retire(cx, tx, &pairs, on).await;
    }
    let merged = retirement
        .buildings
        .iter()
        .filter(|way| is_building(&way.to));
    let merged: Vec<_> = merged.map(|way| (way.from, way.to)).collect();
    let mut changed = retire(cx, tx, &merged, on).await?;
    let only = (retirement.successors.len() == 1).then(|| retirement.successors[0]);
    cx.actor()?
        .scoped::<area::Entity>(Permission::AreaEdit)
        .id(area.id)
        .filter(C::RetiredOn.is_null())
        .update(tx, |update| {
            update
                .value(C::RetiredOn, on)
                .value(C::SuccessorId, only)
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
        })
        .await?
        .pop()
        .ok_or(Error::Conflict(area.id))?;
    let successors = retirement.successors.iter();
    let pairs: Vec<_> = successors.map(|to| (area.id, *to)).collect();
    succeed(tx, &pairs).await?;
    changed.push(Changed::in_place(ChangeKind::Area, area.id, Some(area.id)));
    Ok(changed)
}
