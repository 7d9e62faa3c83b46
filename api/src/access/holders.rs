//! Who holds a permission at a place now: for whom work can be meant, and whom a matter reaches.

use entity::enums::{AccountStatus, Role};
use entity::{account, role_grant};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use uuid::Uuid;

use super::policy::{Permission, allows};
use super::sessions::live_at;
use crate::areas::tree::AreaTree;
use crate::db::Handle;
use crate::error::Result;

const REASON: &str =
    "grants say whom work at a place is meant for; nothing of the accounts is shown";

/// Somebody who holds a role at an area or above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The account, which can sign in.
    pub account: Uuid,
    /// The role.
    pub role: Role,
    /// Where it is granted.
    pub area: Uuid,
}

/// Everybody whose live roles hold `permission` at `area`, the nearest grants first.
pub async fn holders(
    handle: &impl Handle,
    (tree, now): (&AreaTree, chrono::DateTime<chrono::Utc>),
    (permission, area): (Permission, Uuid),
) -> Result<Vec<Holder>> {
    let upwards: Vec<Uuid> = tree.upwards(area).collect();
    let active = Query::select()
        .column(account::Column::Id)
        .from(account::Entity)
        .and_where(account::Column::Status.eq(AccountStatus::Active))
        .to_owned();
    let grants = role_grant::Entity::find()
        .filter(live_at(now))
        .filter(role_grant::Column::AccountId.in_subquery(active))
        .filter(role_grant::Column::AreaId.is_in(upwards.iter().copied()))
        .order_by_asc(role_grant::Column::Id)
        .all(&handle.unscoped(REASON))
        .await?;
    let mut holders: Vec<Holder> = grants
        .into_iter()
        .filter(|grant| allows(grant.role, permission))
        .map(|grant| Holder {
            account: grant.account_id,
            role: grant.role,
            area: grant.area_id,
        })
        .collect();
    holders.sort_by_key(|holder| upwards.iter().position(|area| *area == holder.area));
    Ok(holders)
}
