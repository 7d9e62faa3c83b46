//! What can be asked of claims.

use async_graphql::{Context, ID, Object};
use uuid::Uuid;

use super::fitness;
use super::graphql::KindRequirement;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::schema::{AtEdge as _, cx};

/// Queries about claims.
#[derive(Debug, Default)]
pub struct ClaimQueries;

#[Object]
impl ClaimQueries {
    /// What an area and those above it ask of who makes visits, the nearest first; empty outside your
    /// scope. Needs `VISIT_READ` there.
    async fn kind_requirements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where.")] area_id: ID,
    ) -> Option<async_graphql::Result<Vec<KindRequirement>>> {
        let result = async {
            let area = Id::<ids::Area>::parse(&area_id, "areaId")?.uuid();
            shown(cx(ctx), area).await
        };
        Some(result.await.at_edge(ctx))
    }
}

/// The requirements at an area as phones see them.
pub(super) async fn shown(cx: &Cx, area: Uuid) -> Result<Vec<KindRequirement>> {
    let rows = fitness::at(cx, area).await?;
    Ok(rows
        .iter()
        .map(|row| KindRequirement::new(cx, row))
        .collect())
}
