//! What can be asked of rosters.

use async_graphql::{Context, ID, Object};

use super::graphql::DutyRoster;
use super::reads;
use crate::ids::{self, Id};
use crate::schema::{AtEdge as _, cx};

/// Queries about duty.
#[derive(Debug, Default)]
pub struct DutyQueries;

#[Object]
impl DutyQueries {
    /// Who answers for an area 值班表; null outside your scope. Needs `DESK_READ` there.
    async fn duty_roster(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where.")] area_id: ID,
    ) -> Option<async_graphql::Result<DutyRoster>> {
        let found = async {
            let area = Id::<ids::Area>::parse(&area_id, "areaId")?.uuid();
            let roster = reads::roster(cx(ctx), area).await?;
            Ok(roster.map(|roster| DutyRoster::new(cx(ctx), area, &roster)))
        };
        found.await.at_edge(ctx).transpose()
    }
}
