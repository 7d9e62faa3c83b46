//! Whose profile and service a reader may see: their own, and those of who serves in their areas.

use chrono::{DateTime, Utc};
use entity::enums::Role;
use entity::{
    account, role_grant, service_correction, visit_task, volunteer_award, volunteer_profile,
    volunteer_training, wish_hand,
};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, LockType, Order, Query};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, FromQueryResult, Iterable as _, QuerySelect as _,
};
use uuid::Uuid;

use crate::access::policy::{Permission, allows};
use crate::access::scope::{Grant, Reaches, Scoped};
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::{Code, Error, Result};
use crate::paging::{Page, Rows};
use crate::write::Write;

/// The order of a list of volunteers: the oldest account first.
pub const ORDER: u8 = 1;

/// Which volunteers are wanted; absent means any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// With this role.
    pub role: Option<Role>,
    /// With a role in this area or below it.
    pub area: Option<Uuid>,
    /// Whom no insurance on record covers on this day.
    pub uninsured_on: Option<chrono::NaiveDate>,
}

/// Somebody whose record the reader may see; only this module makes one.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Person {
    pub(super) id: Uuid,
    pub(super) name: String,
}

macro_rules! reaches {
    ($($entity:ident.$column:ident)*) => {
        $(
            impl Reaches<$entity::Entity> for Person {
                fn key(&self) -> Uuid {
                    self.id
                }
                fn column() -> $entity::Column {
                    $entity::Column::$column
                }
            }
        )*
    };
}

reaches! {
    wish_hand.AccountId
    volunteer_profile.AccountId
    volunteer_training.AccountId
    volunteer_award.AccountId
    service_correction.AccountId
    visit_task.ReportedBy
}

/// The actor, who may see their own record whatever they are granted.
pub async fn me(cx: &Cx) -> Result<Person> {
    let me = cx.actor()?.account;
    let row = account::Entity::find_by_id(me)
        .one(&cx.app.db.unscoped("a volunteer's own account"))
        .await?
        .ok_or_else(|| Error::internal("a token names an account that is not there"))?;
    Ok(Person {
        id: row.id,
        name: row.name,
    })
}

/// One whose record the actor may see: their own, or with `VOLUNTEER_READ` where that one serves.
pub async fn one(cx: &Cx, id: Uuid) -> Result<Option<Person>> {
    if cx.actor()?.account == id {
        return me(cx).await.map(Some);
    }
    let scoped =
        serving(cx, Permission::VolunteerRead)?.filter(role_grant::Column::AccountId.eq(id));
    Ok(read(cx, scoped).await?.pop())
}

/// One page of those who serve in the actor's areas. Needs `VOLUNTEER_READ`.
pub async fn list(cx: &Cx, filter: Filter, page: &Page<Uuid>) -> Result<Rows<Person>> {
    use role_grant::Column as C;
    let mut scoped = filtered(cx, filter)?;
    if let Some(after) = page.after {
        scoped = scoped.filter(C::AccountId.gt(after));
    }
    if let Some(before) = page.before {
        scoped = scoped.filter(C::AccountId.lt(before));
    }
    let order = if page.backward {
        Order::Desc
    } else {
        Order::Asc
    };
    let scoped = scoped.order_by(C::AccountId, order).limit(page.size + 1);
    Ok(Rows::new(read(cx, scoped).await?, page))
}

/// How many volunteers the filter lets through.
pub async fn count(cx: &Cx, filter: Filter) -> Result<u64> {
    #[derive(FromQueryResult)]
    struct Count {
        n: i64,
    }
    let account = Expr::col((role_grant::Entity, role_grant::Column::AccountId));
    let rows: Vec<Count> = filtered(cx, filter)?
        .into_rows(&cx.app.db, |select| {
            select.expr_as(account.count_distinct(), "n");
        })
        .await?;
    Ok(rows
        .first()
        .map_or(0, |row| u64::try_from(row.n).unwrap_or_default()))
}

/// A volunteer whose record the actor edits, held until the end with the proof for where they serve.
///
/// Refused: `NOT_FOUND`; `NOT_PERMITTED` for oneself.
pub(super) async fn to_edit(cx: &Cx, write: &Write, id: Uuid) -> Result<Grant> {
    let (_, grant) = serving(cx, Permission::VolunteerEdit)?
        .filter(role_grant::Column::AccountId.eq(id))
        .order_by(role_grant::Column::Id, Order::Asc)
        .one_to_change(write.tx())
        .await?
        .ok_or_else(|| Error::refused(Code::NotFound).on("accountId"))?;
    if id == cx.actor()?.account {
        return Err(Error::refused(Code::NotPermitted).on("accountId"));
    }
    hold(write, id).await?;
    Ok(grant)
}

/// The volunteer that [`to_edit`] let through, without their name.
pub(super) const fn held(id: Uuid) -> Person {
    Person {
        id,
        name: String::new(),
    }
}

/// Lets the writes about one volunteer come one after the other.
pub(super) async fn hold(write: &Write, id: Uuid) -> Result<()> {
    account::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(&write.tx().unscoped("a volunteer's own account"))
        .await?;
    Ok(())
}

/// The standing roles within the actor's areas that carry out visits.
fn serving(cx: &Cx, permission: Permission) -> Result<Scoped<'_, role_grant::Entity>> {
    let roles = Role::iter().filter(|role| allows(*role, Permission::VisitClaim));
    Ok(cx
        .actor()?
        .scoped::<role_grant::Entity>(permission)
        .filter(role_grant::Column::Role.is_in(roles))
        .filter(standing(cx.app.clock.now())))
}

fn filtered(cx: &Cx, filter: Filter) -> Result<Scoped<'_, role_grant::Entity>> {
    use role_grant::Column as C;
    let mut scoped = serving(cx, Permission::VolunteerRead)?;
    if let Some(role) = filter.role {
        scoped = scoped.filter(C::Role.eq(role));
    }
    if let Some(area) = filter.area {
        scoped = scoped.below(area);
    }
    if let Some(day) = filter.uninsured_on {
        let covered = Query::select()
            .column(volunteer_profile::Column::AccountId)
            .from(volunteer_profile::Entity)
            .and_where(volunteer_profile::Column::InsuranceUntilOn.gte(day))
            .to_owned();
        scoped = scoped.filter(C::AccountId.not_in_subquery(covered));
    }
    Ok(scoped)
}

/// Grants that hold or are going to.
fn standing(now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(role_grant::Column::RevokedAt.is_null())
        .add(
            Condition::any()
                .add(role_grant::Column::ValidUntil.is_null())
                .add(role_grant::Column::ValidUntil.gt(now)),
        )
}

/// The holders of the grants that `scoped` lets through, each once and in its order.
async fn read(cx: &Cx, scoped: Scoped<'_, role_grant::Entity>) -> Result<Vec<Person>> {
    scoped
        .into_rows(&cx.app.db, |select| {
            let account = Expr::col((role_grant::Entity, role_grant::Column::AccountId));
            select
                .distinct()
                .expr_as(account.clone(), "id")
                .column((account::Entity, account::Column::Name))
                .inner_join(
                    account::Entity,
                    account.equals((account::Entity, account::Column::Id)),
                );
        })
        .await
}
