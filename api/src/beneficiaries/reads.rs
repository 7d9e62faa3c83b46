//! Whose beneficiaries are whose, and reading them.

use entity::beneficiary;
use entity::enums::BeneficiaryCategory;
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::Order;
use uuid::Uuid;

use super::matching;
use crate::access::policy::Permission;
use crate::access::scope::{Arm, Scoped, ScopedEntity};
use crate::access::sealed::{self, Field};
use crate::context::Cx;
use crate::error::Result;
use crate::paging::{Page, Rows};
use crate::residents::id_number::IdNumber;

impl ScopedEntity for beneficiary::Entity {
    const AREA: beneficiary::Column = beneficiary::Column::AreaId;
    const GRID: beneficiary::Column = beneficiary::Column::GridId;
    const ID: beneficiary::Column = beneficiary::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<beneficiary::Column>] {
        match permission {
            // What a check found is written on whom it was about by who confirms it.
            Permission::BeneficiaryRead
            | Permission::BeneficiaryEdit
            | Permission::CertificationPlan
            | Permission::CertificationConfirm => &[Arm::Area],
            _ => &[],
        }
    }
}

/// Which beneficiaries are wanted; absent means any.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Registered in this area or below it.
    pub area: Option<Uuid>,
    /// Of one of these categories.
    pub category: Vec<BeneficiaryCategory>,
    /// With exactly this ID number.
    pub id_number: Option<IdNumber>,
    /// With exactly this name.
    pub name: Option<String>,
    /// Living in the institution of this name.
    pub institution: Option<String>,
    /// Whether they cannot come to the station.
    pub is_immobile: Option<bool>,
    /// Whether a resident is known to be them.
    pub is_matched: Option<bool>,
    /// Only those whom a resident may be, which nobody has decided.
    pub is_undecided: bool,
    /// Whether they are one no more.
    pub is_ended: bool,
}

fn scoped(cx: &Cx) -> Result<Scoped<'_, beneficiary::Entity>> {
    let actor = cx.actor()?;
    actor.require(Permission::BeneficiaryRead)?;
    Ok(actor.scoped::<beneficiary::Entity>(Permission::BeneficiaryRead))
}

/// One beneficiary. Needs `BENEFICIARY_READ` where they are registered.
pub async fn one(cx: &Cx, id: Uuid) -> Result<Option<beneficiary::Model>> {
    scoped(cx)?.id(id).one(&cx.app.db).await
}

/// Those of these beneficiaries that the actor may read; none, without a statement, to whom may read none.
pub async fn some(cx: &Cx, ids: &[Uuid]) -> Result<Vec<beneficiary::Model>> {
    cx.actor()?
        .scoped::<beneficiary::Entity>(Permission::BeneficiaryRead)
        .ids(ids)
        .all(&cx.app.db)
        .await
}

/// A page of the beneficiaries that the actor may read, as they were added. Needs `BENEFICIARY_READ`.
pub async fn list(cx: &Cx, filter: &Filter, page: &Page<Uuid>) -> Result<Rows<beneficiary::Model>> {
    use beneficiary::Column as C;
    let mut scoped = filtered(cx, filter)?;
    if let Some(after) = page.after {
        scoped = scoped.filter(C::Id.gt(after));
    }
    if let Some(before) = page.before {
        scoped = scoped.filter(C::Id.lt(before));
    }
    let order = if page.backward {
        Order::Desc
    } else {
        Order::Asc
    };
    let scoped = scoped.order_by(C::Id, order).limit(page.size + 1);
    Ok(Rows::new(scoped.all(&cx.app.db).await?, page))
}

/// How many beneficiaries the filter lets through.
pub async fn count(cx: &Cx, filter: &Filter) -> Result<u64> {
    filtered(cx, filter)?.count(&cx.app.db).await
}

fn filtered<'a>(cx: &'a Cx, filter: &Filter) -> Result<Scoped<'a, beneficiary::Entity>> {
    use beneficiary::Column as C;
    let mut scoped = scoped(cx)?;
    scoped = if filter.is_ended {
        scoped.filter(C::EndedOn.is_not_null())
    } else {
        scoped.filter(C::EndedOn.is_null())
    };
    if let Some(area) = filter.area {
        scoped = scoped.below(area);
    }
    if !filter.category.is_empty() {
        scoped = scoped.filter(C::Category.is_in(filter.category.iter().copied()));
    }
    if let Some(number) = &filter.id_number {
        let hash = sealed::hash(&cx.app.keys, Field::IdNumber, number.as_str());
        scoped = scoped.filter(C::IdNumberHash.eq(hash));
    }
    if let Some(name) = &filter.name {
        scoped = scoped.filter(C::Name.eq(name.as_str()));
    }
    if let Some(institution) = &filter.institution {
        scoped = scoped.filter(C::Institution.eq(institution.as_str()));
    }
    if let Some(is_immobile) = filter.is_immobile {
        scoped = scoped.filter(C::IsImmobile.eq(is_immobile));
    }
    match filter.is_matched {
        Some(true) => scoped = scoped.filter(C::ResidentId.is_not_null()),
        Some(false) => scoped = scoped.filter(C::ResidentId.is_null()),
        None => {}
    }
    if filter.is_undecided {
        let actor = cx.actor()?;
        actor.require(Permission::BeneficiaryEdit)?;
        scoped = scoped.filter(matching::is_undecided(actor));
    }
    Ok(scoped)
}
