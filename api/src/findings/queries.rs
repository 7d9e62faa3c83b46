//! What can be asked of findings.

use async_graphql::{Context, ID, InputObject, Object};
use uuid::Uuid;

use super::graphql::{Finding, FindingStatus};
use super::reads::{self, Filter};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, Rows, encode_cursor};
use crate::schema::{AtEdge as _, cx};

/// Marks the cursors of this list.
const ORDER: u8 = 1;

/// Which findings are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct FindingFilter {
    /// In this state.
    status: Option<FindingStatus>,
    /// In this area or below it.
    area_id: Option<ID>,
}

/// Queries about findings.
#[derive(Debug, Default)]
pub struct FindingQueries;

#[Object]
impl FindingQueries {
    /// One finding that you may decide on. Needs `FINDING_CONFIRM` where it was found.
    async fn finding(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The finding's id.")] id: ID,
    ) -> Option<async_graphql::Result<Finding>> {
        let found = async {
            cx(ctx).actor()?;
            let Ok(id) = Id::<ids::Finding>::parse(&id, "id") else {
                return Ok(None);
            };
            let seen = reads::one(cx(ctx), id.uuid()).await?;
            seen.map(|seen| Finding::new(cx(ctx), seen)).transpose()
        };
        found.await.at_edge(ctx).transpose()
    }

    /// The findings in your areas, the newest first. Needs `FINDING_CONFIRM`.
    async fn findings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only findings after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only findings before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<FindingFilter>,
    ) -> Option<async_graphql::Result<Connection<Finding>>> {
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
    filter: FindingFilter,
) -> Result<Connection<Finding>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Uuid>(ORDER)?;
    let area = filter
        .area_id
        .map(|id| Id::<ids::Area>::parse(&id, "filter.areaId"))
        .transpose()?;
    let filter = Filter {
        status: filter.status.map(Into::into),
        area: area.map(Id::uuid),
    };
    let found = reads::list(cx, filter, &page).await?;
    let shown = found.rows.into_iter().map(|seen| {
        let cursor = encode_cursor(ORDER, &seen.row.id);
        Ok((cursor, Finding::new(cx, seen)?))
    });
    let rows = Rows {
        rows: shown.collect::<Result<_>>()?,
        has_next: found.has_next,
        has_previous: found.has_previous,
    };
    Ok(Connection::new(rows, None))
}
