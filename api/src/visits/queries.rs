//! What can be asked of visits.

use async_graphql::{Context, ID, Lookahead, Object};
use uuid::Uuid;

use super::graphql::{VisitTask, VisitTaskFilter, VisitTaskOrder};
use super::list::{self, Position, Sort};
use super::load::{Columns, SeenTask};
use super::service::{self, TaskId};
use crate::error::Result;
use crate::households::queries::columns as households;
use crate::paging::{Connection, PageArgs, Rows, encode_cursor};
use crate::schema::{AtEdge as _, cx};

/// Queries about visits.
#[derive(Debug, Default)]
pub struct VisitQueries;

#[Object]
impl VisitQueries {
    /// One visit task you may see. Needs `VISIT_READ` where it is, or a claim on it.
    async fn visit_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task's id.")] id: ID,
    ) -> Option<async_graphql::Result<VisitTask>> {
        let found = match TaskId::parse(&id, "id") {
            Ok(id) => one(ctx, id).await,
            Err(_) => cx(ctx).actor().map(|_| None),
        };
        found.at_edge(ctx).transpose()
    }

    /// The visit tasks you may see. Needs `VISIT_READ` where they are, or a claim on them.
    #[expect(
        clippy::too_many_arguments,
        reason = "paging, filter and order as Relay names them"
    )]
    async fn visit_tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only tasks after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only tasks before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<VisitTaskFilter>,
        #[graphql(desc = "In which order.", default_with = "VisitTaskOrder::Due")]
        order_by: VisitTaskOrder,
    ) -> Option<async_graphql::Result<Connection<VisitTask>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let page = self
            .page(ctx, args, filter.unwrap_or_default(), order_by.into())
            .await;
        Some(page.at_edge(ctx))
    }
}

impl VisitQueries {
    async fn page(
        &self,
        ctx: &Context<'_>,
        args: PageArgs,
        filter: VisitTaskFilter,
        sort: Sort,
    ) -> Result<Connection<VisitTask>> {
        let cx = cx(ctx);
        cx.actor()?;
        let page = args.page::<Position>(sort.tag())?;
        let filter = filter.into_filter()?;
        let node = ctx.look_ahead().field("edges").field("node");
        let rows = list::list(cx, &filter, sort, &page, columns(&node)).await?;
        let total = if ctx.look_ahead().field("totalCount").exists() {
            Some(list::count(cx, &filter).await?)
        } else {
            None
        };
        Ok(Connection::new(shown(cx, rows, sort), total))
    }
}

/// Tasks with their cursors, as the reader sees them.
#[must_use]
pub fn shown(
    cx: &crate::context::Cx,
    rows: Rows<SeenTask>,
    sort: Sort,
) -> Rows<(String, VisitTask)> {
    rows.map(|task| {
        let cursor = encode_cursor(sort.tag(), &Position::of(&task));
        (cursor, VisitTask::new(cx, task))
    })
}

/// One task with what the query asks of it.
pub async fn one(ctx: &Context<'_>, id: TaskId) -> Result<Option<VisitTask>> {
    let found = some(ctx, &[id.uuid()]).await?.pop();
    Ok(found.map(|(_, task)| task))
}

/// Those of these tasks that the actor may see, by primary key.
pub async fn some(ctx: &Context<'_>, ids: &[Uuid]) -> Result<Vec<(Uuid, VisitTask)>> {
    let cx = cx(ctx);
    let found = service::some(cx, ids, columns(&ctx.look_ahead())).await?;
    let shown = found
        .into_iter()
        .map(|seen| (seen.task.id, VisitTask::new(cx, seen)));
    Ok(shown.collect())
}

/// What a selection asks of tasks beyond their own columns.
#[must_use]
pub fn columns(task: &Lookahead<'_>) -> Columns {
    let household = task.field("household");
    Columns {
        household: households(&household),
        attempts: task.field("attempts").exists(),
        reports: task.field("reports").exists(),
    }
}
