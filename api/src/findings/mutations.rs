//! What can be done about findings.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::decide::{self, Confirmation};
use super::graphql::Finding;
use super::{reads, undo};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::{optional_text, text};
use crate::scalars::{Date, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::write::Outcome;

/// With what stands before them, the reasons fit in their 200 characters.
const REMARK: usize = 180;

/// What holds, since when, and who says so.
#[derive(Debug, InputObject)]
pub struct ConfirmFindingInput {
    /// The finding.
    finding_id: ID,
    /// The first day on which it holds, not after today; of a death its day. The day of the visit where
    /// absent, except of a death.
    on_date: Option<Date>,
    /// Who says so: family, hospital, police; at most 180 characters. A death needs it.
    source: Option<String>,
    /// The day on which a hospital stay is looked at again, within a year; it needs one.
    review_on: Option<Date>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What does not hold.
#[derive(Debug, InputObject)]
pub struct RejectFindingInput {
    /// The finding.
    finding_id: ID,
    /// Why, at most 180 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What was confirmed and did not hold.
#[derive(Debug, InputObject)]
pub struct UndoFindingInput {
    /// The finding.
    finding_id: ID,
    /// Why, at most 180 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

macro_rules! payloads {
    ($($name:ident)*) => {
        $(
            /// What came of it.
            #[derive(Debug, SimpleObject)]
            pub struct $name {
                /// The finding as it is now; absent where it was refused.
                finding: Option<Finding>,
                /// Why it was refused; empty when it was done.
                user_errors: Vec<UserError>,
            }

            impl $name {
                async fn of(ctx: &Context<'_>, result: Result<Outcome>) -> async_graphql::Result<Self> {
                    let (finding, user_errors) = settled(ctx, result).await?;
                    Ok(Self { finding, user_errors })
                }
            }
        )*
    };
}

payloads! {
    ConfirmFindingPayload
    RejectFindingPayload
    UndoFindingPayload
}

/// Mutations of findings.
#[derive(Debug, Default)]
pub struct FindingMutations;

#[Object]
impl FindingMutations {
    /// Confirms a finding: the enrolment ends, or rests while in hospital, and visits still to be made are
    /// called off. Needs `FINDING_CONFIRM`; nobody confirms what they reported.
    async fn confirm_finding(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What holds, since when, and who says so.")] input: ConfirmFindingInput,
    ) -> async_graphql::Result<ConfirmFindingPayload> {
        let result = async {
            let confirmation = Confirmation {
                finding: Id::<ids::Finding>::parse(&input.finding_id, "findingId")?.uuid(),
                on: input.on_date.map(|on| on.0),
                review_on: input.review_on.map(|on| on.0),
                source: optional_text(input.source.as_deref(), REMARK, "source")?,
            };
            let key = input.idempotency_key.map(|key| key.0);
            decide::confirm(cx(ctx), confirmation, key).await
        };
        ConfirmFindingPayload::of(ctx, result.await).await
    }

    /// Rejects a finding: visits go on. Needs `FINDING_CONFIRM`; nobody rejects what they reported.
    async fn reject_finding(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What does not hold.")] input: RejectFindingInput,
    ) -> async_graphql::Result<RejectFindingPayload> {
        let result = async {
            let id = Id::<ids::Finding>::parse(&input.finding_id, "findingId")?.uuid();
            let reason = text(&input.reason, REMARK, "reason")?;
            decide::reject(cx(ctx), id, reason, input.idempotency_key.map(|key| key.0)).await
        };
        RejectFindingPayload::of(ctx, result.await).await
    }

    /// Takes back what was confirmed, within 90 days: the enrolment and the visits are restored. Needs
    /// `FINDING_CONFIRM`, and `HOUSEHOLD_EDIT` where the household was closed since.
    async fn undo_finding(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was confirmed and did not hold.")] input: UndoFindingInput,
    ) -> async_graphql::Result<UndoFindingPayload> {
        let result = async {
            let id = Id::<ids::Finding>::parse(&input.finding_id, "findingId")?.uuid();
            let reason = text(&input.reason, REMARK, "reason")?;
            undo::undo(cx(ctx), id, reason, input.idempotency_key.map(|key| key.0)).await
        };
        UndoFindingPayload::of(ctx, result.await).await
    }
}

/// The finding after a mutation, and why it was refused, where it was.
async fn settled(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<Finding>, Vec<UserError>)> {
    let (id, user_errors) = settle_on(ctx, result)?;
    let Some(id) = id else {
        return Ok((None, user_errors));
    };
    let seen = reads::one(cx(ctx), id).await.at_edge(ctx)?;
    let finding = seen.map(|seen| Finding::new(cx(ctx), seen).at_edge(ctx));
    Ok((finding.transpose()?, user_errors))
}
