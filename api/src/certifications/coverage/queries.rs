//! What can be asked of coverage.

use async_graphql::{Context, ID, Object};

use super::graphql::{CertificationCoverage, CertificationTotals};
use super::service;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::schema::{AtEdge as _, cx};

/// Queries about how far rounds are.
#[derive(Debug, Default)]
pub struct CertificationCoverageQueries;

#[Object]
impl CertificationCoverageQueries {
    /// How far a round is, in all or in an area. Needs `BENEFICIARY_READ`; who is unresolved, with their last
    /// try, is in `certificationChecks`.
    async fn certification_coverage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The round's id.")] round_id: ID,
        #[graphql(desc = "Only this area and below.")] area_id: Option<ID>,
    ) -> Option<async_graphql::Result<CertificationCoverage>> {
        let found = async {
            let cx = cx(ctx);
            cx.actor()?;
            let area = area_id
                .as_ref()
                .map(|id| Id::<ids::Area>::parse(id, "areaId"));
            let round = Id::<ids::CertificationRound>::parse(&round_id, "roundId");
            let (Ok(round), Ok(area)) = (round, area.transpose()) else {
                return Ok(None);
            };
            let found = service::coverage(cx, round.uuid(), area.map(Id::uuid)).await?;
            found
                .map(|one| CertificationCoverage::new(cx, one))
                .transpose()
        };
        found.await.at_edge(ctx).transpose()
    }

    /// The totals of a year's rounds over your areas, numbers under 5 merged. Needs
    /// `CERTIFICATION_COVERAGE_READ` at a community or above.
    async fn certification_totals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The year that they certify.")] year: i32,
    ) -> Option<async_graphql::Result<Vec<CertificationTotals>>> {
        let cx = cx(ctx);
        let found = async {
            let found = service::totals(cx, year).await?.into_iter();
            found.map(|one| CertificationTotals::new(cx, one)).collect()
        };
        let found: Result<Vec<CertificationTotals>> = found.await;
        Some(found.at_edge(ctx))
    }
}
