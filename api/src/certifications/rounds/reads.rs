//! Reading rounds: those of one's areas, and those above, which are everybody's work below.

use std::collections::BTreeSet;

use entity::enums::CertificationRoundStatus;
use entity::{area_closure, certification_check, certification_round};
use sea_orm::sea_query::{Condition, LockType, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select,
};
use uuid::Uuid;

use super::rules;
use crate::access::policy::Permission;
use crate::access::scope;
use crate::context::Cx;
use crate::db::{Handle, Tx};
use crate::error::Result;
use crate::paging::{Page, Rows};

const HELD: &str = "the rounds of checks and sessions that the scope let through";
const ABOVE: &str = "rounds of the areas above are everybody's work below";

/// Which rounds are wanted; absent means any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this year.
    pub year: Option<i32>,
    /// In this state.
    pub status: Option<CertificationRoundStatus>,
}

/// The rounds that concern the actor by this permission: at, below and above where it is granted.
fn concerning(cx: &Cx, permission: Permission) -> Result<Select<certification_round::Entity>> {
    use certification_round::Column as C;
    let actor = cx.actor()?;
    actor.require(permission)?;
    let areas = actor.areas(permission);
    let above = areas.iter().flat_map(|area| actor.tree.upwards(*area));
    let concerns = Condition::any()
        .add(scope::reads::<certification_round::Entity>(
            actor, permission,
        ))
        .add(C::AreaId.is_in(above));
    Ok(certification_round::Entity::find().filter(concerns))
}

/// One round that concerns the actor. Needs `BENEFICIARY_READ`.
pub async fn one(cx: &Cx, id: Uuid) -> Result<Option<certification_round::Model>> {
    Ok(concerning(cx, Permission::BeneficiaryRead)?
        .filter(certification_round::Column::Id.eq(id))
        .one(&cx.app.db.unscoped(ABOVE))
        .await?)
}

/// Whether a round concerns the actor.
pub(in crate::certifications) async fn concerns(cx: &Cx, id: Uuid) -> Result<bool> {
    Ok(one(cx, id).await?.is_some())
}

/// A page of the rounds that concern the actor, the newest first. Needs `BENEFICIARY_READ`.
pub async fn list(
    cx: &Cx,
    filter: Filter,
    page: &Page<Uuid>,
) -> Result<Rows<certification_round::Model>> {
    use certification_round::Column as C;
    let mut rounds = concerning(cx, Permission::BeneficiaryRead)?;
    if let Some(year) = filter.year {
        rounds = rounds.filter(C::Year.eq(year));
    }
    if let Some(status) = filter.status {
        rounds = rounds.filter(C::Status.eq(status));
    }
    part(cx, rounds, page).await
}

/// A page of a year's rounds at, below and above these areas, the newest first.
pub(in crate::certifications) async fn around(
    cx: &Cx,
    (areas, year): (&[Uuid], i32),
    page: &Page<Uuid>,
) -> Result<Rows<certification_round::Model>> {
    use area_closure::Column as A;
    use certification_round::Column as C;
    let tree = &cx.actor()?.tree;
    let above = areas.iter().flat_map(|area| tree.upwards(*area));
    let below = Query::select()
        .column(A::DescendantId)
        .from(area_closure::Entity)
        .and_where(A::AncestorId.is_in(areas.iter().copied()))
        .to_owned();
    let near = Condition::any()
        .add(C::AreaId.in_subquery(below))
        .add(C::AreaId.is_in(above));
    let rounds = certification_round::Entity::find()
        .filter(near)
        .filter(C::Year.eq(year));
    part(cx, rounds, page).await
}

/// A page of rounds, the newest first.
async fn part(
    cx: &Cx,
    mut rounds: Select<certification_round::Entity>,
    page: &Page<Uuid>,
) -> Result<Rows<certification_round::Model>> {
    use certification_round::Column as C;
    if let Some(after) = page.after {
        rounds = rounds.filter(C::Id.lt(after));
    }
    if let Some(before) = page.before {
        rounds = rounds.filter(C::Id.gt(before));
    }
    rounds = if page.backward {
        rounds.order_by_asc(C::Id)
    } else {
        rounds.order_by_desc(C::Id)
    };
    let rows = rounds
        .limit(page.size + 1)
        .all(&cx.app.db.unscoped(ABOVE))
        .await?;
    Ok(Rows::new(rows, page))
}

/// The rounds of an area and a year that concern the actor, the newest first. Needs `BENEFICIARY_READ`.
pub async fn of_area(cx: &Cx, area: Uuid, year: i32) -> Result<Vec<certification_round::Model>> {
    use certification_round::Column as C;
    Ok(concerning(cx, Permission::BeneficiaryRead)?
        .filter(C::AreaId.eq(area))
        .filter(C::Year.eq(year))
        .order_by_desc(C::Id)
        .all(&cx.app.db.unscoped(ABOVE))
        .await?)
}

/// A round that concerns the actor, held until the end so that it is neither closed nor voided meanwhile.
pub async fn of_check(cx: &Cx, tx: &Tx, id: Uuid) -> Result<Option<certification_round::Model>> {
    Ok(concerning(cx, Permission::BeneficiaryRead)?
        .filter(certification_round::Column::Id.eq(id))
        .lock(LockType::NoKeyUpdate)
        .one(&tx.unscoped(ABOVE))
        .await?)
}

/// Whether checks of a round were handed to the actor, so that this permission holds on them.
pub async fn is_handed(
    cx: &Cx,
    handle: &impl Handle,
    (id, permission): (Uuid, Permission),
) -> Result<bool> {
    let handed = cx
        .actor()?
        .scoped::<certification_check::Entity>(permission)
        .shared_only()
        .filter(certification_check::Column::RoundId.eq(id));
    Ok(handed.count(handle).await? > 0)
}

/// The same of a round from which checks were handed to the actor.
pub async fn of_handed(cx: &Cx, tx: &Tx, id: Uuid) -> Result<Option<certification_round::Model>> {
    if !is_handed(cx, tx, (id, Permission::CertificationPlan)).await? {
        return Ok(None);
    }
    Ok(certification_round::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.unscoped(ABOVE))
        .await?)
}

/// A round that concerns the actor or from which checks were handed to them, held by many at once: it is neither
/// closed nor voided meanwhile.
pub async fn of_session(cx: &Cx, tx: &Tx, id: Uuid) -> Result<Option<certification_round::Model>> {
    let concerns = concerning(cx, Permission::BeneficiaryRead)?
        .filter(certification_round::Column::Id.eq(id))
        .lock_shared()
        .one(&tx.unscoped(ABOVE))
        .await?;
    if concerns.is_some() || !is_handed(cx, tx, (id, Permission::CertificationPlan)).await? {
        return Ok(concerns);
    }
    Ok(certification_round::Entity::find_by_id(id)
        .lock_shared()
        .one(&tx.unscoped(ABOVE))
        .await?)
}

/// Whether a check of a round was handed to an area, to one above it or to one below.
pub(in crate::certifications) async fn is_handed_to(
    tx: &Tx,
    (round, area): (Uuid, Uuid),
) -> Result<bool> {
    use area_closure::Column as A;
    use certification_check::Column as K;
    let related = |of: A, other: A| {
        Query::select()
            .column(of)
            .from(area_closure::Entity)
            .and_where(other.eq(area))
            .to_owned()
    };
    let there = Condition::any()
        .add(K::HandedToAreaId.in_subquery(related(A::AncestorId, A::DescendantId)))
        .add(K::HandedToAreaId.in_subquery(related(A::DescendantId, A::AncestorId)));
    let handed = certification_check::Entity::find()
        .filter(K::RoundId.eq(round))
        .filter(there)
        .count(&tx.unscoped(ABOVE))
        .await?;
    Ok(handed > 0)
}

/// Holds the rounds of what the scope let through, so that none is closed or voided meanwhile; many do so at
/// once.
pub(in crate::certifications) async fn hold(
    tx: &Tx,
    rounds: impl IntoIterator<Item = Uuid>,
) -> Result<()> {
    let rounds: BTreeSet<Uuid> = rounds.into_iter().collect();
    certification_round::Entity::find()
        .filter(certification_round::Column::Id.is_in(rounds))
        .order_by_asc(certification_round::Column::Id)
        .lock_shared()
        .all(&tx.unscoped(HELD))
        .await?;
    Ok(())
}

/// That a check's round is open: in others checks do not move.
pub(in crate::certifications) fn is_open() -> SimpleExpr {
    certification_check::Column::RoundId.in_subquery(open_rounds())
}

/// The rounds whose checks move.
pub(in crate::certifications) fn open_rounds() -> SelectStatement {
    use certification_round::Column as C;
    Query::select()
        .column(C::Id)
        .from(certification_round::Entity)
        .and_where(C::Status.eq(rules::LIVE))
        .to_owned()
}

/// Whether an area lies in another or is it.
pub(in crate::certifications) async fn covers(tx: &Tx, above: Uuid, area: Uuid) -> Result<bool> {
    use area_closure::Column as C;
    let rows = area_closure::Entity::find()
        .filter(C::AncestorId.eq(above))
        .filter(C::DescendantId.eq(area))
        .count(&tx.unscoped(ABOVE))
        .await?;
    Ok(rows > 0)
}
