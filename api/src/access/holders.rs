//! Who holds a permission at a place now: for whom work can be meant, and whom a matter reaches.

use std::collections::BTreeSet;

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

/// The grants that live now at some areas and above them, of accounts that can sign in: read once for many
/// questions.
#[derive(Clone, Debug)]
pub struct Grants<'t> {
    tree: &'t AreaTree,
    /// The areas and those above them.
    upwards: Vec<Uuid>,
    rows: Vec<role_grant::Model>,
}

impl<'t> Grants<'t> {
    /// Reads them.
    pub async fn load(
        handle: &impl Handle,
        (tree, now): (&'t AreaTree, chrono::DateTime<chrono::Utc>),
        areas: impl IntoIterator<Item = Uuid>,
    ) -> Result<Self> {
        let upwards = areas.into_iter().flat_map(|area| tree.upwards(area));
        let upwards: BTreeSet<Uuid> = upwards.collect();
        let active = Query::select()
            .column(account::Column::Id)
            .from(account::Entity)
            .and_where(account::Column::Status.eq(AccountStatus::Active))
            .to_owned();
        let rows = role_grant::Entity::find()
            .filter(live_at(now))
            .filter(role_grant::Column::AccountId.in_subquery(active))
            .filter(role_grant::Column::AreaId.is_in(upwards.iter().copied()))
            .order_by_asc(role_grant::Column::Id)
            .all(&handle.unscoped(REASON))
            .await?;
        Ok(Self {
            tree,
            upwards: upwards.into_iter().collect(),
            rows,
        })
    }

    /// The areas for which they were read and those above them.
    #[must_use]
    pub fn areas(&self) -> &[Uuid] {
        &self.upwards
    }

    /// The accounts that hold one of these anywhere in them, each once.
    #[must_use]
    pub fn accounts(&self, permissions: &[Permission]) -> BTreeSet<Uuid> {
        let may = |role| permissions.iter().any(|one| allows(role, *one));
        let rows = self.rows.iter().filter(|grant| may(grant.role));
        rows.map(|grant| grant.account_id).collect()
    }

    /// Everybody whose roles hold `permission` at one of the areas, the nearest grants first.
    #[must_use]
    pub fn holders(&self, permission: Permission, area: Uuid) -> Vec<Holder> {
        let upwards: Vec<Uuid> = self.tree.upwards(area).collect();
        let rows = self.rows.iter();
        let mut holders: Vec<Holder> = rows
            .filter(|grant| upwards.contains(&grant.area_id) && allows(grant.role, permission))
            .map(|grant| Holder {
                account: grant.account_id,
                role: grant.role,
                area: grant.area_id,
            })
            .collect();
        holders.sort_by_key(|holder| upwards.iter().position(|area| *area == holder.area));
        holders
    }
}

/// Everybody whose live roles hold `permission` at `area`, the nearest grants first.
pub async fn holders(
    handle: &impl Handle,
    (tree, now): (&AreaTree, chrono::DateTime<chrono::Utc>),
    (permission, area): (Permission, Uuid),
) -> Result<Vec<Holder>> {
    let grants = Grants::load(handle, (tree, now), [area]).await?;
    Ok(grants.holders(permission, area))
}
