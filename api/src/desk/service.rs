//! What lies on a desk.

use chrono::{DateTime, Duration, Utc};
use entity::enums::{AccountStatus, CareTier, Role, VisitStatus};
use entity::{absence, account, area_closure, care_enrolment, resident, role_grant, visit_task};
use sea_orm::sea_query::{
    Condition, Expr, ExprTrait as _, NullOrdering, Order, Query, SelectStatement,
};
use sea_orm::{ColumnTrait as _, FromQueryResult, Iterable as _};
use uuid::Uuid;

use crate::access::policy::{Permission, allows};
use crate::access::scope::Scoped;
use crate::access::sessions::live_at;
use crate::clock::{SHANGHAI, begin_of, local_date};
use crate::context::Cx;
use crate::error::Result;
use crate::visits::load::{self, Columns, SeenTask};
use crate::visits::rules;
use crate::visits::states::{has_status, is_in_hand};

/// How many of each a desk shows; it counts them all.
pub const MOST: u64 = 50;

/// How near the end of its window an unclaimed visit is at risk.
const AT_RISK: Duration = Duration::hours(24);

/// How near its end a door of an unclaimed batch of meals is at risk: every batch would be all day long.
const MEAL_AT_RISK: Duration = Duration::hours(2);

/// How long missed visits lie on the desk.
const MISSED: Duration = Duration::days(7);

/// A pile on the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pile {
    /// Unclaimed, and the window ends within a day.
    AtRisk,
    /// Claimed by somebody who can no longer make it.
    Stranded,
    /// Missed in the last seven days, or still held beyond the end of the window.
    Missed,
    /// Sent back, not yet completed.
    Returned,
    /// Reported, and a person must verify it.
    Waiting,
}

/// Somebody whom nobody has seen or spoken to for long.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Unseen {
    /// Who.
    pub resident_id: Uuid,
    /// Their name.
    pub name: String,
    /// Their tier.
    pub tier: CareTier,
    /// The building.
    pub area_id: Uuid,
    /// The last contact; none on record where absent.
    pub last_at: Option<DateTime<Utc>>,
}

/// Whether the actor has a desk in an area. Needs `DESK_READ`.
pub fn may(cx: &Cx, area: Uuid) -> Result<bool> {
    let actor = cx.actor()?;
    actor.require(Permission::DeskRead)?;
    Ok(actor.may(Permission::DeskRead, area))
}

fn pile(cx: &Cx, area: Uuid, pile: Pile) -> Result<Scoped<'_, visit_task::Entity>> {
    use visit_task::Column as C;
    let now = cx.app.clock.now();
    let scoped = cx
        .actor()?
        .scoped::<visit_task::Entity>(Permission::DeskRead)
        .below(area);
    Ok(match pile {
        Pile::AtRisk => scoped
            .filter(C::Status.eq(VisitStatus::Open))
            .filter(C::DueAt.gt(now))
            .filter(C::DueAt.lte(now + AT_RISK))
            .filter(
                Condition::any()
                    .add(C::BatchId.is_null())
                    .add(C::DueAt.lte(now + MEAL_AT_RISK)),
            ),
        Pile::Stranded => scoped
            .filter(C::Status.is_in(rules::LIVE.to_vec()))
            .filter(is_in_hand())
            .filter(
                Condition::any()
                    .add(Expr::exists(able(now)).not())
                    .add(Expr::exists(away(now))),
            ),
        Pile::Missed => scoped.filter(C::DueAt.gt(now - MISSED)).filter(
            Condition::any().add(C::Status.eq(VisitStatus::Missed)).add(
                // A renewed claim holds beyond the window.
                Condition::all()
                    .add(C::Status.is_in(rules::Action::Miss.transition().from.to_vec()))
                    .add(C::DueAt.lte(now)),
            ),
        ),
        Pile::Returned => scoped
            .filter(has_status(VisitStatus::Returned))
            .filter(is_in_hand()),
        Pile::Waiting => scoped
            .filter(has_status(VisitStatus::Reported))
            .filter(is_in_hand())
            .filter(C::AutoVerifyAt.is_null()),
    })
}

/// A live grant of the claim's holder that lets them make the visit.
fn able(now: DateTime<Utc>) -> SelectStatement {
    use role_grant::Column as G;
    let roles = Role::iter().filter(|role| allows(*role, Permission::VisitClaim));
    let column = |column| Expr::col((visit_task::Entity, column));
    Query::select()
        .expr(Expr::value(1))
        .from(role_grant::Entity)
        .inner_join(
            account::Entity,
            Expr::col((account::Entity, account::Column::Id))
                .equals((role_grant::Entity, G::AccountId)),
        )
        .inner_join(
            area_closure::Entity,
            Expr::col((area_closure::Entity, area_closure::Column::AncestorId))
                .equals((role_grant::Entity, G::AreaId)),
        )
        .and_where(
            Expr::col((area_closure::Entity, area_closure::Column::DescendantId))
                .eq(column(visit_task::Column::AreaId)),
        )
        .and_where(
            Expr::col((role_grant::Entity, G::AccountId)).eq(column(visit_task::Column::ClaimedBy)),
        )
        .and_where(account::Column::Status.eq(AccountStatus::Active))
        .and_where(G::Role.is_in(roles))
        .cond_where(live_at(now))
        .to_owned()
}

/// An absence of the claim's holder that lasts beyond the visit's window.
fn away(now: DateTime<Utc>) -> SelectStatement {
    use absence::Column as A;
    let column = |column| Expr::col((visit_task::Entity, column));
    Query::select()
        .expr(Expr::value(1))
        .from(absence::Entity)
        .and_where(Expr::col(A::AccountId).eq(column(visit_task::Column::ClaimedBy)))
        .and_where(Expr::col(A::FromAt).lte(now))
        .and_where(Expr::col(A::UntilAt).gt(now))
        .and_where(Expr::col(A::UntilAt).gte(column(visit_task::Column::DueAt)))
        .to_owned()
}

/// How many visits lie on a pile.
pub async fn count(cx: &Cx, area: Uuid, of: Pile) -> Result<u64> {
    pile(cx, area, of)?.count(&cx.app.db).await
}

/// The first visits of a pile, the earliest end of window first.
pub async fn tasks(cx: &Cx, area: Uuid, of: Pile, columns: Columns) -> Result<Vec<SeenTask>> {
    let scoped = pile(cx, area, of)?
        .order_by(visit_task::Column::DueAt, Order::Asc)
        .order_by(visit_task::Column::Id, Order::Asc)
        .limit(MOST);
    load::tasks(cx, &cx.app.db, scoped, columns).await
}

/// People enrolled, alive and not resting (or beyond the review of their pause) whom nobody has seen or spoken to for `days`, those longest unseen
/// first.
pub async fn unseen(cx: &Cx, area: Uuid, days: i64) -> Result<Vec<Unseen>> {
    use care_enrolment::Column as E;
    use visit_task::Column as T;
    let today = local_date(cx.app.clock.now(), SHANGHAI);
    let since = begin_of(today - Duration::days(days), SHANGHAI);
    let enrolment = |column: E| Expr::col((care_enrolment::Entity, column));
    let task = |column: T| Expr::col((visit_task::Entity, column));
    let last = Query::select()
        .expr(task(T::OccurredAt).max())
        .from(visit_task::Entity)
        .and_where(task(T::ResidentId).eq(enrolment(E::ResidentId)))
        .and_where(task(T::Outcome).is_in(rules::CONTACTS.to_vec()))
        .and_where(task(T::Status).is_in(rules::TOLD.to_vec()))
        .to_owned();
    let recent = Query::select()
        .expr(Expr::value(1))
        .from(visit_task::Entity)
        .and_where(task(T::ResidentId).eq(enrolment(E::ResidentId)))
        .and_where(task(T::OccurredAt).gte(since))
        .and_where(task(T::Outcome).is_in(rules::CONTACTS.to_vec()))
        .and_where(task(T::Status).is_in(rules::TOLD.to_vec()))
        .to_owned();
    cx.actor()?
        .scoped::<care_enrolment::Entity>(Permission::DeskRead)
        .below(area)
        .filter(E::ToOn.is_null())
        .filter(E::FromOn.lte(today - Duration::days(days)))
        .filter(
            Condition::any()
                .add(E::PausedOn.is_null())
                .add(E::PausedOn.gt(today))
                // A pause that nobody has looked at on its day is no excuse.
                .add(E::ReviewOn.lt(today)),
        )
        .filter(Expr::exists(recent).not())
        .limit(MOST)
        .into_rows(&cx.app.db, |select| {
            select
                .expr_as(enrolment(E::ResidentId), "resident_id")
                .expr_as(enrolment(E::Tier), "tier")
                .expr_as(enrolment(E::AreaId), "area_id")
                .column((resident::Entity, resident::Column::Name))
                .expr_as(
                    sea_orm::sea_query::SimpleExpr::SubQuery(None, Box::new(last.into())),
                    "last_at",
                )
                .inner_join(
                    resident::Entity,
                    Expr::col((resident::Entity, resident::Column::Id))
                        .equals((care_enrolment::Entity, E::ResidentId)),
                )
                .and_where(resident::Column::DeceasedOn.is_null())
                // Who was never seen comes first.
                .order_by_with_nulls("last_at", Order::Asc, NullOrdering::First)
                .order_by((care_enrolment::Entity, E::Id), Order::Asc);
        })
        .await
}
