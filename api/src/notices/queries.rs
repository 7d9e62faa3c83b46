//! What can be asked of notices.

use async_graphql::{Context, Object};
use uuid::Uuid;

use super::graphql::Notice;
use super::service;
use crate::error::Result;
use crate::paging::{Connection, PageArgs, encode_cursor};
use crate::schema::{AtEdge as _, cx};

/// Marks the cursors of this list.
const ORDER: u8 = 1;

/// Queries about notices.
#[derive(Debug, Default)]
pub struct NoticeQueries;

#[Object]
impl NoticeQueries {
    /// What you were told, the newest first.
    async fn notices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only notices after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only notices before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those you have not seen.", default = false)] unseen: bool,
    ) -> Option<async_graphql::Result<Connection<Notice>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Some(page(ctx, &args, unseen).await.at_edge(ctx))
    }
}

async fn page(ctx: &Context<'_>, args: &PageArgs, unseen: bool) -> Result<Connection<Notice>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Uuid>(ORDER)?;
    let rows = service::list(cx, unseen, &page).await?;
    let rows = rows.map(|row| (encode_cursor(ORDER, &row.id), Notice::new(cx, &row)));
    Ok(Connection::new(rows, None))
}
