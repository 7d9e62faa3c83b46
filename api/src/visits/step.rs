//! One action on one task: a conditional update, and why it changed nothing.

use chrono::{DateTime, Utc};
use entity::enums::{Arrival, ChangeKind, VisitMethod, VisitOutcome};
use entity::{visit_claim, visit_task};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{
    Alias, Condition, Expr, ExprTrait as _, Func, OnConflict, Query, SelectStatement, SimpleExpr,
    UpdateStatement,
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryTrait as _};
use serde::Serialize;
use uuid::Uuid;

use super::claims::checks::{claims_of_day, counted};
use super::rules::{self, Action, Explanation, Facts};
use super::service::Call;
use crate::access::policy::Permission;
use crate::access::scope::highest_level;
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::{Code, Error, Refusal, Result};
pub(super) use crate::promised::hold as lock_account;
use crate::write::{Begun, Outcome, Request, Write};

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
    checked: Result<()>,
    locks_actor: bool,
}

/// What a step came to.
pub(super) enum Done {
    /// It was done before: nothing is left to do.
    Before(Outcome),
    /// The row has moved; more may be written before [`Done::finish`].
    Now(Box<Moved>),
}

/// What a step within an open write came to.
pub(super) enum Taken {
    /// The row has moved; these are the names of its changed fields.
    Moved(Box<visit_task::Model>, Vec<&'static str>),
    /// It was done before by the same actor, to the task with this key.
    Before(Uuid),
    /// Nothing has moved.
    Refused(Error),
}

/// A task that has moved within an open write.
pub(super) struct Moved {
    /// The open write.
    pub write: Write,
    /// The row as it is now.
    pub task: visit_task::Model,
    /// The mutation that moved it.
    pub mutation: &'static str,
    /// The names of its changed fields.
    pub fields: Vec<&'static str>,
}

/// What a task loses when nobody holds it any more.
pub(super) fn cleared() -> Vec<(visit_task::Column, SimpleExpr)> {
    use visit_task::Column as C;
    let no_time = || Expr::value(Option::<DateTime<Utc>>::None);
    let nobody = || Expr::value(Option::<Uuid>::None);
    vec![
        (C::ClaimedBy, nobody()),
        (C::ClaimedAt, no_time()),
        (C::LeaseUntil, no_time()),
        (C::AppointedAt, no_time()),
        (C::AssignedBy, nobody()),
        (C::Renewals, Expr::value(0)),
        (C::StartedAt, no_time()),
        (C::ReportedBy, nobody()),
        (C::ReportedAt, no_time()),
        (C::OccurredAt, no_time()),
        (C::EndedAt, no_time()),
        (C::Outcome, Expr::value(Option::<VisitOutcome>::None)),
        (C::Method, Expr::value(Option::<VisitMethod>::None)),
        (C::Arrival, Expr::value(Option::<Arrival>::None)),
        (C::ClockSkewSeconds, Expr::value(Option::<i32>::None)),
        (C::ReturnRemark, Expr::value(Option::<String>::None)),
        (C::ReturnDueAt, no_time()),
        (C::AutoVerifyAt, no_time()),
        (C::RetryAt, no_time()),
        (C::VerifyLevel, Expr::value(0)),
    ]
}

const fn not_found() -> Error {
    Error::Refused(Refusal {
        code: Code::NotFound,
        field: Some("visitTaskId"),
    })
}

impl Step {
    pub(super) fn new(
        mutation: &'static str,
        action: Action,
        permission: Permission,
        call: Call,
    ) -> Self {
        Self {
            mutation,
            action,
            permission,
            call,
            guard: Condition::all(),
            sets: Vec::new(),
            checked: Ok(()),
            locks_actor: false,
        }
    }

    pub(super) fn guard(mut self, condition: SimpleExpr) -> Self {
        self.guard = self.guard.add(condition);
        self
    }

    /// Lets the actor take such steps only one after the other, so that a count in the guard holds.
    pub(super) fn one_at_a_time(mut self) -> Self {
        self.locks_actor = true;
        self
    }

    /// What the input's own values came to; told only to a call that was not carried out before.
    pub(super) fn checked(mut self, checked: Result<()>) -> Self {
        self.checked = checked;
        self
    }

    /// Writes a column; the last word on it counts.
    pub(super) fn set(mut self, column: visit_task::Column, value: impl Into<SimpleExpr>) -> Self {
        let name = sea_orm::IdenStatic::as_str(&column);
        self.sets
            .retain(|(known, _)| sea_orm::IdenStatic::as_str(known) != name);
        self.sets.push((column, value.into()));
        self
    }

    /// Takes from the task what its holder brought to it.
    pub(super) fn unclaimed(self) -> Self {
        let lost = cleared().into_iter();
        lost.fold(self, |step, (column, value)| step.set(column, value))
    }

    /// Takes the step in a write of its own; `input` is what else the caller gave, for the key's sake.
    pub(super) async fn run(self, cx: &Cx, input: &(impl Serialize + Sync)) -> Result<Done> {
        let write = match Write::begin(cx, self.request(input)).await? {
            Begun::Replay(outcome) => return Ok(Done::Before(outcome)),
            Begun::New(write) => write,
        };
        let mutation = self.mutation;
        match self.take(cx, &write).await? {
            Taken::Moved(task, fields) => Ok(Done::Now(Box::new(Moved {
                write,
                task: *task,
                mutation,
                fields,
            }))),
            Taken::Before(id) => {
                let outcome = Outcome::of(id);
                write.commit(&outcome).await?;
                Ok(Done::Before(outcome))
            }
            Taken::Refused(error) => Err(error),
        }
    }

    /// The call that this step is, for the idempotency key.
    pub(super) fn request(&self, input: &(impl Serialize + Sync)) -> Request {
        let seen = (self.call.task.uuid(), self.call.expected_version, input);
        Request::new(self.mutation, self.call.key, &seen)
    }

    /// Takes the step within an open write, which stays open whatever it comes to.
    pub(super) async fn take(self, cx: &Cx, write: &Write) -> Result<Taken> {
        if self.locks_actor {
            lock_account(write.tx(), cx.actor()?.account).await?;
        }
        if self.checked.is_ok() {
            // Between a look that finds nothing and the next that says why, another's step may fit.
            for _ in 0..2 {
                if let Some((task, fields)) = self.attempt(cx, write.tx()).await? {
                    self.note_claim(write, &task);
                    return Ok(Taken::Moved(Box::new(task), fields));
                }
                let Some(task) = self.look(cx, write.tx()).await? else {
                    return Ok(Taken::Refused(not_found()));
                };
                match self.explain(cx, write.tx(), &task).await? {
                    Explanation::Possible => {}
                    Explanation::AlreadyMine => return Ok(Taken::Before(task.id)),
                    Explanation::Refused(Code::VersionConflict) => {
                        return Ok(Taken::Refused(Error::Conflict(task.id)));
                    }
                    Explanation::Refused(code) => {
                        return Ok(Taken::Refused(Error::refused(code).on("visitTaskId")));
                    }
                }
            }
        }
        let Some(task) = self.look(cx, write.tx()).await? else {
            return Ok(Taken::Refused(not_found()));
        };
        Ok(Taken::Refused(match self.checked {
            Err(refusal) => refusal,
            Ok(()) => Error::Conflict(task.id),
        }))
    }

    /// The conditional update: the life table, the scope and the guard in one WHERE.
    async fn attempt(
        &self,
        cx: &Cx,
        tx: &Tx,
    ) -> Result<Option<(visit_task::Model, Vec<&'static str>)>> {
        use visit_task::Column as C;
        let transition = self.action.transition();
        let mut scoped = cx
            .actor()?
            .scoped::<visit_task::Entity>(self.permission)
            .id(self.call.task.uuid())
            .filter(C::Status.is_in(transition.from.to_vec()))
            .filter(self.guard.clone());
        if self.action.is_about_the_claim() {
            scoped = scoped.filter(C::BatchId.is_null());
        }
        if let Some(version) = self.call.expected_version {
            scoped = scoped.filter(C::Version.eq(version));
        }
        let mut fields = vec!["status"];
        let moved = scoped
            .update(tx, |update: &mut UpdateStatement| {
                update
                    .value(C::Status, transition.to)
                    .value(C::Version, Expr::col(C::Version).add(1))
                    .value(C::UpdatedAt, cx.app.clock.now());
                for (column, value) in self.sets.clone() {
                    fields.push(sea_orm::IdenStatic::as_str(&column));
                    update.value(column, value);
                }
            })
            .await?
            .pop();
        Ok(moved.map(|task| (task, fields)))
    }

    /// The task, if the actor may see it: what is outside the scope is not found.
    async fn look(&self, cx: &Cx, tx: &Tx) -> Result<Option<visit_task::Model>> {
        cx.actor()?
            .scoped::<visit_task::Entity>(Permission::VisitRead)
            .id(self.call.task.uuid())
            .one(tx)
            .await
    }

    /// Keeps who took the task on: a claim that has ended may still bring a late report.
    fn note_claim(&self, write: &Write, task: &visit_task::Model) {
        let sets = &mut self.sets.iter();
        let claims = sets.any(|(column, _)| matches!(column, visit_task::Column::ClaimedBy));
        let (true, Some(account)) = (claims, task.claimed_by) else {
            return;
        };
        let claim = visit_claim::ActiveModel {
            visit_task_id: Set(task.id),
            account_id: Set(account),
            claimed_at: Set(task.claimed_at.unwrap_or(task.updated_at)),
        };
        let mut insert = visit_claim::Entity::insert(claim).into_query();
        insert.on_conflict(OnConflict::new().do_nothing().to_owned());
        write.write_last([insert]);
    }

    /// Nothing moved: what is known of the task, and what follows from it.
    async fn explain(&self, cx: &Cx, tx: &Tx, task: &visit_task::Model) -> Result<Explanation> {
        let actor = cx.actor()?;
        let now = cx.app.clock.now();
        let expected = self.call.expected_version;
        let level = highest_level(actor, self.permission, task.area_id);
        let facts = Facts {
            status: task.status,
            mine: task.claimed_by == Some(actor.account),
            own_report: task.reported_by == Some(actor.account),
            window_passed: task.due_at <= now,
            version_fits: expected.is_none_or(|seen| seen == task.version),
            // An area that the tree in memory does not know yet is the next attempt's matter.
            permitted: self.action.is_holders()
                || actor.tree.get(task.area_id).is_none()
                || actor.may(self.permission, task.area_id),
            level_fits: level.is_some_and(|level| level >= task.verify_level),
            at_limit: self.action == Action::Claim
                && claims(tx, actor.account, now).await? >= u64::from(cx.app.settings.claim_limit),
            at_days_limit: self.action == Action::Claim
                && counted(tx, &claims_of_day(now, actor.account)).await?
                    >= u64::from(cx.app.settings.claims_a_day),
            in_batch: task.batch_id.is_some(),
        };
        Ok(rules::explain(self.action, facts))
    }
}

/// A statement that counts an account's live claims, for a guard; a batch is one.
pub(super) fn live_claims(account: Uuid, now: DateTime<Utc>) -> SelectStatement {
    use visit_task::Column as C;
    let held = Alias::new("held");
    Query::select()
        .expr(Func::count_distinct(Func::coalesce([
            Expr::col((held.clone(), C::BatchId)),
            Expr::col((held.clone(), C::Id)),
        ])))
        .from_as(visit_task::Entity, held.clone())
        .and_where(Expr::col((held.clone(), C::ClaimedBy)).eq(account))
        .and_where(Expr::col((held.clone(), C::Status)).is_in(rules::LIVE.to_vec()))
        .and_where(Expr::col((held, C::LeaseUntil)).gt(now))
        .to_owned()
}

/// How many live claims an account has.
pub(super) async fn claims(tx: &Tx, account: Uuid, now: DateTime<Utc>) -> Result<u64> {
    counted(tx, &live_claims(account, now)).await
}

impl Done {
    /// Audits, announces and commits what has moved; `reason` stands in the entry.
    pub(super) async fn finish(self, cx: &Cx, reason: Option<String>) -> Result<Outcome> {
        self.finish_with(cx, reason, None).await
    }

    /// As [`Done::finish`], with details that are sealed and can be erased.
    pub(super) async fn finish_with(
        self,
        cx: &Cx,
        reason: Option<String>,
        details: Option<String>,
    ) -> Result<Outcome> {
        let moved = match self {
            Self::Before(outcome) => return Ok(outcome),
            Self::Now(moved) => *moved,
        };
        let place = Some(moved.task.area_id);
        let changed = Changed::in_place(ChangeKind::VisitTask, moved.task.id, place);
        let act = Act {
            action: moved.mutation,
            subject_kind: "VisitTask",
            subject_id: moved.task.id,
            area_id: place,
            reason,
            fields: moved.fields.join(","),
            details,
        };
        moved.write.record(cx, act, changed).await?;
        let outcome = Outcome::of(moved.task.id);
        moved.write.commit(&outcome).await?;
        Ok(outcome)
    }
}
