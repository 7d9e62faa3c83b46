//! Planning, claiming and carrying out visits.
//!
//! Every action but planning is one [`Step`]: a conditional update whose `WHERE` holds the life
//! table, the scope and the action's own guard. At no row, one read and [`rules::explain`] say why.

use chrono::{DateTime, Utc};
use entity::enums::{ChangeKind, VisitKind, VisitStatus};
use entity::{account, household, resident, visit_task};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{
    Alias, Condition, Expr, ExprTrait as _, Query, SimpleExpr, UpdateStatement,
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QuerySelect as _};
use serde::Serialize;
use uuid::Uuid;

use super::load::{self, Columns, SeenTask};
use super::rules::{self, Action, Explanation, Facts};
use crate::access::policy::Permission;
use crate::access::scope;
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::ids::{self, Id};
use crate::write::{Begun, Outcome, Request, Write};

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

/// What is planned.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// The id the phone chose for it.
    pub id: Option<Uuid>,
    /// Where.
    pub household: Uuid,
    /// For whom, where it is one person.
    pub resident: Option<Uuid>,
    /// What kind of visit.
    pub kind: VisitKind,
    /// The window's begin.
    pub starts_at: DateTime<Utc>,
    /// The window's end.
    pub due_at: DateTime<Utc>,
    /// The higher, the more urgent.
    pub priority: i32,
    /// What to do there.
    pub instructions: Option<String>,
}

/// Plans a visit. Needs `VISIT_PLAN` where the household lives.
///
/// Refused: `NOT_FOUND`, `WINDOW_INVALID`, `WINDOW_PASSED`, `RESIDENT_ELSEWHERE`, `NO_LONGER_HERE`.
pub async fn plan(cx: &Cx, plan: Plan, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    actor.require(Permission::VisitPlan)?;
    let now = cx.app.clock.now();
    if plan.due_at <= plan.starts_at {
        return Err(Error::refused(Code::WindowInvalid).on("dueAt"));
    }
    if plan.due_at <= now {
        return Err(Error::refused(Code::WindowPassed).on("dueAt"));
    }
    let write = match Write::begin(cx, Request::new("planVisitTask", key, &plan)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    if let Some(id) = plan.id
        && let Some(known) = made_before(cx, write.tx(), id).await?
    {
        return Ok(known);
    }
    let (household, grant) = actor
        .scoped::<household::Entity>(Permission::VisitPlan)
        .id(plan.household)
        .one_to_change(write.tx())
        .await?
        .ok_or_else(|| Error::refused(Code::NotFound).on("householdId"))?;
    if household.closed_on.is_some() {
        return Err(Error::refused(Code::NoLongerHere).on("householdId"));
    }
    if let Some(resident) = plan.resident {
        let (resident, _) = actor
            .scoped::<resident::Entity>(Permission::VisitPlan)
            .id(resident)
            .one_to_change(write.tx())
            .await?
            .ok_or_else(|| Error::refused(Code::NotFound).on("residentId"))?;
        if resident.household_id != household.id {
            return Err(Error::refused(Code::ResidentElsewhere).on("residentId"));
        }
        if resident.deceased_on.is_some() {
            return Err(Error::refused(Code::NoLongerHere).on("residentId"));
        }
    }
    let task = visit_task::ActiveModel {
        id: Set(plan.id.unwrap_or_else(|| cx.app.clock.new_id())),
        kind: Set(plan.kind),
        status: Set(VisitStatus::Open),
        household_id: Set(household.id),
        resident_id: Set(plan.resident),
        area_id: Set(household.area_id),
        grid_id: Set(household.grid_id),
        starts_at: Set(plan.starts_at),
        due_at: Set(plan.due_at),
        priority: Set(plan.priority),
        instructions: Set(plan.instructions),
        planned_by: Set(actor.account),
        attempts: Set(0),
        verify_level: Set(0),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let task = scope::insert(write.tx(), &grant, task).await?;
    let changed = Changed::new(ChangeKind::VisitTask, task.id, Some(task.area_id));
    let act = act("planVisitTask", &task, None, &["status"]);
    write.record(cx, act, changed).await?;
    let outcome = Outcome::of(task.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// A task with an id that the phone chose: the same actor's is the same create, another's is taken.
async fn made_before(cx: &Cx, tx: &Tx, id: Uuid) -> Result<Option<Outcome>> {
    let known = visit_task::Entity::find_by_id(id)
        .one(&tx.unscoped("whether an id that a phone chose is taken"))
        .await?;
    match known {
        None => Ok(None),
        Some(task) if task.planned_by == cx.actor()?.account => Ok(Some(Outcome::of(task.id))),
        Some(_) => Err(Error::refused(Code::NotFound).on("id")),
    }
}

/// Claims an open task: exactly one of many succeeds; the holder's repeat is success.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_CLAIMED`, `NOT_OPEN`, `ALREADY_FINISHED`,
/// `WINDOW_PASSED`, `VERSION_CONFLICT`, `CLAIM_LIMIT`.
pub async fn claim(cx: &Cx, call: Call) -> Result<Outcome> {
    let me = cx.actor()?.account;
    let now = cx.app.clock.now();
    let held = Alias::new("held");
    let live_claims = Query::select()
        .expr(Expr::col((held.clone(), visit_task::Column::Id)).count())
        .from_as(visit_task::Entity, held.clone())
        .and_where(Expr::col((held.clone(), visit_task::Column::ClaimedBy)).eq(me))
        .and_where(Expr::col((held, visit_task::Column::Status)).is_in(rules::LIVE.to_vec()))
        .to_owned();
    let limit = i64::from(cx.app.settings.claim_limit);
    let step = Step::new(
        "claimVisitTask",
        Action::Claim,
        Permission::VisitClaim,
        call,
    )
    .guard(visit_task::Column::DueAt.gt(now))
    .guard(SimpleExpr::SubQuery(None, Box::new(live_claims.into())).lt(limit))
    .one_at_a_time()
    .set(visit_task::Column::ClaimedBy, me)
    .set(visit_task::Column::ClaimedAt, now)
    .set(
        visit_task::Column::LeaseUntil,
        Expr::col(visit_task::Column::DueAt),
    );
    step.run(cx, &()).await?.finish(cx, None).await
}

/// Gives a claimed task back with a reason. Only its holder.
pub async fn release(cx: &Cx, call: Call, reason: String) -> Result<Outcome> {
    let step = holders("releaseVisitTask", Action::Release, call).unclaimed();
    step.run(cx, &reason).await?.finish(cx, Some(reason)).await
}

/// Notes that the visit began, at `at` by the phone's clock. Only the claim's holder.
pub async fn start(cx: &Cx, call: Call, at: Option<DateTime<Utc>>) -> Result<Outcome> {
    let now = cx.app.clock.now();
    let started_at = at.unwrap_or(now);
    rules::check_occurred(started_at, now).map_err(|code| Error::refused(code).on("startedAt"))?;
    let step = holders("startVisitTask", Action::Start, call)
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
    if due_at <= cx.app.clock.now() {
        return Err(Error::refused(Code::WindowPassed).on("dueAt"));
    }
    let step = Step::new(
        "returnVisitTask",
        Action::Return,
        Permission::VisitVerify,
        call,
    )
    .set(visit_task::Column::ReturnRemark, remark.clone())
    .set(visit_task::Column::ReturnDueAt, due_at)
    .set(visit_task::Column::LeaseUntil, due_at);
    step.run(cx, &(&remark, due_at))
        .await?
        .finish(cx, Some(remark))
        .await
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

/// A step that only the claim's holder takes.
pub(super) fn holders(mutation: &'static str, action: Action, call: Call) -> Step {
    Step::new(mutation, action, Permission::VisitCarryOut, call)
}

/// One action on one task, as a conditional update.
pub(super) struct Step {
    mutation: &'static str,
    action: Action,
    permission: Permission,
    call: Call,
    guard: Condition,
    sets: Vec<(visit_task::Column, SimpleExpr)>,
    locks_actor: bool,
}

/// What a step came to.
pub(super) enum Done {
    /// It was done before: nothing is left to do.
    Before(Outcome),
    /// The row has moved; more may be written before [`Done::finish`].
    Now(Box<Moved>),
}

/// A task that has moved within an open write.
pub(super) struct Moved {
    /// The open write.
    pub write: Write,
    /// The row as it is now.
    pub task: visit_task::Model,
    mutation: &'static str,
    fields: Vec<&'static str>,
}

impl Step {
    fn new(mutation: &'static str, action: Action, permission: Permission, call: Call) -> Self {
        Self {
            mutation,
            action,
            permission,
            call,
            guard: Condition::all(),
            sets: Vec::new(),
            locks_actor: false,
        }
    }

    fn guard(mut self, condition: SimpleExpr) -> Self {
        self.guard = self.guard.add(condition);
        self
    }

    /// Lets the actor take such steps only one after the other, so that a count in the guard holds.
    fn one_at_a_time(mut self) -> Self {
        self.locks_actor = true;
        self
    }

    pub(super) fn set(mut self, column: visit_task::Column, value: impl Into<SimpleExpr>) -> Self {
        self.sets.push((column, value.into()));
        self
    }

    /// Puts the task back among the open ones.
    pub(super) fn unclaimed(self) -> Self {
        self.set(visit_task::Column::ClaimedBy, Option::<Uuid>::None)
            .set(visit_task::Column::ClaimedAt, Option::<DateTime<Utc>>::None)
            .set(
                visit_task::Column::LeaseUntil,
                Option::<DateTime<Utc>>::None,
            )
            .set(visit_task::Column::StartedAt, Option::<DateTime<Utc>>::None)
    }

    /// Takes the step; `input` is what else the caller gave, for the key's sake.
    pub(super) async fn run(self, cx: &Cx, input: &(impl Serialize + Sync)) -> Result<Done> {
        let actor = cx.actor()?;
        let seen = (self.call.task.uuid(), self.call.expected_version, input);
        let request = Request::new(self.mutation, self.call.key, &seen);
        let write = match Write::begin(cx, request).await? {
            Begun::Replay(outcome) => return Ok(Done::Before(outcome)),
            Begun::New(write) => write,
        };
        if self.locks_actor {
            lock_account(write.tx(), actor.account).await?;
        }
        let transition = self.action.transition();
        let mut scoped = actor
            .scoped::<visit_task::Entity>(self.permission)
            .id(self.call.task.uuid())
            .filter(visit_task::Column::Status.is_in(transition.from.to_vec()))
            .filter(self.guard.clone());
        if let Some(version) = self.call.expected_version {
            scoped = scoped.filter(visit_task::Column::Version.eq(version));
        }
        let mut fields = vec!["status"];
        let now = cx.app.clock.now();
        let moved = scoped
            .update(write.tx(), |update: &mut UpdateStatement| {
                update
                    .value(visit_task::Column::Status, transition.to)
                    .value(
                        visit_task::Column::Version,
                        Expr::col(visit_task::Column::Version).add(1),
                    )
                    .value(visit_task::Column::UpdatedAt, now);
                for (column, value) in self.sets.clone() {
                    fields.push(sea_orm::IdenStatic::as_str(&column));
                    update.value(column, value);
                }
            })
            .await?
            .pop();
        match moved {
            Some(task) => Ok(Done::Now(Box::new(Moved {
                write,
                task,
                mutation: self.mutation,
                fields,
            }))),
            None => self.explain(cx, write).await.map(Done::Before),
        }
    }

    /// Nothing moved: success if it was done before, else the reason.
    async fn explain(&self, cx: &Cx, write: Write) -> Result<Outcome> {
        let actor = cx.actor()?;
        let task = actor
            .scoped::<visit_task::Entity>(Permission::VisitRead)
            .id(self.call.task.uuid())
            .one(write.tx())
            .await?
            .ok_or_else(|| Error::refused(Code::NotFound).on("visitTaskId"))?;
        let explanation = rules::explain(
            self.action,
            Facts {
                status: task.status,
                mine: task.claimed_by == Some(actor.account),
                own_report: task.reported_by == Some(actor.account),
                window_passed: task.due_at <= cx.app.clock.now(),
                version_fits: self
                    .call
                    .expected_version
                    .is_none_or(|seen| seen == task.version),
                permitted: self.action.is_holders() || actor.may(self.permission, task.area_id),
            },
        );
        match explanation {
            Explanation::AlreadyMine => {
                let outcome = Outcome::of(task.id);
                write.commit(&outcome).await?;
                Ok(outcome)
            }
            Explanation::Refused(code) => Err(match code {
                Code::VersionConflict => Error::Conflict(task.id),
                _ => Error::refused(code).on("visitTaskId"),
            }),
        }
    }
}

impl Done {
    /// Audits, announces and commits what has moved.
    pub(super) async fn finish(self, cx: &Cx, reason: Option<String>) -> Result<Outcome> {
        let moved = match self {
            Self::Before(outcome) => return Ok(outcome),
            Self::Now(moved) => *moved,
        };
        let changed = Changed::in_place(
            ChangeKind::VisitTask,
            moved.task.id,
            Some(moved.task.area_id),
        );
        let act = act(moved.mutation, &moved.task, reason, &moved.fields);
        moved.write.record(cx, act, changed).await?;
        let outcome = Outcome::of(moved.task.id);
        moved.write.commit(&outcome).await?;
        Ok(outcome)
    }
}

/// Holds the actor's account row until the end of the transaction (SQLite has one writer anyway).
async fn lock_account(tx: &Tx, account: Uuid) -> Result<()> {
    account::Entity::find_by_id(account)
        .select_only()
        .column(account::Column::Id)
        .lock_exclusive()
        .into_tuple::<Uuid>()
        .one(&tx.unscoped("an actor's own account, to count their claims"))
        .await?;
    Ok(())
}

fn act(
    action: &'static str,
    task: &visit_task::Model,
    reason: Option<String>,
    fields: &[&'static str],
) -> Act {
    Act {
        action,
        subject_kind: "VisitTask",
        subject_id: task.id,
        area_id: Some(task.area_id),
        reason,
        fields: fields.join(","),
        details: None,
    }
}
