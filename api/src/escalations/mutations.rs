//! What can be done about escalations.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::graphql::Escalation;
use super::service;
use crate::ids::{self, Id};
use crate::scalars::Uuid;
use crate::schema::{AtEdge as _, UserError, cx, settle_on};

/// Which escalation you take on.
#[derive(Debug, InputObject)]
pub struct TakeOnEscalationInput {
    /// The escalation.
    escalation_id: ID,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct TakeOnEscalationPayload {
    /// The escalation as it is now; absent where it was refused.
    escalation: Option<Escalation>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of escalations.
#[derive(Debug, Default)]
pub struct EscalationMutations;

#[Object]
impl EscalationMutations {
    /// Takes on an elder's late visit: it climbs again unless somebody sees the person within a waking day.
    /// Needs `DESK_READ` there.
    async fn take_on_escalation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: TakeOnEscalationInput,
    ) -> async_graphql::Result<TakeOnEscalationPayload> {
        let result = async {
            let id = Id::<ids::Escalation>::parse(&input.escalation_id, "escalationId")?.uuid();
            service::take_on(cx(ctx), id, input.idempotency_key.map(|key| key.0)).await
        };
        let (id, user_errors) = settle_on(ctx, result.await)?;
        let mut escalation = None;
        if let Some(id) = id {
            let seen = service::one(cx(ctx), id).await.at_edge(ctx)?;
            let shown = seen.map(|(seen, people)| Escalation::new(cx(ctx), seen, &people));
            escalation = shown.transpose().at_edge(ctx)?;
        }
        Ok(TakeOnEscalationPayload {
            escalation,
            user_errors,
        })
    }
}
