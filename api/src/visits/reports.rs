//! What comes back from a door: attempts that met nobody, and reports of visits.

use chrono::{DateTime, Utc};
use entity::enums::{AreaKind, Arrival, AttemptReason, VisitMethod, VisitOutcome};
use entity::{visit_attempt, visit_report, visit_task};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _,
};
use serde::Serialize;

use super::rules::{self, Action};
use super::service::Call;
use super::step::{Done, holders};
use crate::access::policy::{self, Permission};
use crate::access::scope::highest_level;
use crate::access::sealed::{self, Field};
use crate::context::Cx;
use crate::db::Handle as _;

use crate::error::{Code, Error, Result};
use crate::write::Outcome;

const REASON: &str = "written with the task that the claim's holder just moved";

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
}

/// How a visit went.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What was found.
    pub outcome: VisitOutcome,
    /// How the household was met.
    pub method: VisitMethod,
    /// What else there is to say.
    pub notes: Option<String>,
    /// When it began, by the phone's clock; for a report straight from the claim.
    pub started_at: Option<DateTime<Utc>>,
    /// When it happened, by the phone's clock; now where absent.
    pub occurred_at: Option<DateTime<Utc>>,
}

/// Records an attempt; the holder keeps the task until `retry_at`, or gives it back.
///
/// Refused besides the states: `TIME_IN_FUTURE`, `OUT_OF_RANGE`.
pub async fn record_attempt(cx: &Cx, call: Call, attempt: Attempt) -> Result<Outcome> {
    let me = cx.actor()?.account;
    let now = cx.app.clock.now();
    let occurred_at = attempt.occurred_at.unwrap_or(now);
    let checked = occurred(occurred_at, now, "occurredAt").and_then(|()| match attempt.retry_at {
        Some(at) if at <= now => Err(Error::refused(Code::WindowPassed).on("retryAt")),
        _ => Ok(()),
    });
    let action = match attempt.retry_at {
        Some(_) => Action::AttemptAndKeep,
        None => Action::AttemptAndReopen,
    };
    let mut step = holders("recordVisitAttempt", action, call)
        .checked(checked)
        .set(
            visit_task::Column::Attempts,
            Expr::col(visit_task::Column::Attempts).add(1),
        )
        .set(visit_task::Column::RetryAt, attempt.retry_at);
    // What was begun has come to nothing: the next try begins anew.
    step = match attempt.retry_at {
        Some(_) => step.set(visit_task::Column::StartedAt, Option::<DateTime<Utc>>::None),
        None => step.unclaimed(),
    };
    let done = step.run(cx, &attempt).await?;
    if let Done::Now(moved) = &done {
        visit_attempt::ActiveModel {
            id: Set(cx.app.clock.new_id()),
            visit_task_id: Set(moved.task.id),
            account_id: Set(me),
            reason: Set(attempt.reason),
            occurred_at: Set(occurred_at),
            recorded_at: Set(now),
            retry_at: Set(attempt.retry_at),
            notes_sealed: Set(sealed_notes(cx, attempt.notes.as_deref())?),
        }
        .insert(&moved.write.tx().unscoped(REASON))
        .await?;
    }
    done.finish(cx, None).await
}

/// Reports a visit; it then waits for somebody else to verify it, above the reporter's own level.
///
/// Refused besides the states: `TIME_IN_FUTURE`, `OUT_OF_RANGE`, `WINDOW_INVALID`.
pub async fn report(cx: &Cx, call: Call, report: Report) -> Result<Outcome> {
    let actor = cx.actor()?;
    let now = cx.app.clock.now();
    let occurred_at = report.occurred_at.unwrap_or(now);
    let step = holders("reportVisitTask", Action::Report, call)
        .checked(check_times(report.started_at, occurred_at, now))
        .set(visit_task::Column::ReportedBy, actor.account)
        .set(visit_task::Column::ReportedAt, now)
        .set(visit_task::Column::OccurredAt, occurred_at)
        .set(visit_task::Column::Outcome, report.outcome)
        .set(visit_task::Column::Method, report.method)
        .set(
            visit_task::Column::StartedAt,
            started(report.started_at, occurred_at),
        );
    let done = step.run(cx, &report).await?;
    if let Done::Now(moved) = &done {
        let connection = moved.write.tx().unscoped(REASON);
        let earlier = visit_report::Entity::find()
            .filter(visit_report::Column::VisitTaskId.eq(moved.task.id))
            .count(&connection)
            .await?;
        visit_report::ActiveModel {
            id: Set(cx.app.clock.new_id()),
            visit_task_id: Set(moved.task.id),
            revision: Set(i32::try_from(earlier + 1).unwrap_or(i32::MAX)),
            account_id: Set(actor.account),
            outcome: Set(report.outcome),
            method: Set(report.method),
            notes_sealed: Set(sealed_notes(cx, report.notes.as_deref())?),
            started_at: Set(moved.task.started_at),
            occurred_at: Set(occurred_at),
            recorded_at: Set(now),
            arrival: Set(Arrival::Unknown),
            ..Default::default()
        }
        .insert(&connection)
        .await?;
        visit_task::Entity::update_many()
            .col_expr(
                visit_task::Column::VerifyLevel,
                Expr::value(verify_level(cx, moved.task.area_id)?),
            )
            .filter(visit_task::Column::Id.eq(moved.task.id))
            .exec(&connection)
            .await?;
    }
    done.finish(cx, None).await
}

/// When the visit began: as reported, else as noted at the door, but never after the contact.
fn started(reported: Option<DateTime<Utc>>, occurred_at: DateTime<Utc>) -> SimpleExpr {
    let noted = Expr::col(visit_task::Column::StartedAt);
    match reported {
        Some(at) => Expr::value(at),
        None => CaseStatement::new()
            .case(noted.clone().lt(occurred_at), noted)
            .finally(Expr::value(occurred_at))
            .into(),
    }
}

fn check_times(
    started_at: Option<DateTime<Utc>>,
    occurred_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    occurred(occurred_at, now, "occurredAt")?;
    if let Some(started_at) = started_at {
        occurred(started_at, now, "startedAt")?;
        if started_at > occurred_at {
            return Err(Error::refused(Code::WindowInvalid).on("startedAt"));
        }
    }
    Ok(())
}

/// The level above the reporter's own; in the community office another person is enough.
fn verify_level(cx: &Cx, area: uuid::Uuid) -> Result<i32> {
    let own = highest_level(cx.actor()?, Permission::VisitVerify, area);
    Ok(own.map_or(0, |level| {
        Ord::min(level + 1, policy::level(AreaKind::Community))
    }))
}

fn occurred(at: DateTime<Utc>, now: DateTime<Utc>, field: &'static str) -> Result<()> {
    rules::check_occurred(at, now).map_err(|code| Error::refused(code).on(field))
}

fn sealed_notes(cx: &Cx, notes: Option<&str>) -> Result<Option<String>> {
    notes
        .map(|notes| sealed::seal(&cx.app.keys, Field::VisitNotes, notes))
        .transpose()
}
