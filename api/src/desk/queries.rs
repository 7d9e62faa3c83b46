//! What can be asked of the desk.

use async_graphql::{Context, ID, Object};

use super::graphql::Desk;
use super::service;
use crate::ids::{self, Id};
use crate::schema::{AtEdge as _, cx};

/// Queries about the desk.
#[derive(Debug, Default)]
pub struct DeskQueries;

#[Object]
impl DeskQueries {
    /// What in an area asks for somebody today; null outside your scope. Needs `DESK_READ` there.
    async fn desk(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where.")] area_id: ID,
    ) -> Option<async_graphql::Result<Desk>> {
        let found = || {
            let area = Id::<ids::Area>::parse(&area_id, "areaId")?.uuid();
            Ok(service::may(cx(ctx), area)?.then(|| Desk::new(cx(ctx), area)))
        };
        found().at_edge(ctx).transpose()
    }
}
