//! Whom one can ask along: volunteers of one's own areas.

use std::collections::HashSet;

use entity::enums::{AccountStatus, Role};
use entity::{account, beneficiary, certification_check, role_grant};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, FromQueryResult};
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::access::scope::select_columns;
use crate::access::sessions::live_at;
use crate::context::Cx;
use crate::db::Handle;
use crate::duty::roster::away;
use crate::error::Result;

/// How many volunteers are proposed.
const PROPOSED: usize = 50;

/// Whether a role is that of somebody who helps out.
const fn helps(role: Role) -> bool {
    match role {
        Role::Volunteer | Role::CenterHousehold => true,
        Role::GridLead
        | Role::CompoundSecretary
        | Role::CommunityStaff
        | Role::VeteransStaff
        | Role::Partner
        | Role::Supervisor
        | Role::Admin => false,
    }
}

/// A volunteer who can be asked along.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Candidate {
    /// Their account.
    pub account: Uuid,
    /// Their name.
    pub name: String,
    /// Where they serve.
    pub area: Uuid,
    /// As what.
    pub role: Role,
}

/// Whom a check certifies, to whoever plans it.
pub(super) async fn person(
    cx: &Cx,
    handle: &impl Handle,
    check: Uuid,
) -> Result<Option<beneficiary::Model>> {
    use certification_check::Column as K;
    let mut people: Vec<beneficiary::Model> = cx
        .actor()?
        .scoped::<certification_check::Entity>(Permission::CertificationPlan)
        .id(check)
        .into_rows(handle, |select| {
            select_columns::<beneficiary::Entity>(select, "");
            select.inner_join(
                beneficiary::Entity,
                Expr::col((beneficiary::Entity, beneficiary::Column::Id))
                    .equals((certification_check::Entity, K::BeneficiaryId)),
            );
        })
        .await?;
    Ok(people.pop())
}

/// Volunteers of the areas for which the actor plans, or whether this one is of them.
pub(super) async fn fit(
    cx: &Cx,
    handle: &impl Handle,
    only: Option<Uuid>,
) -> Result<Vec<Candidate>> {
    use role_grant::Column as C;
    let mut scoped = cx
        .actor()?
        .scoped::<role_grant::Entity>(Permission::CertificationPlan)
        .filter(live_at(cx.app.clock.now()));
    if let Some(account) = only {
        scoped = scoped.filter(C::AccountId.eq(account));
    }
    let rows: Vec<Candidate> = scoped
        .into_rows(handle, |select| {
            let own = |column: C| Expr::col((role_grant::Entity, column));
            select
                .expr_as(own(C::AccountId), "account")
                .expr_as(own(C::AreaId), "area")
                .expr_as(own(C::Role), "role")
                .expr_as(Expr::col((account::Entity, account::Column::Name)), "name")
                .inner_join(
                    account::Entity,
                    Expr::col((account::Entity, account::Column::Id))
                        .equals((role_grant::Entity, C::AccountId)),
                )
                .and_where(
                    Expr::col((account::Entity, account::Column::Status)).eq(AccountStatus::Active),
                );
        })
        .await?;
    Ok(rows.into_iter().filter(|one| helps(one.role)).collect())
}

/// Volunteers who can be asked along to a check, those first who serve where the person lives; none who is
/// away then. Nothing outside the scope. Needs `CERTIFICATION_PLAN` at the check.
pub async fn candidates(cx: &Cx, check: Uuid) -> Result<Vec<Candidate>> {
    let actor = cx.actor()?;
    actor.require(Permission::CertificationPlan)?;
    let db = &cx.app.db;
    let scoped = actor.scoped::<certification_check::Entity>(Permission::CertificationPlan);
    let Some(check) = scoped.id(check).one(db).await? else {
        return Ok(Vec::new());
    };
    let person = person(cx, db, check.id).await?;
    let home = person.and_then(|person| person.home_area_id);
    let home = home.unwrap_or(check.area_id);
    let mut found = fit(cx, db, None).await?;
    let accounts: Vec<Uuid> = found.iter().map(|one| one.account).collect();
    let at = check.scheduled_for.unwrap_or_else(|| cx.app.clock.now());
    let away = away(db, &accounts, at).await?;
    found.retain(|one| !away.contains_key(&one.account));
    let tree = &actor.tree;
    found.sort_by(|one, other| {
        let far = |one: &Candidate| !tree.covers(one.area, home);
        let key = |one: &Candidate| (far(one), one.name.clone(), one.account);
        key(one).cmp(&key(other))
    });
    let mut known = HashSet::new();
    found.retain(|one| known.insert(one.account));
    found.truncate(PROPOSED);
    Ok(found)
}
