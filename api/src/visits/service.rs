//! Claiming and carrying out visits.
//!
//! Every action is one `Step`: a conditional update whose `WHERE` holds the life table, the scope and
//! the action's own guard. At no row, one read and [`rules::explain`] say why.

use chrono::{DateTime, Utc};
use entity::visit_task;
use sea_orm::ColumnTrait as _;
use uuid::Uuid;

use super::load::{self, Columns, SeenTask};
use super::rules::{self, Action};
use super::step::{Step, holders};
use crate::access::policy::Permission;
use crate::context::Cx;
use crate::error::{Error, Result};
use crate::ids::{self, Id};
use crate::write::Outcome;

/// A visit task's id.
pub type TaskId = Id<ids::VisitTask>;

/// How an action on one task is called: by whose key, on which version.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// The task.
    pub task: TaskId,
    /// The version the actor saw; checked where given.
    pub expected_version: Option<i64>,
    /// The idempotency key.
    pub key: Option<Uuid>,
}

impl Call {
    /// A step on this task within another mutation, which has its own key.
    pub(super) const fn within(task: Uuid) -> Self {
        Self {
            task: TaskId::new(task),
            expected_version: None,
            key: None,
        }
    }
}

/// Notes that the visit began, at `at` by the phone's clock. Only the claim's holder.
pub async fn start(cx: &Cx, call: Call, at: Option<DateTime<Utc>>) -> Result<Outcome> {
    let now = cx.app.clock.now();
    let started_at = at.unwrap_or(now);
    let checked = rules::check_occurred(started_at, now);
    let step = holders("startVisitTask", Action::Start, call)
        .checked(checked.map_err(|code| Error::refused(code).on("startedAt")))
        .set(visit_task::Column::StartedAt, started_at);
    step.run(cx, &at).await?.finish(cx, None).await
}

/// Accepts a report. Needs `VISIT_VERIFY` above the reporter's own level; never one's own report.
pub async fn verify(cx: &Cx, call: Call) -> Result<Outcome> {
    let me = cx.actor()?.account;
    let step = Step::new(
        "verifyVisitTask",
        Action::Verify,
        Permission::VisitVerify,
        call,
    )
    .guard(visit_task::Column::ReportedBy.ne(me))
    .set(visit_task::Column::VerifiedBy, me)
    .set(visit_task::Column::VerifiedAt, cx.app.clock.now());
    step.run(cx, &()).await?.finish(cx, None).await
}

/// Asks the reporter for more, with a remark and a deadline until which the claim is live again.
pub async fn send_back(
    cx: &Cx,
    call: Call,
    remark: String,
    due_at: DateTime<Utc>,
) -> Result<Outcome> {
    let me = cx.actor()?.account;
    let checked = rules::check_return(due_at, cx.app.clock.now());
    let step = Step::new(
        "returnVisitTask",
        Action::Return,
        Permission::VisitVerify,
        call,
    )
    .checked(checked.map_err(|code| Error::refused(code).on("dueAt")))
    .guard(visit_task::Column::ReportedBy.ne(me))
    .set(visit_task::Column::ReturnRemark, remark.clone())
    .set(visit_task::Column::ReturnDueAt, due_at)
    .set(visit_task::Column::LeaseUntil, due_at)
    .set(
        visit_task::Column::AutoVerifyAt,
        Option::<DateTime<Utc>>::None,
    );
    let done = step.run(cx, &(&remark, due_at)).await?;
    // A remark speaks of a person: sealed, so that it can be erased.
    done.finish_with(cx, None, Some(remark)).await
}

/// Calls a visit off with a reason. Needs `VISIT_CANCEL`.
pub async fn cancel(cx: &Cx, call: Call, reason: String) -> Result<Outcome> {
    let step = Step::new(
        "cancelVisitTask",
        Action::Cancel,
        Permission::VisitCancel,
        call,
    )
    .set(visit_task::Column::CancelReason, reason.clone());
    step.run(cx, &reason).await?.finish(cx, Some(reason)).await
}

/// One task as the actor may see it now.
pub async fn one(cx: &Cx, task: TaskId, columns: Columns) -> Result<Option<SeenTask>> {
    Ok(some(cx, &[task.uuid()], columns).await?.pop())
}

/// Those of these tasks that the actor may see now, in no order.
pub async fn some(cx: &Cx, tasks: &[Uuid], columns: Columns) -> Result<Vec<SeenTask>> {
    let scoped = cx
        .actor()?
        .scoped::<visit_task::Entity>(Permission::VisitRead)
        .ids(tasks);
    load::tasks(cx, &cx.app.db, scoped, columns).await
}
