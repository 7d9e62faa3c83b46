//! What can be asked of verification rules.

use async_graphql::{Context, ID, Object};
use uuid::Uuid;

use super::graphql::VerificationRule;
use super::settings;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::schema::{AtEdge as _, cx};

/// Queries about verification rules.
#[derive(Debug, Default)]
pub struct VerificationQueries;

#[Object]
impl VerificationQueries {
    /// The rules that stand at an area and above it, the nearest first; empty outside your scope. Where
    /// there is none, a person verifies every report. Needs `VISIT_VERIFY` there.
    async fn verification_rules(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where.")] area_id: ID,
    ) -> Option<async_graphql::Result<Vec<VerificationRule>>> {
        let result = async {
            let area = Id::<ids::Area>::parse(&area_id, "areaId")?.uuid();
            shown(cx(ctx), area).await
        };
        Some(result.await.at_edge(ctx))
    }
}

/// The rules at an area as phones see them.
pub(super) async fn shown(cx: &Cx, area: Uuid) -> Result<Vec<VerificationRule>> {
    let rules = settings::at(cx, area).await?.unwrap_or_default();
    let rules = rules.iter().map(|row| VerificationRule::new(cx, row));
    Ok(rules.collect())
}
