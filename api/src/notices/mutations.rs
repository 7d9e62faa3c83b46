//! What can be done with notices.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::service;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::scalars::Uuid;
use crate::schema::{UserError, cx, settle};

/// What you have seen.
#[derive(Debug, InputObject)]
pub struct MarkNoticesSeenInput {
    /// The notices, 1 to 100.
    notice_ids: Vec<ID>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct MarkNoticesSeenPayload {
    /// How many were not seen before; absent where it was refused.
    marked: Option<i32>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of notices.
#[derive(Debug, Default)]
pub struct NoticeMutations;

#[Object]
impl NoticeMutations {
    /// Marks your own notices as seen.
    async fn mark_notices_seen(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you have seen.")] input: MarkNoticesSeenInput,
    ) -> async_graphql::Result<MarkNoticesSeenPayload> {
        let result = async {
            let ids = input.notice_ids.iter();
            let ids = ids.map(|id| Id::<ids::Notice>::parse(id, "noticeIds").map(Id::uuid));
            let ids = ids.collect::<Result<Vec<_>>>()?;
            service::see(cx(ctx), ids, input.idempotency_key.map(|key| key.0)).await
        };
        let (outcome, user_errors) = settle(ctx, result.await)?;
        let marked = outcome.map(|outcome| i32::try_from(outcome.ids.len()).unwrap_or(i32::MAX));
        Ok(MarkNoticesSeenPayload {
            marked,
            user_errors,
        })
    }
}
