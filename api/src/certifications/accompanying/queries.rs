//! Whom one can ask along.

use async_graphql::{Context, ID, Object};

use super::candidates::candidates;
use super::graphql::CompanionCandidate;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::schema::{AtEdge as _, cx};

/// Queries about who comes along to checks.
#[derive(Debug, Default)]
pub struct AccompanyingQueries;

#[Object]
impl AccompanyingQueries {
    /// Volunteers of your areas who can be asked along to a check and are not away then, those first who serve
    /// where the person lives; at most 50. Needs `CERTIFICATION_PLAN`.
    async fn companion_candidates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The check's id.")] check_id: ID,
    ) -> Option<async_graphql::Result<Vec<CompanionCandidate>>> {
        let found = async {
            let cx = cx(ctx);
            cx.actor()?;
            let Ok(check) = Id::<ids::CertificationCheck>::parse(&check_id, "checkId") else {
                return Ok(Vec::new());
            };
            let found = candidates(cx, check.uuid()).await?;
            let shown = found.into_iter();
            shown.map(|one| CompanionCandidate::new(cx, one)).collect()
        };
        let found: Result<Vec<CompanionCandidate>> = found.await;
        Some(found.at_edge(ctx))
    }
}
