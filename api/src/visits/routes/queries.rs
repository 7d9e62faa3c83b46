//! What can be asked of ways.

use async_graphql::{Context, ID, Object};
use uuid::Uuid;

use super::super::queries::columns;
use super::graphql::{VisitRoute, point};
use super::service::{self, Wanted};
use crate::error::{Error, Result, Stop};
use crate::ids::{self, Id};
use crate::schema::{AtEdge as _, cx};

/// Queries about ways.
#[derive(Debug, Default)]
pub struct VisitRouteQueries;

/// As many ids as a way has stops.
const MOST: usize = 100;

#[Object]
impl VisitRouteQueries {
    /// The order in which to make the visits you have claimed. Needs an access token; only your own live
    /// claims are in it. Where you stand is used for this answer and kept nowhere; send it by POST.
    async fn visit_route(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Degrees north of where you stand, WGS 84.")] latitude: f64,
        #[graphql(desc = "Degrees east of where you stand, WGS 84.")] longitude: f64,
        #[graphql(desc = "Only these visits, at most 100; all you have claimed where absent.")]
        visit_task_ids: Option<Vec<ID>>,
        #[graphql(
            desc = "The order you were shown last, at most 100: it stays, and new visits are put where they cost the least."
        )]
        previous_order: Option<Vec<ID>>,
    ) -> Option<async_graphql::Result<VisitRoute>> {
        let way = async {
            cx(ctx).actor()?;
            let wrong = |argument| Error::Stopped(Stop::BadUserInput, Some(argument));
            let wanted = Wanted {
                start: point(latitude, longitude).ok_or_else(|| wrong("latitude"))?,
                tasks: visit_task_ids
                    .map(|ids| tasks(&ids, "visitTaskIds"))
                    .transpose()?,
                before: tasks(&previous_order.unwrap_or_default(), "previousOrder")?,
            };
            let look = ctx.look_ahead();
            let columns = columns(&look.field("stops").field("visitTask"));
            let way = service::way(cx(ctx), &wanted, columns).await?;
            Ok(VisitRoute::new(cx(ctx), way))
        };
        Some(way.await.at_edge(ctx))
    }
}

/// The tasks these ids name; garbage names none.
fn tasks(ids: &[ID], argument: &'static str) -> Result<Vec<Uuid>> {
    if ids.len() > MOST {
        return Err(Error::Stopped(Stop::BadUserInput, Some(argument)));
    }
    let parsed = ids
        .iter()
        .filter_map(|id| Id::<ids::VisitTask>::parse(id, argument).ok());
    Ok(parsed.map(Id::uuid).collect())
}
