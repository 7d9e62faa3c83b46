//! What can be asked of rounds.

use async_graphql::{Context, ID, Object};
use uuid::Uuid;

use super::graphql::VisitRound;
use super::service;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::schema::{AtEdge as _, cx};

/// Queries about rounds.
#[derive(Debug, Default)]
pub struct RoundQueries;

#[Object]
impl RoundQueries {
    /// The last 50 event rounds of an area and those above it, the newest first, each with how far it is
    /// there; empty outside your scope. Needs `VISIT_READ` there.
    async fn visit_rounds(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where.")] area_id: ID,
    ) -> Option<async_graphql::Result<Vec<VisitRound>>> {
        let result = async {
            let area = Id::<ids::Area>::parse(&area_id, "areaId")?.uuid();
            shown(cx(ctx), area).await
        };
        Some(result.await.at_edge(ctx))
    }
}

/// The rounds at an area as phones see them.
pub(super) async fn shown(cx: &Cx, area: Uuid) -> Result<Vec<VisitRound>> {
    let rounds = service::rounds(cx, area).await?.into_iter();
    Ok(rounds.map(|seen| VisitRound::new(cx, seen)).collect())
}
