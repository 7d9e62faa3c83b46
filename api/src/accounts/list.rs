//! Accounts as their owners and those who answer for them read them.

use chrono::{DateTime, Utc};
use entity::enums::{AccountStatus, Role};
use entity::{account, role_grant};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Order};
use sea_orm::{ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _};
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::access::protected::{Protected, mask_phone, own_phone};
use crate::access::scope::Scoped;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::{Error, Result};
use crate::paging::{Page, Rows};

/// The order of a list of accounts: the oldest first.
pub const ORDER: u8 = 1;

/// Which accounts are wanted; absent means any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// With this role.
    pub role: Option<Role>,
    /// With a role in this area or below it.
    pub area: Option<Uuid>,
    /// Also those whose roles within the actor's areas have all ended.
    pub ended: bool,
}

/// An account's own columns.
#[derive(Clone, Debug, FromQueryResult)]
#[expect(
    missing_docs,
    reason = "each is the column of that name, described at the entity"
)]
pub struct AccountRow {
    pub id: Uuid,
    pub name: String,
    pub status: AccountStatus,
    pub phone_sealed: String,
}

/// An account as one reader sees it.
#[derive(Clone, Debug)]
pub struct SeenAccount {
    /// Its own columns.
    pub row: AccountRow,
    /// Its grants within the reader's areas, the newest first; all of them to the owner.
    pub grants: Vec<role_grant::Model>,
    /// Whether the reader is its owner.
    pub mine: bool,
}

impl SeenAccount {
    /// The phone number: in full to the owner and with `ACCOUNT_MANAGE`, masked to others.
    pub fn phone(&self, cx: &Cx) -> Result<Protected<String>> {
        let actor = cx.actor()?;
        let phone = own_phone(&cx.app.keys, &self.row.phone_sealed)?;
        let full = self.mine
            || self
                .grants
                .iter()
                .any(|grant| actor.may(Permission::AccountManage, grant.area_id));
        Ok(if full {
            Protected::Full(Some(phone))
        } else {
            Protected::Masked(mask_phone(&phone))
        })
    }
}

/// The actor's own account with all its grants.
pub async fn mine(cx: &Cx) -> Result<SeenAccount> {
    const REASON: &str = "an account's own row and grants";
    let me = cx.actor()?.account;
    let row = account::Entity::find_by_id(me)
        .one(&cx.app.db.unscoped(REASON))
        .await?
        .ok_or_else(|| Error::internal("a token names an account that is not there"))?;
    let mut grants = role_grant::Entity::find()
        .filter(role_grant::Column::AccountId.eq(me))
        .all(&cx.app.db.unscoped(REASON))
        .await?;
    grants.sort_unstable_by_key(|grant| std::cmp::Reverse(grant.id));
    Ok(SeenAccount {
        row: AccountRow {
            id: row.id,
            name: row.name,
            status: row.status,
            phone_sealed: row.phone_sealed,
        },
        grants,
        mine: true,
    })
}

/// Those of these accounts that hold or held a role within the actor's areas. Needs `ACCOUNT_READ`.
pub async fn some(cx: &Cx, ids: &[Uuid]) -> Result<Vec<SeenAccount>> {
    let ids = ids.iter().copied();
    read(
        cx,
        readable(cx)?.filter(role_grant::Column::AccountId.is_in(ids)),
    )
    .await
}

/// One page of the accounts with a role within the actor's areas. Needs `ACCOUNT_READ`.
pub async fn list(cx: &Cx, filter: Filter, page: &Page<Uuid>) -> Result<Rows<SeenAccount>> {
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

/// How many accounts the filter lets through.
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

fn readable(cx: &Cx) -> Result<Scoped<'_, role_grant::Entity>> {
    Ok(cx
        .actor()?
        .scoped::<role_grant::Entity>(Permission::AccountRead))
}

fn filtered(cx: &Cx, filter: Filter) -> Result<Scoped<'_, role_grant::Entity>> {
    use role_grant::Column as C;
    let mut scoped = readable(cx)?;
    if let Some(role) = filter.role {
        scoped = scoped.filter(C::Role.eq(role));
    }
    if let Some(area) = filter.area {
        scoped = scoped.below(area);
    }
    if !filter.ended {
        scoped = scoped.filter(standing(cx.app.clock.now()));
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

/// The accounts of the grants that `scoped` lets through, each once and in its order, in two statements.
async fn read(cx: &Cx, scoped: Scoped<'_, role_grant::Entity>) -> Result<Vec<SeenAccount>> {
    let me = cx.actor()?.account;
    let rows: Vec<AccountRow> = scoped
        .into_rows(&cx.app.db, |select| {
            let account = Expr::col((role_grant::Entity, role_grant::Column::AccountId));
            select.distinct().expr_as(account.clone(), "id");
            for column in [
                account::Column::Name,
                account::Column::Status,
                account::Column::PhoneSealed,
            ] {
                select.column((account::Entity, column));
            }
            select.inner_join(
                account::Entity,
                account.equals((account::Entity, account::Column::Id)),
            );
        })
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = rows.iter().map(|row| row.id);
    let grants = readable(cx)?
        .filter(role_grant::Column::AccountId.is_in(ids))
        .order_by(role_grant::Column::Id, Order::Desc)
        .all(&cx.app.db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| SeenAccount {
            grants: grants
                .iter()
                .filter(|grant| grant.account_id == row.id)
                .cloned()
                .collect(),
            mine: row.id == me,
            row,
        })
        .collect())
}
