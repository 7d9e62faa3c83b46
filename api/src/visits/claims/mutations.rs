//! What can be done with claims.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::bulk::{self, Reassignments};
use super::fitness::{self, Requirement};
use super::graphql::{KindRequirement, TightTravel};
use super::queries::shown;
use super::service::{self, Reassignment};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::{optional_text, text};
use crate::scalars::{DateTime, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, part_refused, settle, settle_on};
use crate::visits::graphql::{VisitKind, VisitTask};
use crate::visits::payloads::{call, payloads, settled};
use crate::write::Outcome;

const REASON: usize = 200;
const TRAINING: usize = 60;

payloads! {
    ReleaseVisitTaskPayload
    RenewVisitTaskPayload
    ReassignVisitTaskPayload
}

/// Which task to claim.
#[derive(Debug, InputObject)]
pub struct ClaimVisitTaskInput {
    /// The task.
    visit_task_id: ID,
    /// When you will be there, within the window; not while you are elsewhere.
    appointed_at: Option<DateTime>,
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

/// Which claim to keep for longer.
#[derive(Debug, InputObject)]
pub struct RenewVisitTaskInput {
    /// The task.
    visit_task_id: ID,
    /// The version you saw; where given, another one is refused.
    expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// When you will be where.
#[derive(Debug, InputObject)]
pub struct AppointVisitTaskInput {
    /// The task.
    visit_task_id: ID,
    /// When you will be there, within the window; absent takes the appointment back.
    appointed_at: Option<DateTime>,
    /// The version you saw; where given, another one is refused.
    expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which visit goes to whom, and why.
#[derive(Debug, InputObject)]
pub struct ReassignVisitTaskInput {
    /// The task.
    visit_task_id: ID,
    /// Who is to make it; absent opens it to everybody.
    account_id: Option<ID>,
    /// Why, at most 200 characters.
    reason: String,
    /// The version you saw; where given, another one is refused.
    expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which visits go to whom, and why.
#[derive(Debug, InputObject)]
pub struct ReassignVisitTasksInput {
    /// The tasks, 1 to 50.
    visit_task_ids: Vec<ID>,
    /// Who is to make them; absent opens them to everybody.
    account_id: Option<ID>,
    /// Why, at most 200 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What is asked of who makes visits of a kind.
#[derive(Debug, InputObject)]
pub struct SetKindRequirementInput {
    /// Where, and below.
    area_id: ID,
    /// For this kind of visit.
    kind: VisitKind,
    /// How old one must be, 14 to 90; neither this nor a training takes the requirement away.
    min_age: Option<i32>,
    /// The name of a training that one must have, as records of trainings have it, at most 60 characters.
    training: Option<String>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct ClaimVisitTaskPayload {
    /// The task as it is now; absent where it was refused, but for a version conflict.
    visit_task: Option<VisitTask>,
    /// Your other appointments that are hard to keep beside this one; absent where it was refused.
    tight_travel: Option<Vec<TightTravel>>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct AppointVisitTaskPayload {
    /// The task as it is now; absent where it was refused, but for a version conflict.
    visit_task: Option<VisitTask>,
    /// Your other appointments that are hard to keep beside this one; absent where it was refused.
    tight_travel: Option<Vec<TightTravel>>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it: all have moved, or none.
#[derive(Debug, SimpleObject)]
pub struct ReassignVisitTasksPayload {
    /// One for each visit, in the order of the input; absent where the call was refused as a whole.
    results: Option<Vec<ReassignmentResult>>,
    /// Why the call was refused as a whole; empty when it was not.
    user_errors: Vec<UserError>,
}

/// What came of one visit.
#[derive(Debug, SimpleObject)]
pub struct ReassignmentResult {
    /// The visit.
    visit_task_id: ID,
    /// Why it stands in the way; empty when it does not.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct SetKindRequirementPayload {
    /// The requirements that now stand at the area and above it; absent where it was refused.
    kind_requirements: Option<Vec<KindRequirement>>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of claims.
#[derive(Debug, Default)]
pub struct ClaimMutations;

#[Object]
impl ClaimMutations {
    /// Claims an open task: of many, one succeeds. The holder's repeat is success. Needs `VISIT_CLAIM`,
    /// and the age and training that the kind asks for there.
    async fn claim_visit_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task to claim.")] input: ClaimVisitTaskInput,
    ) -> async_graphql::Result<ClaimVisitTaskPayload> {
        let result = async {
            let at = input.appointed_at.map(|at| at.0);
            service::claim(cx(ctx), call!(input), at).await
        };
        let (visit_task, tight_travel, user_errors) = promised(ctx, result.await).await?;
        Ok(ClaimVisitTaskPayload {
            visit_task,
            tight_travel,
            user_errors,
        })
    }

    /// Says when you will be there, or takes that back. Only the claim's holder.
    async fn appoint_visit_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When you will be where.")] input: AppointVisitTaskInput,
    ) -> async_graphql::Result<AppointVisitTaskPayload> {
        let result = async {
            let at = input.appointed_at.map(|at| at.0);
            service::appoint(cx(ctx), call!(input), at).await
        };
        let (visit_task, tight_travel, user_errors) = promised(ctx, result.await).await?;
        Ok(AppointVisitTaskPayload {
            visit_task,
            tight_travel,
            user_errors,
        })
    }

    /// Keeps a claim a day longer, beyond the window too; twice at most. Only the claim's holder.
    async fn renew_visit_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which claim to keep.")] input: RenewVisitTaskInput,
    ) -> async_graphql::Result<RenewVisitTaskPayload> {
        let result = async { service::renew(cx(ctx), call!(input)).await };
        RenewVisitTaskPayload::of(ctx, result.await).await
    }

    /// Gives a claimed task back, but not close before an appointment. Only the claim's holder.
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

    /// Gives a visit to somebody else, or back to everybody. Needs `VISIT_REASSIGN`.
    async fn reassign_visit_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which visit goes to whom, and why.")] input: ReassignVisitTaskInput,
    ) -> async_graphql::Result<ReassignVisitTaskPayload> {
        let result = async {
            let to = reassignment(input.account_id.as_ref(), &input.reason)?;
            service::reassign(cx(ctx), call!(input), to).await
        };
        ReassignVisitTaskPayload::of(ctx, result.await).await
    }

    /// Gives up to 50 visits to somebody else, or back to everybody: all of them or none. Needs
    /// `VISIT_REASSIGN` where each is.
    async fn reassign_visit_tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which visits go to whom, and why.")] input: ReassignVisitTasksInput,
    ) -> async_graphql::Result<ReassignVisitTasksPayload> {
        let result = async {
            let ids = input.visit_task_ids.iter();
            let ids = ids.map(|id| Id::<ids::VisitTask>::parse(id, "visitTaskIds").map(Id::uuid));
            let tasks: Result<Vec<uuid::Uuid>> = ids.collect();
            let to = reassignment(input.account_id.as_ref(), &input.reason)?;
            let many = Reassignments { tasks: tasks?, to };
            bulk::reassign(cx(ctx), many, input.idempotency_key.map(|key| key.0)).await
        };
        let (outcome, user_errors) = settle(ctx, result.await)?;
        let results = outcome.map(|outcome| {
            let all = outcome.ids.iter().zip(&outcome.codes);
            all.map(|(id, code)| ReassignmentResult {
                visit_task_id: Id::<ids::VisitTask>::new(*id).to_string().into(),
                user_errors: code.iter().map(|code| part_refused(ctx, *code)).collect(),
            })
            .collect()
        });
        Ok(ReassignVisitTasksPayload {
            results,
            user_errors,
        })
    }

    /// Sets what an area asks of who makes visits of a kind. Needs `CARE_RULE_EDIT` there.
    async fn set_kind_requirement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked.")] input: SetKindRequirementInput,
    ) -> async_graphql::Result<SetKindRequirementPayload> {
        let result = async {
            let new = Requirement {
                area: Id::<ids::Area>::parse(&input.area_id, "areaId")?.uuid(),
                kind: input.kind.into(),
                min_age: input.min_age,
                training: optional_text(input.training.as_deref(), TRAINING, "training")?,
            };
            fitness::set(cx(ctx), new, input.idempotency_key.map(|key| key.0)).await
        };
        let (area, user_errors) = settle_on(ctx, result.await)?;
        let kind_requirements = match area {
            Some(area) => Some(shown(cx(ctx), area).await.at_edge(ctx)?),
            None => None,
        };
        Ok(SetKindRequirementPayload {
            kind_requirements,
            user_errors,
        })
    }
}

fn reassignment(account: Option<&ID>, reason: &str) -> Result<Reassignment> {
    let account = account.map(|id| Id::<ids::Account>::parse(id, "accountId").map(Id::uuid));
    Ok(Reassignment {
        account: account.transpose()?,
        reason: text(reason, REASON, "reason")?,
    })
}

/// The task after a promise, and which other promises are hard to keep beside it.
async fn promised(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<VisitTask>, Option<Vec<TightTravel>>, Vec<UserError>)> {
    let id = match &result {
        Ok(outcome) => Some(outcome.id().at_edge(ctx)?),
        Err(_) => None,
    };
    let (task, errors) = settled(ctx, result).await?;
    let tight = match id {
        Some(id) if ctx.look_ahead().field("tightTravel").exists() => {
            let tight = service::tight(cx(ctx), id).await.at_edge(ctx)?;
            Some(tight.into_iter().map(Into::into).collect())
        }
        _ => None,
    };
    Ok((task, tight, errors))
}
