//! What can be done with visits.

use async_graphql::{Context, ID, InputObject, Object};

use super::graphql::VisitKind;
use super::payloads::{call, payloads};
use super::plan::{self, Plan};
use super::service;
use crate::error::{Code, Error, Result};
use crate::ids::{self, Id};
use crate::inputs::{optional_text, text};
use crate::scalars::{DateTime, Uuid};
use crate::schema::cx;

const REASON: usize = 200;
const REMARK: usize = 500;

payloads! {
    PlanVisitTaskPayload
    StartVisitTaskPayload
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
    /// The person to visit, where it is one. An elder visit to a household where one person is enrolled is
    /// theirs.
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
    /// The reported visit that asks for this one, of the same household.
    follows_id: Option<ID>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
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
    let follows = input
        .follows_id
        .map(|id| Id::<ids::VisitTask>::parse(&id, "followsId"))
        .transpose()?;
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
        follows: follows.map(Id::uuid),
    })
}
