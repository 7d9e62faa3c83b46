//! What a volunteer says to an accompaniment.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::graphql::Accompaniment;
use super::reads;
use super::service::{self, Answer};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::text;
use crate::scalars::Uuid;
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::write::Outcome;

const REASON: usize = 180;

/// Where you come along.
#[derive(Debug, InputObject)]
pub struct AcceptAccompanimentInput {
    /// The accompaniment.
    accompaniment_id: ID,
    /// The version you saw; another one is refused: it may be at another time by now.
    expected_version: i64,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Where you do not come along, and why.
#[derive(Debug, InputObject)]
pub struct DeclineAccompanimentInput {
    /// The accompaniment.
    accompaniment_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// Why, at most 180 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct AcceptAccompanimentPayload {
    /// The accompaniment as it is now; absent where it was refused, but for a version conflict.
    accompaniment: Option<Accompaniment>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct DeclineAccompanimentPayload {
    /// The accompaniment as it is now; absent where it was refused, but for a version conflict.
    accompaniment: Option<Accompaniment>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of accompaniments.
#[derive(Debug, Default)]
pub struct AccompanimentMutations;

#[Object]
impl AccompanimentMutations {
    /// Says that you come along. Needs `VISIT_CARRY_OUT`, of your own.
    async fn accept_accompaniment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where you come along.")] input: AcceptAccompanimentInput,
    ) -> async_graphql::Result<AcceptAccompanimentPayload> {
        let result = async {
            let answer = Answer {
                id: id(&input.accompaniment_id)?,
                expected_version: input.expected_version,
                reason: None,
            };
            let key = input.idempotency_key.map(|key| key.0);
            service::answer(cx(ctx), "acceptAccompaniment", answer, key).await
        };
        let (accompaniment, user_errors) = settled(ctx, result.await).await?;
        Ok(AcceptAccompanimentPayload {
            accompaniment,
            user_errors,
        })
    }

    /// Says that you do not come along, or no longer, with a reason. Needs `VISIT_CARRY_OUT`, of your own.
    async fn decline_accompaniment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where you do not, and why.")] input: DeclineAccompanimentInput,
    ) -> async_graphql::Result<DeclineAccompanimentPayload> {
        let result = async {
            let answer = Answer {
                id: id(&input.accompaniment_id)?,
                expected_version: input.expected_version,
                reason: Some(text(&input.reason, REASON, "reason")?),
            };
            let key = input.idempotency_key.map(|key| key.0);
            service::answer(cx(ctx), "declineAccompaniment", answer, key).await
        };
        let (accompaniment, user_errors) = settled(ctx, result.await).await?;
        Ok(DeclineAccompanimentPayload {
            accompaniment,
            user_errors,
        })
    }
}

fn id(id: &ID) -> Result<uuid::Uuid> {
    Ok(Id::<ids::Accompaniment>::parse(id, "accompanimentId")?.uuid())
}

/// The accompaniment after an answer, and why that was refused, where it was.
async fn settled(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<Accompaniment>, Vec<UserError>)> {
    let (id, user_errors) = settle_on(ctx, result)?;
    let Some(id) = id else {
        return Ok((None, user_errors));
    };
    let seen = reads::one(cx(ctx), id).await.at_edge(ctx)?;
    let shown = seen.map(|seen| Accompaniment::new(cx(ctx), seen));
    Ok((shown, user_errors))
}
