//! What a redrawing writes: new buildings, households with all that hangs on them, retired areas.
//!
//! The number of statements does not grow with the people.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use entity::enums::{AreaKind, ChangeKind};
use entity::{area, area_successor, household};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait as _, EntityTrait as _};
use uuid::Uuid;

use super::edit::{TREE, Twig, hang};
use super::redraw::{Leg, Selection, selected};
use crate::access::policy::Permission;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::households;

/// The most households that one act moves.
const MOST_HOUSEHOLDS: usize = 5_000;

/// What an act changed.
#[derive(Debug, Default)]
pub(super) struct Carried {
    /// What is to be announced.
    pub changed: Vec<Changed>,
    /// Where households went, way by way.
    pub targets: Vec<Uuid>,
    /// How many households moved.
    pub households: usize,
}

/// Makes the new buildings, moves the households with everything that hangs on them, and retires the
/// buildings that go on elsewhere. A fixed number of statements, however many people there are.
pub(super) async fn carry(
    cx: &Cx,
    tx: &Tx,
    legs: &[Leg],
    selection: &Selection,
    on: NaiveDate,
) -> Result<Carried> {
    let (targets, grids) = targets(cx, tx, legs).await?;
    let homes = cx
        .actor()?
        .scoped::<household::Entity>(Permission::HouseholdEdit)
        .filter(selected(selection))
        .all_to_change(tx)
        .await?;
    if let Some(wanted) = &selection.homes {
        let wanted: BTreeSet<&Uuid> = wanted.iter().collect();
        if homes.len() < wanted.len() {
            return Err(Error::refused(Code::NotFound).on("householdIds"));
        }
    }
    if homes.len() > MOST_HOUSEHOLDS {
        return Err(Error::refused(Code::OutOfRange).on(selection.field));
    }
    resettle(cx, tx, &homes, (&targets, &grids))
        .await
        .map_err(|error| error.where_unique("room", Code::HouseholdExists, selection.field))?;
    let homes: Vec<(household::Model, Uuid)> = homes
        .into_iter()
        .filter_map(|row| targets.get(&row.area_id).map(|to| (row.clone(), *to)))
        .collect();
    let mut changed = households::moves::follow(cx, tx, &homes, on).await?;
    let mut ended = Vec::new();
    for leg in legs.iter().filter(|leg| leg.retires()) {
        let to = targets[&leg.from.id];
        changed.push(Changed::new(ChangeKind::Area, to, Some(to)));
        ended.push((leg.from.id, to));
    }
    changed.extend(retire(cx, tx, &ended, on).await?);
    Ok(Carried {
        changed,
        targets: legs.iter().map(|leg| targets[&leg.from.id]).collect(),
        households: homes.len(),
    })
}

type Map = HashMap<Uuid, Uuid>;

/// Where the households of each building go, and the grid above it; new buildings are made.
async fn targets(cx: &Cx, tx: &Tx, legs: &[Leg]) -> Result<(Map, Map)> {
    let (mut targets, mut grids, mut twigs) = (Map::new(), Map::new(), Vec::new());
    for Leg { from, to } in legs {
        if to.kind == AreaKind::Building {
            targets.insert(from.id, to.id);
            grids.insert(from.id, to.parent_id.unwrap_or(to.id));
            continue;
        }
        let id = cx.app.clock.new_id();
        targets.insert(from.id, id);
        grids.insert(from.id, to.id);
        twigs.push(Twig {
            id,
            parent: to,
            kind: from.kind,
            name: from.name.clone(),
            point: (from.latitude, from.longitude),
        });
    }
    if !twigs.is_empty() {
        hang(cx, tx, twigs).await?;
    }
    Ok((targets, grids))
}

/// Writes the new building and grid into the households' own rows.
async fn resettle(
    cx: &Cx,
    tx: &Tx,
    homes: &[household::Model],
    (targets, grids): (&Map, &Map),
) -> Result<()> {
    use household::Column as C;
    let ids: Vec<Uuid> = homes.iter().map(|row| row.id).collect();
    let moved = cx
        .actor()?
        .scoped::<household::Entity>(Permission::HouseholdEdit)
        .filter(C::Id.is_in(ids))
        .update(tx, |update| {
            update
                .value(C::AreaId, by_building(targets, C::AreaId))
                .value(C::GridId, by_building(grids, C::GridId))
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
        })
        .await?;
    if moved.len() < homes.len() {
        return Err(Error::internal("a household that was held is gone"));
    }
    Ok(())
}

/// A value for each building, or what `column` holds.
fn by_building(values: &Map, column: household::Column) -> SimpleExpr {
    let mut case = CaseStatement::new();
    for (building, value) in values {
        let here = Expr::col(household::Column::AreaId).eq(*building);
        case = case.case(here, Expr::value(*value));
    }
    case.finally(Expr::col(column)).into()
}

/// Retires areas, each with one area that takes over.
pub(super) async fn retire(
    cx: &Cx,
    tx: &Tx,
    ended: &[(Uuid, Uuid)],
    on: NaiveDate,
) -> Result<Vec<Changed>> {
    use area::Column as C;
    if ended.is_empty() {
        return Ok(Vec::new());
    }
    let mut successor = CaseStatement::new();
    for (area, to) in ended {
        successor = successor.case(Expr::col(C::Id).eq(*area), Expr::value(*to));
    }
    let successor: SimpleExpr = successor.finally(Expr::col(C::SuccessorId)).into();
    let ids: Vec<Uuid> = ended.iter().map(|(area, _)| *area).collect();
    let retired = cx
        .actor()?
        .scoped::<area::Entity>(Permission::AreaEdit)
        .ids(&ids)
        .filter(C::RetiredOn.is_null())
        .update(tx, |update| {
            update
                .value(C::RetiredOn, on)
                .value(C::SuccessorId, successor)
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
        })
        .await?;
    if retired.len() < ended.len() {
        return Err(Error::internal("an area that was held is gone"));
    }
    succeed(tx, ended).await?;
    Ok(ids
        .into_iter()
        .map(|id| Changed::in_place(ChangeKind::Area, id, Some(id)))
        .collect())
}

/// Notes who took over from whom.
pub(super) async fn succeed(tx: &Tx, pairs: &[(Uuid, Uuid)]) -> Result<()> {
    let rows = pairs
        .iter()
        .map(|(area, successor)| area_successor::ActiveModel {
            area_id: Set(*area),
            successor_id: Set(*successor),
        });
    area_successor::Entity::insert_many(rows)
        .exec_without_returning(&tx.unscoped(TREE))
        .await?;
    Ok(())
}
