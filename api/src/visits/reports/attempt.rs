//! A try that met nobody.

use chrono::{DateTime, Utc};
use entity::enums::AttemptReason;
use entity::{visit_attempt, visit_task};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _};
use serde::Serialize;
use uuid::Uuid;

use super::filing::{occurred, sealed_notes};
use super::report::set_right;
use super::rules;
use crate::access::policy::Permission;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::visits::rules::Action;
use crate::visits::service::Call;
use crate::visits::step::{Done, Step, holders};
use crate::write::Outcome;

const REASON: &str = "written with the task that was just moved";

/// A try that met nobody.
#[derive(Clone, Debug, Serialize)]
pub struct Attempt {
    /// Why nobody was met.
    pub reason: AttemptReason,
    /// When, by the phone's clock; now where absent.
    pub occurred_at: Option<DateTime<Utc>>,
    /// When the holder tries again; absent gives the task back.
    pub retry_at: Option<DateTime<Utc>>,
    /// What was noticed.
    pub notes: Option<String>,
    /// The phone's clock as it sends, by which its times are set right; a repeat sends another.
    #[serde(skip)]
    pub phone_time: Option<DateTime<Utc>>,
}

impl Attempt {
    /// The attempt with its time set right, where the phone's clock is off and says so. When to try
    /// again was not read off that clock.
    #[must_use]
    pub(super) fn by_our_clock(&self, now: DateTime<Utc>) -> Self {
        let ahead = rules::ahead(self.phone_time, now);
        Self {
            occurred_at: set_right(self.occurred_at, ahead),
            ..self.clone()
        }
    }

    /// Checks its own values.
    pub(super) fn check(&self, now: DateTime<Utc>) -> Result<()> {
        occurred(self.occurred_at.unwrap_or(now), now, "occurredAt")?;
        match self.retry_at {
            Some(at) if at <= now => Err(Error::refused(Code::WindowPassed).on("retryAt")),
            _ => Ok(()),
        }
    }
}

/// Records an attempt; the holder keeps the task until `retry_at`, or gives it back. A door of a batch
/// stays with who holds the batch.
///
/// Refused besides the states: `TIME_IN_FUTURE`, `WINDOW_PASSED`, `OUT_OF_RANGE` (also of a `retry_at`
/// beyond the lease: nobody would hold the task then).
pub async fn record_attempt(cx: &Cx, call: Call, attempt: Attempt) -> Result<Outcome> {
    let told = attempt.by_our_clock(cx.app.clock.now());
    let keeps = attempt.retry_at.is_some() || is_in_batch(cx, call).await?;
    let action = if keeps {
        Action::AttemptAndKeep
    } else {
        Action::AttemptAndReopen
    };
    let mut step = one_more(holders("recordVisitAttempt", action, call))
        .checked(told.check(cx.app.clock.now()));
    // What was begun has come to nothing: the next try begins anew.
    step = if keeps {
        step.set(visit_task::Column::RetryAt, attempt.retry_at)
            .set(visit_task::Column::StartedAt, Option::<DateTime<Utc>>::None)
    } else {
        step.unclaimed()
    };
    let done = step.run(cx, &attempt).await?;
    if let Done::Now(moved) = &done {
        let task = &moved.task;
        let held_until = task.lease_until.unwrap_or(task.due_at);
        if attempt.retry_at.is_some_and(|at| at > held_until) {
            return Err(Error::refused(Code::OutOfRange).on("retryAt"));
        }
        let id = cx.app.clock.new_id();
        note(cx, moved.write.tx(), (id, task.id), &told).await?;
    }
    done.finish(cx, None).await
}

/// Whether the task is a door of a batch, which it is for ever or never.
async fn is_in_batch(cx: &Cx, call: Call) -> Result<bool> {
    let found = cx
        .actor()?
        .scoped::<visit_task::Entity>(Permission::VisitCarryOut)
        .id(call.task.uuid())
        .filter(visit_task::Column::BatchId.is_not_null())
        .count(&cx.app.db)
        .await?;
    Ok(found > 0)
}

/// Counts one more attempt on the task.
pub(super) fn one_more(step: Step) -> Step {
    let attempts = visit_task::Column::Attempts;
    step.set(attempts, Expr::col(attempts).add(1))
}

/// Writes an attempt with this key on a task.
pub(super) async fn note(
    cx: &Cx,
    tx: &Tx,
    (id, task): (Uuid, Uuid),
    attempt: &Attempt,
) -> Result<()> {
    let now = cx.app.clock.now();
    visit_attempt::ActiveModel {
        id: Set(id),
        visit_task_id: Set(task),
        account_id: Set(cx.actor()?.account),
        reason: Set(attempt.reason),
        occurred_at: Set(attempt.occurred_at.unwrap_or(now)),
        recorded_at: Set(now),
        retry_at: Set(attempt.retry_at),
        notes_sealed: Set(sealed_notes(cx, attempt.notes.as_deref())?),
    }
    .insert(&tx.unscoped(REASON))
    .await?;
    Ok(())
}
