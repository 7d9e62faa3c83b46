//! What the mutations on one visit task share: how they are called, and what they answer.

use async_graphql::Context;

use super::graphql::VisitTask;
use super::queries::columns;
use super::service::{self, TaskId};
use crate::error::{Error, Result};
use crate::schema::{AtEdge as _, UserError, cx, settle};
use crate::write::Outcome;

/// The part that every action's input shares.
macro_rules! call {
    ($input:ident) => {
        $crate::visits::service::Call {
            task: $crate::visits::service::TaskId::parse(&$input.visit_task_id, "visitTaskId")?,
            expected_version: $input.expected_version,
            key: $input.idempotency_key.map(|key| key.0),
        }
    };
}

/// Payloads that show the task.
macro_rules! payloads {
    ($($name:ident)*) => {
        $(
            /// What came of it.
            #[derive(Debug, async_graphql::SimpleObject)]
            pub struct $name {
                /// The task as it is now; absent where it was refused, but for a version conflict.
                visit_task: Option<$crate::visits::graphql::VisitTask>,
                /// Why it was refused; empty when it was done.
                user_errors: Vec<$crate::schema::UserError>,
            }

            impl $name {
                async fn of(
                    ctx: &async_graphql::Context<'_>,
                    result: $crate::error::Result<$crate::write::Outcome>,
                ) -> async_graphql::Result<Self> {
                    let (visit_task, user_errors) =
                        $crate::visits::payloads::settled(ctx, result).await?;
                    Ok(Self { visit_task, user_errors })
                }
            }
        )*
    };
}

pub(super) use {call, payloads};

/// The task after a mutation, under the rights of now; and why it was refused, where it was.
pub(super) async fn settled(
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
