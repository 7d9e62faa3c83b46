//! What moving many households would do, counted by the conditions that the act itself uses.

use std::collections::{BTreeSet, HashMap};

use entity::{area, area_successor, household, role_grant};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Condition, Query, SelectStatement};
use uuid::Uuid;

use super::redraw::{Leg, Selection, Way, legs, named, selected};
use super::retire::{Retirement, check_successors, ends, selection};
use crate::access::policy::Permission;
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::households::following::{Following, following};

/// What would move.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Households.
    pub households: u64,
    /// What would follow them.
    pub following: Following,
    /// Households whose door is taken in the building they would go to.
    pub taken_doors: u64,
    /// Who holds roles at areas that would be retired.
    pub holders: Vec<Uuid>,
}

/// What [`super::redraw::move_households`] would move. Needs `AREA_EDIT`.
pub async fn of_moves(cx: &Cx, selection: &Selection) -> Result<Preview> {
    let rows = seen(cx, &selection.ways).await?;
    let legs = legs(&rows, selection)?;
    let retired = legs.iter().filter(|leg| leg.retires());
    let retired: Vec<Uuid> = retired.map(|leg| leg.from.id).collect();
    count(cx, selection, &legs, &retired).await
}

/// What [`super::retire::retire_area`] would move. Needs `AREA_EDIT`.
pub async fn of_retirement(cx: &Cx, retirement: &Retirement) -> Result<Preview> {
    let mut rows = seen(cx, &ends(retirement)).await?;
    let area = rows
        .get(&retirement.area)
        .cloned()
        .ok_or_else(|| Error::refused(Code::NotFound).on("areaId"))?;
    let selection = selection(cx, &cx.app.db, &area, retirement).await?;
    rows.extend(seen(cx, &selection.ways).await?);
    check_successors(&area, &rows, retirement)?;
    let legs = if selection.ways.is_empty() {
        Vec::new()
    } else {
        legs(&rows, &selection)?
    };
    let mut retired: Vec<Uuid> = legs.iter().map(|leg| leg.from.id).collect();
    retired.push(area.id);
    count(cx, &selection, &legs, &retired).await
}

/// Who holds a role that has not ended at an area that others took over from, or at its buildings:
/// `areas` are the successors, or the retired area itself. Needs `ACCOUNT_READ` there.
pub async fn holders_before(cx: &Cx, areas: &[Uuid]) -> Result<Vec<Uuid>> {
    use area_successor::Column as S;
    let before = Query::select()
        .column(S::AreaId)
        .from(area_successor::Entity)
        .and_where(S::SuccessorId.is_in(areas.iter().copied()))
        .to_owned();
    let at = role_grant::Column::AreaId.in_subquery(before);
    holders(cx, Condition::all().add(at)).await
}

/// Who holds a role that has not ended at this area or below it. Needs `ACCOUNT_READ` there.
pub async fn holders_below(cx: &Cx, area: Uuid) -> Result<Vec<Uuid>> {
    let grants = cx
        .actor()?
        .scoped::<role_grant::Entity>(Permission::AccountRead)
        .below(area)
        .filter(standing(cx))
        .all(&cx.app.db)
        .await?;
    Ok(accounts(&grants))
}

async fn holders(cx: &Cx, at: Condition) -> Result<Vec<Uuid>> {
    let grants = cx
        .actor()?
        .scoped::<role_grant::Entity>(Permission::AccountRead)
        .filter(at)
        .filter(standing(cx))
        .all(&cx.app.db)
        .await?;
    Ok(accounts(&grants))
}

/// Live or to come.
fn standing(cx: &Cx) -> Condition {
    use role_grant::Column as C;
    let until = Condition::any()
        .add(C::ValidUntil.is_null())
        .add(C::ValidUntil.gt(cx.app.clock.now()));
    Condition::all().add(C::RevokedAt.is_null()).add(until)
}

fn accounts(grants: &[role_grant::Model]) -> Vec<Uuid> {
    let accounts: BTreeSet<Uuid> = grants.iter().map(|grant| grant.account_id).collect();
    accounts.into_iter().collect()
}

/// The areas that these ways name, as far as the actor may change them.
async fn seen(cx: &Cx, ways: &[Way]) -> Result<HashMap<Uuid, area::Model>> {
    let rows = cx
        .actor()?
        .scoped::<area::Entity>(Permission::AreaEdit)
        .ids(&named(ways))
        .all(&cx.app.db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

async fn count(cx: &Cx, selection: &Selection, legs: &[Leg], retired: &[Uuid]) -> Result<Preview> {
    let homes = cx
        .actor()?
        .scoped::<household::Entity>(Permission::HouseholdEdit)
        .filter(selected(selection))
        .all(&cx.app.db)
        .await?;
    let at = role_grant::Column::AreaId.is_in(retired.iter().copied());
    Ok(Preview {
        households: u64::try_from(homes.len()).unwrap_or(u64::MAX),
        following: following(cx, &households(selection)).await?,
        taken_doors: taken_doors(cx, &homes, legs).await?,
        holders: holders(cx, Condition::all().add(at)).await?,
    })
}

/// The keys of the households that are meant.
fn households(selection: &Selection) -> SelectStatement {
    Query::select()
        .column(household::Column::Id)
        .from(household::Entity)
        .cond_where(selected(selection))
        .to_owned()
}

/// How many of these households would meet another behind the same door.
async fn taken_doors(cx: &Cx, homes: &[household::Model], legs: &[Leg]) -> Result<u64> {
    use household::Column as C;
    let into = legs.iter().filter(|leg| !leg.retires());
    let into: HashMap<Uuid, Uuid> = into.map(|leg| (leg.from.id, leg.to.id)).collect();
    if into.is_empty() {
        return Ok(0);
    }
    let there = cx
        .actor()?
        .scoped::<household::Entity>(Permission::HouseholdEdit)
        .filter(C::AreaId.is_in(into.values().copied()))
        .filter(C::ClosedOn.is_null())
        .all(&cx.app.db)
        .await?;
    let mut doors: BTreeSet<(Uuid, &str, &str)> = there
        .iter()
        .map(|row| (row.area_id, row.unit.as_str(), row.room.as_str()))
        .collect();
    let taken = homes.iter().filter(|row| {
        let to = into.get(&row.area_id);
        to.is_some_and(|to| !doors.insert((*to, &row.unit, &row.room)))
    });
    Ok(u64::try_from(taken.count()).unwrap_or(u64::MAX))
}
