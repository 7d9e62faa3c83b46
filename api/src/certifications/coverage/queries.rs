//! What can be asked of coverage.

use async_graphql::{Context, ID, Object};
use uuid::Uuid;

use super::graphql::{CertificationCoverage, CertificationTotals};
use super::service;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, Rows, encode_cursor};
use crate::schema::{AtEdge as _, cx};

/// Marks the cursors of the totals.
const ORDER: u8 = 1;

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

    /// The totals of a year's rounds over your communities and what lies above, the newest first, numbers under 5
    /// merged; what you are granted below a community is in none. Needs `CERTIFICATION_COVERAGE_READ`.
    async fn certification_totals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The year that they certify.")] year: i32,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only rounds after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rounds before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<Connection<CertificationTotals>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Some(page(ctx, &args, year).await.at_edge(ctx))
    }
}

async fn page(
    ctx: &Context<'_>,
    args: &PageArgs,
    year: i32,
) -> Result<Connection<CertificationTotals>> {
    let cx = cx(ctx);
    cx.actor()?;
    let found = service::totals(cx, year, &args.page::<Uuid>(ORDER)?).await?;
    let shown = found.rows.into_iter().map(|one| {
        let cursor = encode_cursor(ORDER, &one.round.id);
        Ok((cursor, CertificationTotals::new(cx, one)?))
    });
    let rows = Rows {
        rows: shown.collect::<Result<_>>()?,
        has_next: found.has_next,
        has_previous: found.has_previous,
    };
    Ok(Connection::new(rows, None))
}
