//! What can be asked of areas.

use async_graphql::{Context, ID, InputObject, Object};
use uuid::Uuid;

use super::graphql::{Area, AreaKind};
use super::service::{self, Filter, ORDER};
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, encode_cursor};
use crate::schema::{AtEdge as _, cx};

/// Which areas are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct AreaFilter {
    /// Of one of these levels.
    kind: Option<Vec<AreaKind>>,
    /// This area and those below it.
    below_id: Option<ID>,
}

/// Queries about areas.
#[derive(Debug, Default)]
pub struct AreaQueries;

#[Object]
impl AreaQueries {
    /// One area you may see. Needs `AREA_READ`.
    async fn area(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The area's id.")] id: ID,
    ) -> Option<async_graphql::Result<Area>> {
        let cx = cx(ctx);
        let found = match Id::parse(&id, "id") {
            Ok(id) => one(cx, id).await,
            Err(_) => cx.actor().map(|_| None),
        };
        found.at_edge(ctx).transpose()
    }

    /// The areas you may see, by code. Needs `AREA_READ`.
    async fn areas(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only areas after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only areas before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<AreaFilter>,
    ) -> Option<async_graphql::Result<Connection<Area>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Some(
            page(ctx, &args, filter.unwrap_or_default())
                .await
                .at_edge(ctx),
        )
    }
}

async fn page(ctx: &Context<'_>, args: &PageArgs, filter: AreaFilter) -> Result<Connection<Area>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<String>(ORDER)?;
    let below = filter
        .below_id
        .map(|id| Id::<ids::Area>::parse(&id, "filter.belowId"))
        .transpose()?;
    let filter = Filter {
        kind: filter
            .kind
            .unwrap_or_default()
            .into_iter()
            .map(Into::into)
            .collect(),
        below: below.map(Id::uuid),
    };
    let rows = service::list(cx, &filter, &page).await?;
    let total = if ctx.look_ahead().field("totalCount").exists() {
        Some(service::count(cx, &filter).await?)
    } else {
        None
    };
    let rows = rows.map(|area| (encode_cursor(ORDER, &area.code), Area::from(area)));
    Ok(Connection::new(rows, total))
}

/// One area, if the actor may see it.
pub async fn one(cx: &Cx, id: Id<ids::Area>) -> Result<Option<Area>> {
    let found = some(cx, &[id.uuid()]).await?.pop();
    Ok(found.map(|(_, area)| area))
}

/// Those of these areas that the actor may see, by primary key.
pub async fn some(cx: &Cx, ids: &[Uuid]) -> Result<Vec<(Uuid, Area)>> {
    let found = service::some(cx, ids).await?;
    Ok(found
        .into_iter()
        .map(|row| (row.id, Area::from(row)))
        .collect())
}
