//! What can be done with coverage.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::close;
use super::graphql::{CoverageVersion, versions};
use super::rules::Month;
use crate::ids::{self, Id};
use crate::scalars::Uuid;
use crate::schema::{AtEdge as _, UserError, cx, settle_on};

/// Which month of which community to close.
#[derive(Debug, InputObject)]
pub struct CloseCoverageMonthInput {
    /// The community.
    area_id: ID,
    /// The month, like 2026-03; it must be over.
    month: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct CloseCoverageMonthPayload {
    /// The version as it was closed; absent where it was refused.
    coverage_version: Option<CoverageVersion>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of coverage.
#[derive(Debug, Default)]
pub struct CoverageMutations;

#[Object]
impl CoverageMutations {
    /// Closes a month: figures and names are kept as they stand; again, where facts became known
    /// later, as another version. Needs `COVERAGE_CLOSE` for the community.
    async fn close_coverage_month(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which month of which community.")] input: CloseCoverageMonthInput,
    ) -> async_graphql::Result<CloseCoverageMonthPayload> {
        let parsed = Id::<ids::Area>::parse(&input.area_id, "areaId")
            .and_then(|area| Ok((area.uuid(), Month::parse(&input.month, "month")?)));
        let result = async {
            let (area, month) = parsed?;
            let key = input.idempotency_key.map(|key| key.0);
            let outcome = close::close(cx(ctx), area, month, key).await?;
            Ok((outcome, area, month))
        };
        let (outcome, place) = match result.await {
            Ok((outcome, area, month)) => (Ok(outcome), Some((area, month))),
            Err(error) => (Err(error), None),
        };
        let (id, user_errors) = settle_on(ctx, outcome)?;
        let mut coverage_version = None;
        if let (Some(id), Some((area, month))) = (id, place) {
            let id = ID::from(Id::<ids::CoverageMonth>::new(id).to_string());
            let all = versions(cx(ctx), area, month).await.at_edge(ctx)?;
            coverage_version = all.into_iter().find(|version| version.id == id);
        }
        Ok(CloseCoverageMonthPayload {
            coverage_version,
            user_errors,
        })
    }
}
