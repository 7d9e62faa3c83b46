//! What can be asked of accompaniments.

use async_graphql::{Context, Object};
use uuid::Uuid;

use super::graphql::Accompaniment;
use super::reads;
use crate::error::Result;
use crate::paging::{Connection, PageArgs, encode_cursor};
use crate::schema::{AtEdge as _, cx};

/// Marks the cursors of this list.
const ORDER: u8 = 1;

/// Queries about accompaniments.
#[derive(Debug, Default)]
pub struct AccompanimentQueries;

#[Object]
impl AccompanimentQueries {
    /// Where you are asked to come along, the newest first. Needs `VISIT_CARRY_OUT`.
    async fn accompaniments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only accompaniments after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only accompaniments before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<Connection<Accompaniment>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Some(page(ctx, &args).await.at_edge(ctx))
    }
}

async fn page(ctx: &Context<'_>, args: &PageArgs) -> Result<Connection<Accompaniment>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Uuid>(ORDER)?;
    let rows = reads::list(cx, &page).await?;
    let rows = rows.map(|seen| {
        let cursor = encode_cursor(ORDER, &seen.row.id);
        (cursor, Accompaniment::new(cx, seen))
    });
    Ok(Connection::new(rows, None))
}
