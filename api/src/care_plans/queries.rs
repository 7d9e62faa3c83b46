//! What can be asked of care plans.

use async_graphql::{Context, ID, Object};

use super::graphql::{CareRule, EffectiveCarePlan};
use super::service;
use crate::ids::{self, Id};
use crate::schema::{AtEdge as _, cx};

/// Queries about care plans.
#[derive(Debug, Default)]
pub struct CarePlanQueries;

#[Object]
impl CarePlanQueries {
    /// The plans that hold in an area today, one for each tier; empty outside your scope. Needs
    /// `VISIT_READ` there.
    async fn care_plans(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where.")] area_id: ID,
    ) -> Option<async_graphql::Result<Vec<EffectiveCarePlan>>> {
        let result = async {
            let area = Id::<ids::Area>::parse(&area_id, "areaId")?.uuid();
            service::effective(cx(ctx), area).await
        };
        let plans = result.await.map(|plans| {
            plans
                .into_iter()
                .map(|plan| EffectiveCarePlan::new(cx(ctx), plan))
                .collect()
        });
        Some(plans.at_edge(ctx))
    }

    /// An area's own care rules, past and future ones too, the newest first, at most 100. Needs
    /// `VISIT_READ` there.
    async fn care_rules(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where.")] area_id: ID,
    ) -> Option<async_graphql::Result<Vec<CareRule>>> {
        let result = async {
            let area = Id::<ids::Area>::parse(&area_id, "areaId")?.uuid();
            service::own(cx(ctx), area).await
        };
        let rules = result
            .await
            .map(|rows| rows.iter().map(|row| CareRule::new(cx(ctx), row)).collect());
        Some(rules.at_edge(ctx))
    }
}
