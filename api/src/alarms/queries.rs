//! What can be asked of alarms.

use async_graphql::{Context, ID, InputObject, Lookahead, Object};
use uuid::Uuid;

use super::graphql::Alarm;
use super::reads::{self, Columns, Filter};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, encode_cursor};
use crate::schema::{AtEdge as _, cx};

/// Marks the cursors of this list.
const ORDER: u8 = 1;

/// Which alarms are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct AlarmFilter {
    /// Still open (true), or closed (false).
    open: Option<bool>,
    /// In this area or below it.
    area_id: Option<ID>,
}

/// Queries about alarms.
#[derive(Debug, Default)]
pub struct AlarmQueries;

#[Object]
impl AlarmQueries {
    /// One alarm that you handle or have raised.
    async fn alarm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The alarm's id.")] id: ID,
    ) -> Option<async_graphql::Result<Alarm>> {
        let found = async {
            cx(ctx).actor()?;
            match Id::<ids::Alarm>::parse(&id, "id") {
                Ok(id) => reads::one(cx(ctx), id.uuid(), columns(&ctx.look_ahead())).await,
                Err(_) => Ok(None),
            }
        };
        let found = found.await.at_edge(ctx).transpose()?;
        Some(found.map(|seen| Alarm::new(cx(ctx), seen)))
    }

    /// The alarms in your areas, the newest first. Needs `ALARM_HANDLE`.
    async fn alarms(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only alarms after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only alarms before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<AlarmFilter>,
    ) -> Option<async_graphql::Result<Connection<Alarm>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let page = page(ctx, &args, filter.unwrap_or_default()).await;
        Some(page.at_edge(ctx))
    }
}

async fn page(
    ctx: &Context<'_>,
    args: &PageArgs,
    filter: AlarmFilter,
) -> Result<Connection<Alarm>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Uuid>(ORDER)?;
    let area = filter
        .area_id
        .map(|id| Id::<ids::Area>::parse(&id, "filter.areaId"))
        .transpose()?;
    let filter = Filter {
        open: filter.open,
        area: area.map(Id::uuid),
    };
    let columns = columns(&ctx.look_ahead().field("edges").field("node"));
    let rows = reads::list(cx, filter, &page, columns).await?;
    let rows = rows.map(|seen| {
        let cursor = encode_cursor(ORDER, &seen.row.id);
        (cursor, Alarm::new(cx, seen))
    });
    Ok(Connection::new(rows, None))
}

/// What is asked of an alarm beyond its row and steps.
pub(super) fn columns(alarm: &Lookahead<'_>) -> Columns {
    Columns {
        handlers: alarm.field("handlers").exists(),
    }
}
