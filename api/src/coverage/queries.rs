//! What can be asked of coverage.

use async_graphql::{Context, ID, Object};

use super::graphql::VisitCoverage;
use super::rules::Month;
use super::service;
use crate::ids::{self, Id};
use crate::residents::graphql::CareTier;
use crate::schema::{AtEdge as _, cx};

/// Queries about coverage.
#[derive(Debug, Default)]
pub struct CoverageQueries;

#[Object]
impl CoverageQueries {
    /// Whom a month's visits reached in an area, and by name whom they did not; null outside your
    /// scope. Needs `COVERAGE_READ` there.
    async fn visit_coverage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where.")] area_id: ID,
        #[graphql(desc = "The month, like 2026-03.")] month: String,
        #[graphql(desc = "Only people of this tier.")] tier: Option<CareTier>,
    ) -> Option<async_graphql::Result<VisitCoverage>> {
        let result = async {
            let area = Id::<ids::Area>::parse(&area_id, "areaId")?.uuid();
            let month = Month::parse(&month, "month")?;
            service::coverage(cx(ctx), area, month, tier.map(Into::into)).await
        };
        let coverage = result.await.at_edge(ctx).transpose()?;
        Some(coverage.map(|coverage| VisitCoverage::new(cx(ctx), coverage)))
    }
}
