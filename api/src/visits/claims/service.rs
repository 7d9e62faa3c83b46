//! Claiming, keeping and passing on.

use chrono::{DateTime, Duration, Utc};
use entity::enums::VisitKind;
use entity::visit_task;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;
use uuid::Uuid;

use super::lapse::reopened_until;
use super::rules::{MOST_RENEWALS, RENEWAL};
use super::{checks, fitness};
use crate::access::holders::holders;
use crate::access::policy::Permission;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::visits::rules::Action;
use crate::visits::service::Call;
use crate::visits::step::{
    Done, Moved, Step, Taken, holders as holder_step, live_claims, lock_account,
};
use crate::write::{Begun, Outcome, Write};

const HELD: &str = "the lease of the task that was just renewed";

/// Claims an open task: exactly one of many succeeds; the holder's repeat is success. `appointed_at` says
/// when one will be there.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_CLAIMED`, `NOT_OPEN`, `ALREADY_FINISHED`,
/// `WINDOW_PASSED`, `VERSION_CONFLICT`, `CLAIM_LIMIT`, `DAILY_CLAIM_LIMIT`, `CENTER_FIRST`, `AGE_UNFIT`,
/// `TRAINING_MISSING`, `OUT_OF_RANGE`, `TIME_CONFLICT`.
pub async fn claim(cx: &Cx, call: Call, appointed_at: Option<DateTime<Utc>>) -> Result<Outcome> {
    use visit_task::Column as C;
    let me = cx.actor()?.account;
    let now = cx.app.clock.now();
    let limit = i64::from(cx.app.settings.claim_limit);
    let a_day = i64::from(cx.app.settings.claims_a_day);
    let today = checks::claims_of_day(now, me);
    let step = Step::new(
        "claimVisitTask",
        Action::Claim,
        Permission::VisitClaim,
        call,
    )
    .guard(C::DueAt.gt(now))
    .guard(SimpleExpr::SubQuery(None, Box::new(live_claims(me, now).into())).lt(limit))
    .guard(SimpleExpr::SubQuery(None, Box::new(today.into())).lt(a_day))
    .one_at_a_time()
    .set(C::ClaimedBy, me)
    .set(C::ClaimedAt, now)
    .set(C::AppointedAt, appointed_at)
    .set(C::LeaseUntil, Expr::col(C::DueAt));
    let done = step.run(cx, &appointed_at).await?;
    if let Done::Now(moved) = &done {
        checks::claim(cx, moved.write.tx(), &moved.task).await?;
        if let Some(at) = appointed_at {
            checks::appointment(cx, moved.write.tx(), &moved.task, at).await?;
        }
    }
    done.finish(cx, None).await
}

/// Says when one will be there, or takes that back. Only the claim's holder.
///
/// Refused besides the states: `OUT_OF_RANGE`, `TIME_CONFLICT`.
pub async fn appoint(cx: &Cx, call: Call, at: Option<DateTime<Utc>>) -> Result<Outcome> {
    let step = holder_step("appointVisitTask", Action::Appoint, call)
        .one_at_a_time()
        .set(visit_task::Column::AppointedAt, at);
    let done = step.run(cx, &at).await?;
    if let (Done::Now(moved), Some(at)) = (&done, at) {
        checks::appointment(cx, moved.write.tx(), &moved.task, at).await?;
    }
    done.finish(cx, None).await
}

/// Lengthens a lease by a day, beyond the window too; twice at most. Only the claim's holder.
///
/// Refused besides the states: `RENEWAL_LIMIT`, `WINDOW_PASSED` once the lease has run out.
pub async fn renew(cx: &Cx, call: Call) -> Result<Outcome> {
    use visit_task::Column as C;
    let step = holder_step("renewVisitTask", Action::Renew, call)
        .set(C::Renewals, Expr::col(C::Renewals).add(1));
    let done = step.run(cx, &()).await?;
    if let Done::Now(moved) = &done {
        let until = moved.task.lease_until.unwrap_or(moved.task.due_at);
        let refused = |code| Err(Error::refused(code).on("visitTaskId"));
        if until <= cx.app.clock.now() {
            return refused(Code::WindowPassed);
        }
        if moved.task.renewals > MOST_RENEWALS {
            return refused(Code::RenewalLimit);
        }
        visit_task::Entity::update_many()
            .col_expr(C::LeaseUntil, Expr::value(until + RENEWAL))
            .filter(C::Id.eq(moved.task.id))
            .exec(&moved.write.tx().unscoped(HELD))
            .await?;
    }
    done.finish(cx, None).await
}

/// Gives a claimed task back with a reason. Only its holder.
///
/// Refused besides the states: `RELEASE_TOO_LATE` close before an appointment.
pub async fn release(cx: &Cx, call: Call, reason: String) -> Result<Outcome> {
    use visit_task::Column as C;
    let hours = Duration::hours(cx.app.settings.release_cutoff_hours.into());
    let (now, cutoff) = (cx.app.clock.now(), cx.app.clock.now() + hours);
    let promised = cx
        .actor()?
        .scoped::<visit_task::Entity>(Permission::VisitCarryOut)
        .id(call.task.uuid())
        .filter(C::Status.is_in(Action::Appoint.transition().from.to_vec()))
        .filter(C::AppointedAt.gt(now))
        .filter(C::AppointedAt.lt(cutoff))
        .one(&cx.app.db)
        .await?;
    let checked = match promised {
        Some(_) => Err(Error::refused(Code::ReleaseTooLate).on("visitTaskId")),
        None => Ok(()),
    };
    // Who has missed the appointment may give the visit back again.
    let in_time = Condition::any()
        .add(C::AppointedAt.is_null())
        .add(C::AppointedAt.lte(now))
        .add(C::AppointedAt.gte(cutoff))
        .add(C::Status.is_not_in(Action::Appoint.transition().from.to_vec()));
    let step = holder_step("releaseVisitTask", Action::Release, call)
        .checked(checked)
        .guard(in_time.into())
        .unclaimed()
        .set(C::DueAt, reopened_until(now));
    step.run(cx, &reason).await?.finish(cx, Some(reason)).await
}

/// For whom a lead takes a visit from its holder, and why.
#[derive(Clone, Debug, Serialize)]
pub struct Reassignment {
    /// Who is to make the visit; none opens it to everybody.
    pub account: Option<Uuid>,
    /// Why.
    pub reason: String,
}

/// Gives a visit to somebody else, or back to everybody. Needs `VISIT_REASSIGN`.
///
/// Refused besides the states: `WINDOW_PASSED`, `NOT_ASSIGNABLE`, `AGE_UNFIT`, `TRAINING_MISSING`.
pub async fn reassign(cx: &Cx, call: Call, to: Reassignment) -> Result<Outcome> {
    let step = reassigning("reassignVisitTask", call, cx, &to);
    let write = match Write::begin(cx, step.request(&to)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let (task, fields) = match taken(cx, &write, step, &to).await? {
        Ok(moved) => moved,
        Err(error) => return Err(error),
    };
    let done = Done::Now(Box::new(Moved {
        write,
        task,
        mutation: "reassignVisitTask",
        fields,
    }));
    done.finish(cx, Some(to.reason)).await
}

/// The step that gives a visit to somebody else.
pub(super) fn reassigning(mutation: &'static str, call: Call, cx: &Cx, to: &Reassignment) -> Step {
    use visit_task::Column as C;
    let now = cx.app.clock.now();
    let action = match to.account {
        Some(_) => Action::Reassign,
        None => Action::TakeBack,
    };
    let step = Step::new(mutation, action, Permission::VisitReassign, call)
        .unclaimed()
        .set(C::DueAt, reopened_until(now));
    match to.account {
        None => step,
        Some(account) => step
            .set(C::ClaimedBy, account)
            .set(C::ClaimedAt, now)
            .set(C::LeaseUntil, reopened_until(now))
            .set(C::AssignedBy, cx.actor.as_ref().map(|actor| actor.account)),
    }
}

/// Takes such a step within an open write; the refusal where it was refused, with nothing moved.
pub(super) async fn taken(
    cx: &Cx,
    write: &Write,
    step: Step,
    to: &Reassignment,
) -> Result<Result<(visit_task::Model, Vec<&'static str>)>> {
    if let Some(account) = to.account {
        lock_account(write.tx(), account).await?;
    }
    let (task, fields) = match step.take(cx, write).await? {
        Taken::Moved(task, fields) => (*task, fields),
        Taken::Before(_) => return Ok(Err(Error::refused(Code::NotFound).on("visitTaskId"))),
        Taken::Refused(error) => return Ok(Err(error)),
    };
    if task.due_at <= cx.app.clock.now() {
        return Ok(Err(Error::refused(Code::WindowPassed).on("visitTaskId")));
    }
    if let Some(account) = to.account
        && let Err(error) = fits(cx, write.tx(), (task.kind, task.area_id), account).await
    {
        return Ok(Err(error.on("accountId")));
    }
    Ok(Ok((task, fields)))
}

/// Whether the account may make visits of a kind in an area: `NOT_ASSIGNABLE`, `AGE_UNFIT`,
/// `TRAINING_MISSING`.
pub(super) async fn fits(
    cx: &Cx,
    tx: &Tx,
    (kind, area): (VisitKind, Uuid),
    account: Uuid,
) -> Result<()> {
    let wanted = (Permission::VisitClaim, area);
    let tree = cx.app.sessions.tree();
    let may = holders(tx, (&tree, cx.app.clock.now()), wanted).await?;
    if !may.iter().any(|holder| holder.account == account) {
        return Err(Error::refused(Code::NotAssignable));
    }
    fitness::check(cx, tx, (kind, area), account).await
}

/// A visit that the actor has promised, and another to which the way is too long.
#[derive(Clone, Copy, Debug)]
pub struct Tight {
    /// The other visit.
    pub task: Uuid,
    /// When one is to be there.
    pub at: DateTime<Utc>,
}

/// Those of the actor's appointments that are hard to keep beside this one.
pub async fn tight(cx: &Cx, task: Uuid) -> Result<Vec<Tight>> {
    let own = checks::appointments(&cx.app.db, cx.actor()?.account).await?;
    let Some(this) = own.iter().find(|one| one.task == task) else {
        return Ok(Vec::new());
    };
    let others = own.iter().filter(|other| other.task != task);
    Ok(others
        .filter(|other| this.is_tight(other))
        .map(|other| Tight {
            task: other.task,
            at: other.at,
        })
        .collect())
}
