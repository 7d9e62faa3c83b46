//! What can be done with care enrolments.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::graphql::CareEnrolment;
use super::service::{self, NewEnrolment};
use super::steps::{self, Call, Change};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::{optional_text, text};
use crate::residents::graphql::{CareTier, Circumstance};
use crate::scalars::{Date, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::write::Outcome;

const REASON: usize = 200;

/// The part that every action's input shares.
macro_rules! call {
    ($input:ident) => {
        Call {
            enrolment: Id::<ids::CareEnrolment>::parse(&$input.enrolment_id, "enrolmentId")?.uuid(),
            expected_version: $input.expected_version,
            key: $input.idempotency_key.map(|key| key.0),
        }
    };
}

macro_rules! payloads {
    ($($name:ident)*) => {
        $(
            /// What came of it.
            #[derive(Debug, SimpleObject)]
            pub struct $name {
                /// The enrolment as it is now; absent where it was refused, but for a version
                /// conflict.
                enrolment: Option<CareEnrolment>,
                /// Why it was refused; empty when it was done.
                user_errors: Vec<UserError>,
            }

            impl $name {
                async fn of(ctx: &Context<'_>, result: Result<Outcome>) -> async_graphql::Result<Self> {
                    let (enrolment, user_errors) = settled(ctx, result).await?;
                    Ok(Self { enrolment, user_errors })
                }
            }
        )*
    };
}

payloads! {
    EnrolResidentPayload
    ChangeEnrolmentPayload
    PauseEnrolmentPayload
    ResumeEnrolmentPayload
    EndEnrolmentPayload
}

/// Whom to enrol, and why.
#[derive(Debug, InputObject)]
pub struct EnrolResidentInput {
    /// The resident.
    resident_id: ID,
    /// Care tier 关爱等级.
    tier: CareTier,
    /// What makes them a subject of visits.
    circumstances: Vec<Circumstance>,
    /// The first day, not after today; today where absent.
    from_on: Option<Date>,
    /// Why, at most 200 characters.
    reason: Option<String>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What an enrolment becomes; what is left out stays.
#[derive(Debug, InputObject)]
pub struct ChangeEnrolmentInput {
    /// The enrolment.
    enrolment_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// Care tier 关爱等级.
    tier: Option<CareTier>,
    /// What makes them a subject of visits.
    circumstances: Option<Vec<Circumstance>>,
    /// The first day on which it holds, not after today; today where absent.
    from_on: Option<Date>,
    /// Why, at most 200 characters.
    reason: Option<String>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// From when visits rest, and when that is looked at again.
#[derive(Debug, InputObject)]
pub struct PauseEnrolmentInput {
    /// The enrolment.
    enrolment_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// The first day without visits, not after today; today where absent.
    paused_on: Option<Date>,
    /// The day on which the pause is looked at again.
    review_on: Date,
    /// Why, at most 200 characters.
    reason: Option<String>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which enrolment goes on.
#[derive(Debug, InputObject)]
pub struct ResumeEnrolmentInput {
    /// The enrolment.
    enrolment_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which enrolment ends, when and why.
#[derive(Debug, InputObject)]
pub struct EndEnrolmentInput {
    /// The enrolment.
    enrolment_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// The first day on which it no longer holds, not after today.
    ended_on: Date,
    /// Why, at most 200 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Mutations of care enrolments.
#[derive(Debug, Default)]
pub struct EnrolmentMutations;

#[Object]
impl EnrolmentMutations {
    /// Enrols a resident in care visits 纳入探访. Needs `ENROLMENT_EDIT` where they live.
    async fn enrol_resident(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to enrol, and why.")] input: EnrolResidentInput,
    ) -> async_graphql::Result<EnrolResidentPayload> {
        let result = async {
            let new = NewEnrolment {
                resident: Id::<ids::Resident>::parse(&input.resident_id, "residentId")?.uuid(),
                tier: input.tier.into(),
                circumstances: input.circumstances.into_iter().map(Into::into).collect(),
                from_on: input.from_on.map(|on| on.0),
                reason: optional_text(input.reason.as_deref(), REASON, "reason")?,
            };
            service::enrol(cx(ctx), new, input.idempotency_key.map(|key| key.0)).await
        };
        EnrolResidentPayload::of(ctx, result.await).await
    }

    /// Gives an enrolment another tier or other circumstances: it ends on that day, and another
    /// begins, which the payload holds. Needs `ENROLMENT_EDIT` where the resident lives.
    async fn change_enrolment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What an enrolment becomes; what is left out stays.")]
        input: ChangeEnrolmentInput,
    ) -> async_graphql::Result<ChangeEnrolmentPayload> {
        let result = async {
            let call = call!(input);
            let circumstances = input.circumstances;
            let change = Change {
                tier: input.tier.map(Into::into),
                circumstances: circumstances.map(|list| list.into_iter().map(Into::into).collect()),
                from_on: input.from_on.map(|on| on.0),
                reason: optional_text(input.reason.as_deref(), REASON, "reason")?,
            };
            steps::change(cx(ctx), call, change).await
        };
        ChangeEnrolmentPayload::of(ctx, result.await).await
    }

    /// Lets visits rest until a review. Needs `ENROLMENT_EDIT` where the resident lives.
    async fn pause_enrolment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From when visits rest, and when that is looked at again.")]
        input: PauseEnrolmentInput,
    ) -> async_graphql::Result<PauseEnrolmentPayload> {
        let result = async {
            let days = (input.paused_on.map(|on| on.0), input.review_on.0);
            let reason = optional_text(input.reason.as_deref(), REASON, "reason")?;
            steps::pause(cx(ctx), call!(input), days, reason).await
        };
        PauseEnrolmentPayload::of(ctx, result.await).await
    }

    /// Lets visits go on after a pause. Needs `ENROLMENT_EDIT` where the resident lives.
    async fn resume_enrolment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which enrolment goes on.")] input: ResumeEnrolmentInput,
    ) -> async_graphql::Result<ResumeEnrolmentPayload> {
        let result = async { steps::resume(cx(ctx), call!(input)).await };
        ResumeEnrolmentPayload::of(ctx, result.await).await
    }

    /// Ends an enrolment. Needs `ENROLMENT_EDIT` where the resident lives.
    async fn end_enrolment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which enrolment ends, when and why.")] input: EndEnrolmentInput,
    ) -> async_graphql::Result<EndEnrolmentPayload> {
        let result = async {
            let reason = text(&input.reason, REASON, "reason")?;
            steps::end(cx(ctx), call!(input), input.ended_on.0, reason).await
        };
        EndEnrolmentPayload::of(ctx, result.await).await
    }
}

/// The enrolment after a mutation, under the rights of now; and why it was refused, where it was.
pub async fn settled(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<CareEnrolment>, Vec<UserError>)> {
    let (id, user_errors) = settle_on(ctx, result)?;
    let Some(id) = id else {
        return Ok((None, user_errors));
    };
    let row = service::one(cx(ctx), id).await.at_edge(ctx)?;
    let enrolment = row.map(|row| CareEnrolment::opened(ctx, row));
    Ok((enrolment, user_errors))
}
