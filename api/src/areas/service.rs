//! Areas within a reader's scope.

use entity::enums::AreaKind;
use entity::{area, area_successor};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Order, Query};
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::access::scope::{Arm, Scoped, ScopedEntity};
use crate::context::Cx;
use crate::error::Result;
use crate::paging::{Page, Rows};

/// An area belongs to itself: a scope covers it by its own key.
impl ScopedEntity for area::Entity {
    const AREA: area::Column = area::Column::Id;
    const GRID: area::Column = area::Column::Id;
    const ID: area::Column = area::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<area::Column>] {
        match permission {
            Permission::AreaRead
            | Permission::HouseholdEdit
            | Permission::AreaEdit
            | Permission::CareRuleEdit
            | Permission::RoundStart
            | Permission::MealEdit
            | Permission::DutyEdit
            | Permission::BeneficiaryEdit
            | Permission::CertificationPlan
            | Permission::PartnerEdit
            | Permission::OfferPublish
            | Permission::CoverageClose => &[Arm::Area],
            _ => &[],
        }
    }
}

/// Which areas are wanted; absent means any.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of one of these levels.
    pub kind: Vec<AreaKind>,
    /// At this area or below it.
    pub below: Option<Uuid>,
}

/// The order of a list of areas: by code.
pub const ORDER: u8 = 1;

/// Those of these areas that the actor may see, retired ones too.
pub async fn some(cx: &Cx, ids: &[Uuid]) -> Result<Vec<area::Model>> {
    cx.actor()?
        .scoped::<area::Entity>(Permission::AreaRead)
        .ids(ids)
        .all(&cx.app.db)
        .await
}

/// The areas that took over from a retired one, by code, as far as the actor may see them.
pub async fn successors(cx: &Cx, area: Uuid) -> Result<Vec<Uuid>> {
    use area_successor::Column as S;
    let actor = cx.actor()?;
    if let Some(known) = cx.app.sessions.tree().successors(area) {
        let known = known.iter().copied();
        return Ok(known
            .filter(|successor| actor.may(Permission::AreaRead, *successor))
            .collect());
    }
    // It was retired since this server last read the tree.
    let successors = Query::select()
        .column(S::SuccessorId)
        .from(area_successor::Entity)
        .and_where(S::AreaId.eq(area))
        .to_owned();
    let rows = actor
        .scoped::<area::Entity>(Permission::AreaRead)
        .filter(area::Column::Id.in_subquery(successors))
        .order_by(area::Column::Code, Order::Asc)
        .all(&cx.app.db)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// One page of the areas the actor may see, by code. Needs `AREA_READ`.
pub async fn list(cx: &Cx, filter: &Filter, page: &Page<String>) -> Result<Rows<area::Model>> {
    use area::Column as C;
    let mut scoped = readable(cx, filter)?;
    if let Some(after) = &page.after {
        scoped = scoped.filter(C::Code.gt(after.as_str()));
    }
    if let Some(before) = &page.before {
        scoped = scoped.filter(C::Code.lt(before.as_str()));
    }
    let order = if page.backward {
        Order::Desc
    } else {
        Order::Asc
    };
    let rows = scoped
        .order_by(C::Code, order)
        .limit(page.size + 1)
        .all(&cx.app.db)
        .await?;
    Ok(Rows::new(rows, page))
}

/// How many areas the filter lets through.
pub async fn count(cx: &Cx, filter: &Filter) -> Result<u64> {
    readable(cx, filter)?.count(&cx.app.db).await
}

fn readable<'a>(cx: &'a Cx, filter: &Filter) -> Result<Scoped<'a, area::Entity>> {
    let mut scoped = cx
        .actor()?
        .scoped::<area::Entity>(Permission::AreaRead)
        .filter(area::Column::RetiredOn.is_null());
    if !filter.kind.is_empty() {
        scoped = scoped.filter(area::Column::Kind.is_in(filter.kind.clone()));
    }
    if let Some(below) = filter.below {
        scoped = scoped.below(below);
    }
    Ok(scoped)
}
