//! Who may be given a check, and how high it is confirmed: both by where people are granted.

use entity::enums::{AccountStatus, Role};
use entity::{account, area_closure, certification_check, certification_round, role_grant};
use sea_orm::sea_query::{CaseStatement, Condition, Expr, ExprTrait as _, Func, Query, SimpleExpr};
use sea_orm::{ColumnTrait as _, Iterable as _};
use uuid::Uuid;

use super::calls::What;
use super::step::Guard;
use crate::access::actor::Actor;
use crate::access::policy::{Permission, allows};
use crate::access::scope::{copied, highest_level};
use crate::access::sessions::live_at;
use crate::context::Cx;
use crate::error::{Code, Result};

/// The level at which what the actor checks is confirmed: the round's, but never below their own.
pub(super) fn confirm_level(actor: &Actor, seen: &certification_check::Model) -> SimpleExpr {
    use certification_check::Column as C;
    let makes_it = seen.handed_to_area_id.unwrap_or(seen.area_id);
    let own = highest_level(actor, Permission::CertificationCheck, makes_it).unwrap_or_default();
    let of_round = || {
        copied::<certification_round::Entity, certification_check::Entity>(
            certification_round::Column::ConfirmLevel,
            certification_round::Column::Id,
            C::RoundId,
        )
    };
    CaseStatement::new()
        .case(of_round().lt(own), Expr::value(own))
        .finally(of_round())
        .into()
}

/// That whoever is to do it may check where the check is made, of those acts that name somebody.
pub(super) fn is_assignable(
    cx: &Cx,
    (seen, what): (&certification_check::Model, &What),
) -> Result<Option<Guard>> {
    use certification_check::Column as C;
    use role_grant::Column as G;
    let account = match what {
        What::Schedule { assigned_to, .. } | What::Join { assigned_to, .. } => *assigned_to,
        What::Assign { to, .. } => Some(*to),
        What::Unschedule
        | What::Attempt { .. }
        | What::Check(_)
        | What::Return(_)
        | What::Confirm { .. }
        | What::Settle(_) => None,
    };
    let Some(account) = account else {
        return Ok(None);
    };
    let of = |column| Expr::col((role_grant::Entity, column));
    let closure = |column| Expr::col((area_closure::Entity, column));
    let check = |column| Expr::col((certification_check::Entity, column));
    let makes_it = Func::coalesce([check(C::HandedToAreaId), check(C::AreaId)]);
    let roles = Role::iter().filter(|role| allows(*role, Permission::CertificationCheck));
    let grant = Query::select()
        .expr(Expr::value(1))
        .from(role_grant::Entity)
        .inner_join(
            account::Entity,
            Expr::col((account::Entity, account::Column::Id))
                .equals((role_grant::Entity, G::AccountId)),
        )
        .inner_join(
            area_closure::Entity,
            closure(area_closure::Column::AncestorId).equals((role_grant::Entity, G::AreaId)),
        )
        .and_where(of(G::AccountId).eq(account))
        .and_where(account::Column::Status.eq(AccountStatus::Active))
        .and_where(of(G::Role).is_in(roles))
        .and_where(closure(area_closure::Column::DescendantId).eq(makes_it))
        .cond_where(live_at(cx.app.clock.now()))
        .to_owned();
    let is_ours =
        |area: Uuid| -> Result<bool> { Ok(cx.actor()?.may(Permission::CertificationPlan, area)) };
    let code = match seen.handed_to_area_id {
        Some(area) if !is_ours(area)? => Code::HandedOver,
        _ => Code::NotAssignable,
    };
    Ok(Some(Guard {
        holds: Condition::all().add(Expr::exists(grant)),
        code,
    }))
}
