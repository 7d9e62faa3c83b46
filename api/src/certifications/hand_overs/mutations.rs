//! What can be done about hand-overs: up to a hundred in one call, each judged by itself.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::decide::{self, Answer};
use super::graphql::HandOver;
use super::offer::{self, Offer, Offers};
use super::queries::some;
use super::rules::Action;
use crate::bulk::bulk_payloads;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::text;
use crate::scalars::{Date, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, part_refused, settle};
use crate::write::Outcome;

const REASON: usize = 180;

/// A check to be offered to another station.
#[derive(Debug, InputObject)]
pub struct OfferHandOverInput {
    /// A UUIDv7 that your device chose for it, so that a repeat is the same offer.
    id: Option<Uuid>,
    /// The check.
    check_id: ID,
    /// The area whose station is asked: a community or above, outside yours.
    to_area_id: ID,
    /// Why, at most 180 characters.
    reason: String,
}

/// What is offered.
#[derive(Debug, InputObject)]
pub struct OfferHandOversInput {
    /// The checks, 1 to 100.
    offers: Vec<OfferHandOverInput>,
    /// The last day for an answer, within 60 days; two weeks where absent, and never after the round's last day.
    answer_by: Option<Date>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// A hand-over to be accepted.
#[derive(Debug, InputObject)]
pub struct AcceptHandOverInput {
    /// The hand-over.
    hand_over_id: ID,
    /// The version you saw, if another one is to be refused.
    expected_version: Option<i64>,
}

/// A hand-over to be declined.
#[derive(Debug, InputObject)]
pub struct DeclineHandOverInput {
    /// The hand-over.
    hand_over_id: ID,
    /// The version you saw, if another one is to be refused.
    expected_version: Option<i64>,
    /// Why, at most 180 characters.
    reason: String,
}

/// A hand-over to be taken back.
#[derive(Debug, InputObject)]
pub struct WithdrawHandOverInput {
    /// The hand-over.
    hand_over_id: ID,
    /// The version you saw, if another one is to be refused.
    expected_version: Option<i64>,
    /// Why, at most 180 characters.
    reason: String,
}

/// An id that names nothing is refused by itself, as one that nobody may see.
fn hand_over(id: &ID) -> uuid::Uuid {
    Id::<ids::HandOver>::parse(id, "handOverId").map_or(uuid::Uuid::nil(), Id::uuid)
}

trait IntoAnswer {
    fn into_answer(self) -> Result<Answer>;
}

impl IntoAnswer for AcceptHandOverInput {
    fn into_answer(self) -> Result<Answer> {
        Ok(Answer {
            hand_over: hand_over(&self.hand_over_id),
            expected_version: self.expected_version,
            reason: None,
        })
    }
}

macro_rules! with_reason {
    ($($item:ident)*) => {
        $(
            impl IntoAnswer for $item {
                fn into_answer(self) -> Result<Answer> {
                    Ok(Answer {
                        hand_over: hand_over(&self.hand_over_id),
                        expected_version: self.expected_version,
                        reason: Some(text(&self.reason, REASON, "handOvers.reason")?),
                    })
                }
            }
        )*
    };
}

with_reason! { DeclineHandOverInput WithdrawHandOverInput }

/// What came of one hand-over.
#[derive(Debug, SimpleObject)]
pub struct HandOverResult {
    /// The hand-over as it is now; absent where there is none that you may see.
    hand_over: Option<HandOver>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

bulk_payloads! { HandOverResult: OfferHandOversPayload AcceptHandOversPayload DeclineHandOversPayload WithdrawHandOversPayload }

macro_rules! answers {
    ($($input:ident of $item:ident, $payload:ident;)*) => {
        $(
            /// Which hand-overs, and what is said of each.
            #[derive(Debug, InputObject)]
            pub struct $input {
                /// The hand-overs, 1 to 100.
                hand_overs: Vec<$item>,
                /// A UUID of your own for this call: repeating it is one call.
                idempotency_key: Option<Uuid>,
            }

            impl $input {
                async fn carry_out(
                    self,
                    ctx: &Context<'_>,
                    action: (&'static str, Action),
                ) -> async_graphql::Result<$payload> {
                    let answers: Result<Vec<Answer>> =
                        self.hand_overs.into_iter().map(IntoAnswer::into_answer).collect();
                    let key = self.idempotency_key.map(|key| key.0);
                    let result = match answers {
                        Ok(answers) => decide::answer(cx(ctx), action, answers, key).await,
                        Err(error) => Err(error),
                    };
                    let (results, user_errors) = results(ctx, result).await?;
                    Ok($payload { results, user_errors })
                }
            }
        )*
    };
}

answers! {
    AcceptHandOversInput of AcceptHandOverInput, AcceptHandOversPayload;
    DeclineHandOversInput of DeclineHandOverInput, DeclineHandOversPayload;
    WithdrawHandOversInput of WithdrawHandOverInput, WithdrawHandOversPayload;
}

/// Mutations of hand-overs.
#[derive(Debug, Default)]
pub struct HandOverMutations;

#[Object]
impl HandOverMutations {
    /// Offers checks to the stations of other areas; until they accept, yours answers. Needs
    /// `CERTIFICATION_PLAN`.
    async fn offer_hand_overs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is offered, to whom.")] input: OfferHandOversInput,
    ) -> async_graphql::Result<OfferHandOversPayload> {
        let offers = input.offers.into_iter().map(|one| {
            let check = Id::<ids::CertificationCheck>::parse(&one.check_id, "checkId");
            let to = Id::<ids::Area>::parse(&one.to_area_id, "toAreaId");
            Ok(Offer {
                id: one.id.map(|id| id.0),
                check: check.map_or(uuid::Uuid::nil(), Id::uuid),
                to: to.map_or(uuid::Uuid::nil(), Id::uuid),
                reason: text(&one.reason, REASON, "offers.reason")?,
            })
        });
        let offers: Result<Vec<Offer>> = offers.collect();
        let key = input.idempotency_key.map(|key| key.0);
        let answer_by = input.answer_by.map(|day| day.0);
        let result = match offers {
            Ok(offers) => offer::offer(cx(ctx), Offers { offers, answer_by }, key).await,
            Err(error) => Err(error),
        };
        let (results, user_errors) = results(ctx, result).await?;
        Ok(OfferHandOversPayload {
            results,
            user_errors,
        })
    }

    /// Takes checks on that were offered to your station: it schedules and makes them. Needs
    /// `CERTIFICATION_CHECK` at the area that is asked; nobody accepts what they offered themselves.
    async fn accept_hand_overs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which hand-overs.")] input: AcceptHandOversInput,
    ) -> async_graphql::Result<AcceptHandOversPayload> {
        input
            .carry_out(ctx, ("acceptHandOvers", Action::Accept))
            .await
    }

    /// Does not take checks on that were offered to your station, with a reason. Needs
    /// `CERTIFICATION_CHECK` at the area that is asked.
    async fn decline_hand_overs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which hand-overs, and why.")] input: DeclineHandOversInput,
    ) -> async_graphql::Result<DeclineHandOversPayload> {
        input
            .carry_out(ctx, ("declineHandOvers", Action::Decline))
            .await
    }

    /// Takes back what your station offered, or handed over and is not yet checked, with a reason. Needs
    /// `CERTIFICATION_PLAN` where the check is registered.
    async fn withdraw_hand_overs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which hand-overs, and why.")] input: WithdrawHandOversInput,
    ) -> async_graphql::Result<WithdrawHandOversPayload> {
        input
            .carry_out(ctx, ("withdrawHandOvers", Action::Withdraw))
            .await
    }
}

/// One result for each hand-over, in order.
async fn results(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<Vec<HandOverResult>>, Vec<UserError>)> {
    let (outcome, user_errors) = settle(ctx, result)?;
    let Some(outcome) = outcome else {
        return Ok((None, user_errors));
    };
    let seen = some(cx(ctx), &outcome.ids).await.at_edge(ctx)?;
    let parts = outcome.ids.iter().zip(&outcome.codes);
    let results = parts.map(|(id, code)| HandOverResult {
        hand_over: seen
            .iter()
            .find(|(known, _)| known == id)
            .map(|(_, shown)| shown.clone()),
        user_errors: code.iter().map(|code| part_refused(ctx, *code)).collect(),
    });
    Ok((Some(results.collect()), user_errors))
}
