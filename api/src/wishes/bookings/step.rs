//! One step of one booking: its slot is held, a conditional update decides, and what becomes free is passed on.

use chrono::{DateTime, Duration, Utc};
use entity::enums::{AskedHow, BookingStatus, CancelledBy, Role, WishStatus};
use entity::{booking, service_offer, wish};
use sea_orm::sea_query::{
    CaseStatement, Condition, Expr, ExprTrait as _, Query, SelectStatement, SimpleExpr,
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use serde::Serialize;
use uuid::Uuid;

use super::ends::{self, End};
use super::notice;
use super::places::{self, Freed};
use super::rules::{self, Action, Explanation, Facts, QUEUED, SURE, Step};
use crate::access::actor::Actor;
use crate::access::policy::Permission;
use crate::audit::service::Act;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::wishes::rules::Action as WishAction;
use crate::write::{Begun, Outcome, Request, Write};

const OFFER: &str = "the offer and the wish of a booking that the scope let through";

/// A call of one step.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// The booking.
    pub booking: Uuid,
    /// The version the actor saw; checked where given.
    pub expected_version: Option<i64>,
    /// Why, where one is asked for.
    pub reason: Option<String>,
    /// How the household said so, where it did.
    pub how: Option<AskedHow>,
}

const fn permission(step: Step) -> Permission {
    match step {
        Step::Accept | Step::Cancel => Permission::BookingMake,
        Step::Confirm | Step::Decline | Step::Miss => Permission::BookingDecide,
    }
}

/// Takes a step. `BOOKING_MAKE` lets the household's word be entered, `BOOKING_DECIDE` the partner's or the
/// community's. Whoever says the same again succeeds.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, what [`rules::explain`] names, `VERSION_CONFLICT`.
pub async fn take(cx: &Cx, step: Step, call: Call, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new(step.mutation(), key, &call)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(permission(step))?;
    let (app, tx) = (&*cx.app, write.tx());
    let not_found = || Error::refused(Code::NotFound).on("bookingId");
    let seen = look(cx, tx, call.booking).await?.ok_or_else(not_found)?;
    let slot = places::hold(tx, seen.slot_id).await?;
    // With its slot held it stands still.
    let before = look(cx, tx, call.booking).await?.ok_or_else(not_found)?;
    let outcome = Outcome::of(before.id);
    let Some(after) = attempt(cx, tx, (step, &call, &before)).await? else {
        return match explain(cx, tx, (step, &call, &before)).await? {
            Explanation::Before => {
                write.commit(&outcome).await?;
                Ok(outcome)
            }
            Explanation::Refused(Code::VersionConflict) | Explanation::Possible => {
                Err(Error::Conflict(before.id))
            }
            Explanation::Refused(code) => Err(Error::refused(code).on("bookingId")),
        };
    };
    let freed = Freed::by(before.status, after.status);
    let promoted = places::settle(app, tx, (&slot, freed)).await?;
    notice::tell(app, tx, &promoted).await?;
    let mut changed = vec![places::announced(&after)];
    if rules::holds_place(before.status) != rules::holds_place(after.status)
        || before.status == QUEUED
    {
        changed.extend(places::changed(&slot, &promoted));
    }
    changed.extend(if after.status == SURE {
        ends::appoint(app, tx, &after).await?
    } else {
        ends::give_back(app, tx, std::slice::from_ref(&after)).await?
    });
    let moved: Vec<Uuid> = promoted.iter().map(|booking| booking.id).collect();
    let act = Act {
        action: step.mutation(),
        subject_kind: "Booking",
        subject_id: after.id,
        area_id: Some(after.area_id),
        reason: call.reason.clone(),
        fields: "status".to_owned(),
        details: serde_json::to_string(&(call.how, moved)).ok(),
    };
    write.record_all(cx, act, &changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The booking, if the actor may see it: what is outside the scope is not found.
async fn look(cx: &Cx, tx: &Tx, id: Uuid) -> Result<Option<booking::Model>> {
    cx.actor()?
        .scoped::<booking::Entity>(Permission::BookingRead)
        .id(id)
        .one(tx)
        .await
}

/// On whose side somebody ends bookings of partners' offers at `area`: whoever may do so by a partner's role
/// alone acts for the partner.
pub(super) fn side(actor: &Actor, permission: Permission, area: Uuid) -> CancelledBy {
    let own = actor.areas_as(permission, |role| role != Role::Partner);
    if own.iter().any(|above| actor.tree.covers(*above, area)) {
        CancelledBy::Community
    } else {
        CancelledBy::Partner
    }
}

/// How the actor ends `before` by such a step.
fn ending(actor: &Actor, (step, call): (Step, &Call), before: &booking::Model) -> End {
    End {
        side: match step {
            Step::Cancel => CancelledBy::Household,
            _ => side(actor, permission(step), before.area_id),
        },
        reason: call.reason.clone(),
        by: Some(actor.account),
    }
}

/// The conditional update: the life, the scope and the step's own conditions in one WHERE.
async fn attempt(
    cx: &Cx,
    tx: &Tx,
    (step, call, before): (Step, &Call, &booking::Model),
) -> Result<Option<booking::Model>> {
    use booking::Column as C;
    let (actor, now) = (cx.actor()?, cx.app.clock.now());
    let from: Vec<BookingStatus> = step.action().from().collect();
    let mut scoped = actor
        .scoped::<booking::Entity>(permission(step))
        .id(call.booking)
        .filter(C::Status.is_in(from));
    scoped = match step {
        Step::Confirm => scoped.filter(C::StartsAt.gt(now)),
        Step::Accept => scoped.filter(C::ConfirmUntil.gt(now)),
        Step::Cancel => {
            let cutoff = cutoff_minutes(tx, before.offer_id).await?;
            let in_time = C::StartsAt.gte(now + Duration::minutes(cutoff.into()));
            scoped.filter(Condition::any().add(C::Status.ne(SURE)).add(in_time))
        }
        Step::Decline => scoped,
        Step::Miss => scoped
            .filter(C::StartsAt.lte(now))
            .filter(C::WishId.in_subquery(not_begun())),
    };
    if let Some(version) = call.expected_version {
        scoped = scoped.filter(C::Version.eq(version));
    }
    let mut values = match step {
        Step::Confirm | Step::Accept => vec![
            (C::ConfirmUntil, Expr::value(None::<DateTime<Utc>>)),
            (C::ConfirmedBy, Expr::value(actor.account)),
            (C::ConfirmedAt, Expr::value(now)),
        ],
        Step::Cancel | Step::Decline | Step::Miss => {
            ending(actor, (step, call), before).values(now)
        }
    };
    if step == Step::Miss {
        values.retain(|(column, _)| !matches!(column, C::CancelledBy));
    }
    let moved = scoped.update(tx, |update| {
        update
            .values(values)
            .value(C::Status, after(step.action()))
            .value(C::Version, Expr::col(C::Version).add(1))
            .value(C::UpdatedAt, now);
    });
    Ok(moved.await?.pop())
}

/// The state after an action, whatever it was before.
pub(super) fn after(action: Action) -> SimpleExpr {
    use booking::Column as C;
    let mut case = CaseStatement::new();
    for (from, to) in action.steps() {
        case = case.case(C::Status.eq(from), Expr::value(to));
    }
    case.finally(Expr::col(C::Status)).into()
}

/// The wishes that are taken on and not begun.
fn not_begun() -> SelectStatement {
    let taken: Vec<WishStatus> = WishAction::Take.steps().map(|(_, to)| to).collect();
    Query::select()
        .column(wish::Column::Id)
        .from(wish::Entity)
        .and_where(
            Expr::col((wish::Entity, wish::Column::Id))
                .equals((booking::Entity, booking::Column::WishId)),
        )
        .and_where(Expr::col((wish::Entity, wish::Column::Status)).is_in(taken))
        .to_owned()
}

async fn cutoff_minutes(tx: &Tx, offer: Uuid) -> Result<i32> {
    service_offer::Entity::find_by_id(offer)
        .select_only()
        .column(service_offer::Column::CutoffMinutes)
        .into_tuple::<i32>()
        .one(&tx.unscoped(OFFER))
        .await?
        .ok_or_else(|| Error::internal("a booking without its offer"))
}

/// Nothing moved: what is known of the booking, which is held, and what follows from it.
async fn explain(
    cx: &Cx,
    tx: &Tx,
    (step, call, before): (Step, &Call, &booking::Model),
) -> Result<Explanation> {
    let (actor, now) = (cx.actor()?, cx.app.clock.now());
    let end = ending(actor, (step, call), before);
    let done_before = match step {
        Step::Confirm | Step::Accept => {
            before.status == SURE && before.confirmed_by == Some(actor.account)
        }
        Step::Cancel | Step::Decline => {
            (before.cancelled_by, &before.end_reason, before.ended_by)
                == (Some(end.side), &end.reason, end.by)
        }
        Step::Miss => {
            before.cancelled_by.is_none()
                && (&before.end_reason, before.ended_by) == (&end.reason, end.by)
        }
    };
    let scoped = actor.scoped::<booking::Entity>(permission(step));
    let permitted = scoped.id(before.id).count(tx).await? > 0;
    let cutoff = cutoff_minutes(tx, before.offer_id).await?;
    let taken = WishAction::Take.steps().map(|(_, to)| to);
    let waits = wish::Entity::find_by_id(before.wish_id)
        .filter(wish::Column::Status.is_in(taken))
        .one(&tx.unscoped(OFFER))
        .await?;
    let facts = Facts {
        status: before.status,
        cancelled_by: before.cancelled_by,
        done_before,
        permitted,
        version_fits: call
            .expected_version
            .is_none_or(|seen| seen == before.version),
        has_begun: before.starts_at <= now,
        is_late: now > rules::cutoff(before.starts_at, cutoff),
        has_lapsed: before.confirm_until.is_none_or(|until| until <= now),
        is_under_way: waits.is_none(),
    };
    Ok(rules::explain(step, facts))
}
