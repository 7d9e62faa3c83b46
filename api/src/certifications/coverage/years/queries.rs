//! What can be asked of one year and the next.

use async_graphql::{Context, ID, Object};

use super::graphql::CertificationYearToYear;
use super::service;
use crate::ids::{self, Id};
use crate::schema::{AtEdge as _, cx};

/// Queries about one year and the next.
#[derive(Debug, Default)]
pub struct CertificationYearQueries;

#[Object]
impl CertificationYearQueries {
    /// Who was on last year's roster of your areas and is not on this one, and who is new, each by name with
    /// why; null where there is nothing to compare with. Needs `BENEFICIARY_READ`.
    async fn certification_year_to_year(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The round's id.")] round_id: ID,
        #[graphql(
            desc = "The round to compare it with; those of the year before with its area where absent."
        )]
        against_round_id: Option<ID>,
    ) -> Option<async_graphql::Result<CertificationYearToYear>> {
        let found = async {
            let cx = cx(ctx);
            cx.actor()?;
            let round = Id::<ids::CertificationRound>::parse(&round_id, "roundId");
            let against = against_round_id
                .as_ref()
                .map(|id| Id::<ids::CertificationRound>::parse(id, "againstRoundId"));
            let (Ok(round), Ok(against)) = (round, against.transpose()) else {
                return Ok(None);
            };
            let found = service::years(cx, round.uuid(), against.map(Id::uuid)).await?;
            found
                .map(|years| CertificationYearToYear::new(cx, years))
                .transpose()
        };
        found.await.at_edge(ctx).transpose()
    }
}
