//! The worklist as phones see it.

use async_graphql::{Context, Object};

use crate::error::Result;
use crate::paging::{Connection, PageArgs};
use crate::schema::{AtEdge as _, Task, cx};
use crate::visits::list::{self, Position, Sort};
use crate::visits::queries::{columns, shown};

/// Queries across all kinds of work.
#[derive(Debug, Default)]
pub struct WorklistQueries;

#[Object]
impl WorklistQueries {
    /// What you can do today, the earliest end first: your live claims, open tasks whose window has
    /// begun or begins today, and reports that wait for somebody like you to verify them.
    async fn worklist(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only tasks after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only tasks before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<Connection<Task>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Some(page(ctx, &args).await.at_edge(ctx))
    }
}

async fn page(ctx: &Context<'_>, args: &PageArgs) -> Result<Connection<Task>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Position>(Sort::Due.tag())?;
    let node = ctx.look_ahead().field("edges").field("node");
    let rows = list::worklist(cx, &page, columns(&node)).await?;
    let rows = shown(cx, rows, Sort::Due).map(|(cursor, task)| (cursor, Task::VisitTask(task)));
    Ok(Connection::new(rows, None))
}
