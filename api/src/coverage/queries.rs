//! What can be asked of coverage.

use async_graphql::{Context, ID, Object};
use entity::enums::CoverageFigure;

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
            service::coverage(cx(ctx), (area, month, tier.map(Into::into)), &asked(ctx)).await
        };
        let coverage = result.await.at_edge(ctx).transpose()?;
        Some(coverage.map(|coverage| VisitCoverage::new(cx(ctx), coverage)))
    }
}

/// The figures that the document asks for: each costs a reading of everybody.
fn asked(ctx: &Context<'_>) -> Vec<CoverageFigure> {
    let coverage = ctx.look_ahead();
    let is_asked =
        |field| coverage.field(field).exists() || coverage.field("children").field(field).exists();
    [
        ("contactRate", CoverageFigure::Contact),
        ("planCompletion", CoverageFigure::Plan),
    ]
    .into_iter()
    .filter_map(|(field, figure)| is_asked(field).then_some(figure))
    .collect()
}
