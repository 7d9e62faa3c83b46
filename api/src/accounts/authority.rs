//! How far the right to grant reaches, and whether an administrator is left.
//!
//! Judged in SQL by the grants of this moment, never by what a token carries. What is read here holds
//! until the end of the transaction where it began with [`crate::access::sessions::outdate_tokens`].

use chrono::{DateTime, Utc};
use entity::enums::{AccountStatus, Role};
use entity::{account, area_closure, role_grant};
use sea_orm::sea_query::{Condition, ExprTrait as _, Query};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QuerySelect as _,
};
use uuid::Uuid;

use crate::access::policy::{self, Permission};
use crate::access::sessions::live_at;
use crate::clock::Clock;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};

const REASON: &str = "grants are what scopes are made from";

/// How far an actor's right to grant reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The area lies outside every subtree in which they may grant.
    Outside,
    /// They may grant there, but not this role.
    Above,
    /// They may grant every role asked for at its area.
    Within,
}

/// Whether the actor may grant (and take away) all of these roles, by their grants of this moment.
pub(super) async fn reach(cx: &Cx, tx: &Tx, roles: &[(Role, Uuid)]) -> Result<Reach> {
    let may = |own, role| policy::grantable(own).contains(&role);
    reach_by(cx, tx, roles, may).await
}

/// Whether the actor stands above all of these roles, so that they may reset who holds them.
pub(super) async fn is_above(cx: &Cx, tx: &Tx, roles: &[(Role, Uuid)]) -> Result<bool> {
    let reach = reach_by(cx, tx, roles, policy::may_reset).await?;
    Ok(reach == Reach::Within)
}

/// How far a right goes that one role gives over another, by the actor's grants of this moment.
async fn reach_by(
    cx: &Cx,
    tx: &Tx,
    roles: &[(Role, Uuid)],
    may: impl Fn(Role, Role) -> bool,
) -> Result<Reach> {
    let mut held = Query::select();
    held.column((role_grant::Entity, role_grant::Column::Role))
        .column((area_closure::Entity, area_closure::Column::DescendantId))
        .from(role_grant::Entity)
        .inner_join(
            area_closure::Entity,
            area_closure::Column::AncestorId
                .into_expr()
                .eq(role_grant::Column::AreaId.into_expr()),
        )
        .inner_join(
            account::Entity,
            account::Column::Id
                .into_expr()
                .eq(role_grant::Column::AccountId.into_expr()),
        )
        .and_where(role_grant::Column::AccountId.eq(cx.actor()?.account))
        .and_where(account::Column::Status.eq(AccountStatus::Active))
        .and_where(area_closure::Column::DescendantId.is_in(roles.iter().map(|(_, area)| *area)))
        .cond_where(live_at(cx.app.clock.now()));
    let rows = tx.unscoped(REASON).query_all(&held).await?;
    let held: Vec<(Role, Uuid)> = rows
        .iter()
        .map(|row| Ok((row.try_get("", "role")?, row.try_get("", "descendant_id")?)))
        .collect::<Result<_>>()?;
    let reach_of = |(role, area): &(Role, Uuid)| {
        let mut granting = held
            .iter()
            .filter(|(_, below)| below == area)
            .map(|(own, _)| *own)
            .filter(|own| !policy::grantable(*own).is_empty())
            .peekable();
        if granting.peek().is_none() {
            Reach::Outside
        } else if granting.any(|own| may(own, *role)) {
            Reach::Within
        } else {
            Reach::Above
        }
    };
    let reaches: Vec<Reach> = roles.iter().map(reach_of).collect();
    Ok([Reach::Outside, Reach::Above]
        .into_iter()
        .find(|short| reaches.contains(short))
        .unwrap_or(Reach::Within))
}

/// Refuses a role at an area that the actor may not grant.
pub(super) async fn check_reach(cx: &Cx, tx: &Tx, role: Role, area: Uuid) -> Result<()> {
    match reach(cx, tx, &[(role, area)]).await? {
        Reach::Within => Ok(()),
        Reach::Above => Err(Error::refused(Code::RoleAboveYours).on("role")),
        Reach::Outside => Err(Error::refused(Code::NotFound).on("areaId")),
    }
}

/// `NOT_FOUND` unless the account holds or held a role where the actor manages accounts.
pub(super) async fn manageable(cx: &Cx, tx: &Tx, account: Uuid) -> Result<()> {
    cx.actor()?
        .scoped::<role_grant::Entity>(Permission::AccountManage)
        .filter(role_grant::Column::AccountId.eq(account))
        .one_to_change(tx)
        .await?
        .map(|_| ())
        .ok_or_else(|| Error::refused(Code::NotFound).on("accountId"))
}

/// Whether somebody who can sign in is administrator now and without end.
///
/// Who never activated their account can, as long as their code is good.
pub async fn has_administrator(tx: &Tx, now: DateTime<Utc>) -> Result<bool> {
    let has_code = Condition::all()
        .add(account::Column::CodeHash.is_not_null())
        .add(account::Column::CodeExpiresAt.gt(now));
    let active = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(account::Column::Status.eq(AccountStatus::Active))
        .filter(
            Condition::any()
                .add(account::Column::PasswordHash.is_not_null())
                .add(has_code),
        );
    let without_end = Condition::all()
        .add(role_grant::Column::Role.eq(Role::Admin))
        .add(role_grant::Column::ValidUntil.is_null())
        .add(role_grant::Column::AccountId.in_subquery(sea_orm::QueryTrait::into_query(active)));
    let administrators = role_grant::Entity::find()
        .filter(live_at(now))
        .filter(without_end)
        .count(&tx.unscoped(REASON))
        .await?;
    Ok(administrators > 0)
}

/// `LAST_ADMINISTRATOR` if there was an administrator before this transaction's change and now is none.
pub(super) async fn keep_administrator(
    tx: &Tx,
    clock: &Clock,
    before: bool,
    field: &'static str,
) -> Result<()> {
    if before && !has_administrator(tx, clock.now()).await? {
        return Err(Error::refused(Code::LastAdministrator).on(field));
    }
    Ok(())
}
