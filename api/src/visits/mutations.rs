//! What can be done with visits.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::graphql::{AttemptReason, VisitKind, VisitMethod, VisitOutcome, VisitTask};
use super::plan::{self, Plan};
use super::queries::columns;
use super::reports::{self, Attempt, Report};
use super::service::{self, Call, TaskId};
use crate::error::{Code, Error, Result};
use crate::ids::{self, Id};
use crate::inputs::{optional_text, text};
use crate::scalars::{DateTime, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, settle};
use crate::write::Outcome;

/// The part that every action's input shares.
macro_rules! call {
    ($input:ident) => {
        Call {
            task: TaskId::parse(&$input.visit_task_id, "visitTaskId")?,
            expected_version: $input.expected_version,
            key: $input.idempotency_key.map(|key| key.0),
        }
    };
}

const REASON: usize = 200;
const REMARK: usize = 500;
const NOTES: usize = 2000;

macro_rules! payloads {
    ($($name:ident)*) => {
        $(
            /// What came of it.
            #[derive(Debug, SimpleObject)]
            pub struct $name {
                /// The task as it is now; absent where it was refused, but for a version conflict.
                visit_task: Option<VisitTask>,
                /// Why it was refused; empty when it was done.
                user_errors: Vec<UserError>,
            }

            impl $name {
                async fn of(ctx: &Context<'_>, result: Result<Outcome>) -> async_graphql::Result<Self> {
                    let (visit_task, user_errors) = settled(ctx, result).await?;
                    Ok(Self { visit_task, user_errors })
                }
            }
        )*
    };
}

payloads! {
    ClaimVisitTaskPayload
    PlanVisitTaskPayload
    ReleaseVisitTaskPayload
    StartVisitTaskPayload
    RecordVisitAttemptPayload
    ReportVisitTaskPayload
    VerifyVisitTaskPayload
    ReturnVisitTaskPayload
    CancelVisitTaskPayload
}

/// What to plan.
#[derive(Debug, InputObject)]
pub struct PlanVisitTaskInput {
    /// A UUIDv7 that your device chose for the task, so that a repeat is the same task.
    id: Option<Uuid>,
    /// The household to visit.
    household_id: ID,
    /// The person to visit, where it is one.
    resident_id: Option<ID>,
    /// What kind of visit.
    kind: VisitKind,
    /// When the planned window begins.
    starts_at: DateTime,
    /// When the planned window ends.
    due_at: DateTime,
    /// The higher, the more urgent; -100 to 100.
    #[graphql(default)]
    priority: i32,
    /// What to do there, at most 500 characters.
    instructions: Option<String>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which task to claim.
#[derive(Debug, InputObject)]
pub struct ClaimVisitTaskInput {
    /// The task.
    visit_task_id: ID,
    /// The version you saw; where given, another one is refused.
    expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which claim to give back, and why.
#[derive(Debug, InputObject)]
pub struct ReleaseVisitTaskInput {
    /// The task.
    visit_task_id: ID,
    /// The version you saw; where given, another one is refused.
    expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
    /// Why, at most 200 characters.
    reason: String,
}

/// Which visit begins.
#[derive(Debug, InputObject)]
pub struct StartVisitTaskInput {
    /// The task.
    visit_task_id: ID,
    /// The version you saw; where given, another one is refused.
    expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
    /// When, by your clock; now where absent.
    started_at: Option<DateTime>,
}

/// An attempt that met nobody.
#[derive(Debug, InputObject)]
pub struct RecordVisitAttemptInput {
    /// The task.
    visit_task_id: ID,
    /// The version you saw; where given, another one is refused.
    expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
    /// Why nobody was met.
    reason: AttemptReason,
    /// When, by your clock; now where absent.
    occurred_at: Option<DateTime>,
    /// When you try again; absent gives the task back.
    retry_at: Option<DateTime>,
    /// What you noticed, at most 2000 characters.
    notes: Option<String>,
}

/// How a visit went.
#[derive(Debug, InputObject)]
pub struct ReportVisitTaskInput {
    /// The task.
    visit_task_id: ID,
    /// The version you saw; where given, another one is refused.
    expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
    /// What was found.
    outcome: VisitOutcome,
    /// How the household was met.
    method: VisitMethod,
    /// What else there is to say, at most 2000 characters.
    notes: Option<String>,
    /// When the visit began, by your clock, where it was not started before.
    started_at: Option<DateTime>,
    /// When the contact happened, by your clock; now where absent.
    occurred_at: Option<DateTime>,
}

/// Which report to accept.
#[derive(Debug, InputObject)]
pub struct VerifyVisitTaskInput {
    /// The task.
    visit_task_id: ID,
    /// The version you saw; where given, another one is refused.
    expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which report to send back, what it lacks, and until when.
#[derive(Debug, InputObject)]
pub struct ReturnVisitTaskInput {
    /// The task.
    visit_task_id: ID,
    /// The version you saw; where given, another one is refused.
    expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
    /// What it lacks, at most 500 characters.
    remark: String,
    /// Until when it is to be completed.
    due_at: DateTime,
}

/// Which task to call off, and why.
#[derive(Debug, InputObject)]
pub struct CancelVisitTaskInput {
    /// The task.
    visit_task_id: ID,
    /// The version you saw; where given, another one is refused.
    expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
    /// Why, at most 200 characters.
    reason: String,
}

/// Mutations of visits.
#[derive(Debug, Default)]
pub struct VisitMutations;

#[Object]
impl VisitMutations {
    /// Plans a visit to a household. Needs `VISIT_PLAN` where it lives.
    async fn plan_visit_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to plan.")] input: PlanVisitTaskInput,
    ) -> async_graphql::Result<PlanVisitTaskPayload> {
        let result = async {
            let key = input.idempotency_key;
            plan::plan(cx(ctx), planned(input)?, key.map(|key| key.0)).await
        };
        PlanVisitTaskPayload::of(ctx, result.await).await
    }

    /// Claims an open task: of many, one succeeds. The holder's repeat is success. Needs `VISIT_CLAIM`.
    async fn claim_visit_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task to claim.")] input: ClaimVisitTaskInput,
    ) -> async_graphql::Result<ClaimVisitTaskPayload> {
        let result = async { service::claim(cx(ctx), call!(input)).await };
        ClaimVisitTaskPayload::of(ctx, result.await).await
    }

    /// Gives a claimed task back. Only the claim's holder.
    async fn release_visit_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which claim to give back, and why.")] input: ReleaseVisitTaskInput,
    ) -> async_graphql::Result<ReleaseVisitTaskPayload> {
        let result = async {
            let reason = text(&input.reason, REASON, "reason")?;
            service::release(cx(ctx), call!(input), reason).await
        };
        ReleaseVisitTaskPayload::of(ctx, result.await).await
    }

    /// Notes that a visit has begun. Only the claim's holder.
    async fn start_visit_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which visit begins.")] input: StartVisitTaskInput,
    ) -> async_graphql::Result<StartVisitTaskPayload> {
        let result = async {
            let at = input.started_at.map(|at| at.0);
            service::start(cx(ctx), call!(input), at).await
        };
        StartVisitTaskPayload::of(ctx, result.await).await
    }

    /// Records an attempt 未果记录 that met nobody. Only the claim's holder.
    async fn record_visit_attempt(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An attempt that met nobody.")] input: RecordVisitAttemptInput,
    ) -> async_graphql::Result<RecordVisitAttemptPayload> {
        let result = async {
            let attempt = Attempt {
                reason: input.reason.into(),
                occurred_at: input.occurred_at.map(|at| at.0),
                retry_at: input.retry_at.map(|at| at.0),
                notes: optional_text(input.notes.as_deref(), NOTES, "notes")?,
            };
            reports::record_attempt(cx(ctx), call!(input), attempt).await
        };
        RecordVisitAttemptPayload::of(ctx, result.await).await
    }

    /// Reports a visit, which then waits for verification by another. Only the claim's holder.
    async fn report_visit_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How a visit went.")] input: ReportVisitTaskInput,
    ) -> async_graphql::Result<ReportVisitTaskPayload> {
        let result = async {
            let report = Report {
                outcome: input.outcome.into(),
                method: input.method.into(),
                notes: optional_text(input.notes.as_deref(), NOTES, "notes")?,
                started_at: input.started_at.map(|at| at.0),
                occurred_at: input.occurred_at.map(|at| at.0),
            };
            reports::report(cx(ctx), call!(input), report).await
        };
        ReportVisitTaskPayload::of(ctx, result.await).await
    }

    /// Accepts a report, never one's own. Needs `VISIT_VERIFY` above the reporter's level.
    async fn verify_visit_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which report to accept.")] input: VerifyVisitTaskInput,
    ) -> async_graphql::Result<VerifyVisitTaskPayload> {
        let result = async { service::verify(cx(ctx), call!(input)).await };
        VerifyVisitTaskPayload::of(ctx, result.await).await
    }

    /// Sends a report back for more. Needs `VISIT_VERIFY` above the reporter's level.
    async fn return_visit_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which report to send back, what it lacks, and until when.")]
        input: ReturnVisitTaskInput,
    ) -> async_graphql::Result<ReturnVisitTaskPayload> {
        let result = async {
            let remark = text(&input.remark, REMARK, "remark")?;
            service::send_back(cx(ctx), call!(input), remark, input.due_at.0).await
        };
        ReturnVisitTaskPayload::of(ctx, result.await).await
    }

    /// Calls a visit off. Needs `VISIT_CANCEL`.
    async fn cancel_visit_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task to call off, and why.")] input: CancelVisitTaskInput,
    ) -> async_graphql::Result<CancelVisitTaskPayload> {
        let result = async {
            let reason = text(&input.reason, REASON, "reason")?;
            service::cancel(cx(ctx), call!(input), reason).await
        };
        CancelVisitTaskPayload::of(ctx, result.await).await
    }
}

fn planned(input: PlanVisitTaskInput) -> Result<Plan> {
    if !(-100..=100).contains(&input.priority) {
        return Err(Error::refused(Code::OutOfRange).on("priority"));
    }
    let household = Id::<ids::Household>::parse(&input.household_id, "householdId")?;
    let resident = input
        .resident_id
        .map(|id| Id::<ids::Resident>::parse(&id, "residentId"))
        .transpose()?;
    Ok(Plan {
        id: input.id.map(|id| id.0),
        household: household.uuid(),
        resident: resident.map(Id::uuid),
        kind: input.kind.into(),
        starts_at: input.starts_at.0,
        due_at: input.due_at.0,
        priority: input.priority,
        instructions: optional_text(input.instructions.as_deref(), REMARK, "instructions")?,
    })
}

/// The task after a mutation, under the rights of now; and why it was refused, where it was.
async fn settled(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<VisitTask>, Vec<UserError>)> {
    let cx = cx(ctx);
    let conflict = match &result {
        Err(Error::Conflict(id)) => Some(*id),
        _ => None,
    };
    let (outcome, user_errors) = settle(ctx, result)?;
    let id = match outcome {
        Some(outcome) => Some(outcome.id().at_edge(ctx)?),
        None => conflict,
    };
    let Some(id) = id else {
        return Ok((None, user_errors));
    };
    let columns = columns(&ctx.look_ahead().field("visitTask"));
    let task = service::one(cx, TaskId::new(id), columns)
        .await
        .at_edge(ctx)?;
    Ok((task.map(|task| VisitTask::new(cx, task)), user_errors))
}
