//! What can be asked of households.

use async_graphql::{Context, ID, InputObject, Lookahead, Object};
use uuid::Uuid;

use super::graphql::Household;
use super::list::{self, Filter, ORDER, Position};
use super::service::{self, Columns};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, encode_cursor};
use crate::residents::queries::columns as residents_columns;
use crate::schema::{AtEdge as _, cx};

/// Which households are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct HouseholdFilter {
    /// In this area or below it.
    area_id: Option<ID>,
    /// Center households 党员中心户 (true), or others (false).
    is_center: Option<bool>,
    /// Where somebody is enrolled in care visits (true), or nobody is (false). Needs `RESIDENT_READ`.
    has_enrolled: Option<bool>,
}

/// Queries about households.
#[derive(Debug, Default)]
pub struct HouseholdQueries;

#[Object]
impl HouseholdQueries {
    /// One household. Needs `HOUSEHOLD_READ` where it lives.
    async fn household(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The household's id.")] id: ID,
    ) -> Option<async_graphql::Result<Household>> {
        let found = match Id::parse(&id, "id") {
            Ok(id) => one(ctx, id).await,
            Err(_) => cx(ctx).actor().map(|_| None),
        };
        found.at_edge(ctx).transpose()
    }

    /// The households you may read, by building code, unit and room. Needs `HOUSEHOLD_READ`.
    async fn households(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only households after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only households before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<HouseholdFilter>,
    ) -> Option<async_graphql::Result<Connection<Household>>> {
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
    filter: HouseholdFilter,
) -> Result<Connection<Household>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Position>(ORDER)?;
    let area = filter
        .area_id
        .map(|id| Id::<ids::Area>::parse(&id, "filter.areaId"))
        .transpose()?;
    let filter = Filter {
        area: area.map(Id::uuid),
        is_center: filter.is_center,
        has_enrolled: filter.has_enrolled,
    };
    let node = ctx.look_ahead().field("edges").field("node");
    let rows = list::list(cx, &filter, &page, &columns(&node)).await?;
    let total = if ctx.look_ahead().field("totalCount").exists() {
        Some(list::count(cx, &filter).await?)
    } else {
        None
    };
    let rows = rows.map(|(position, household)| {
        let cursor = encode_cursor(ORDER, &position);
        (cursor, Household::new(cx, household))
    });
    Ok(Connection::new(rows, total))
}

/// One household with what the query asks of it.
pub async fn one(ctx: &Context<'_>, id: Id<ids::Household>) -> Result<Option<Household>> {
    let found = some(ctx, &[id.uuid()]).await?.pop();
    Ok(found.map(|(_, household)| household))
}

/// Those of these households that the actor may read, by primary key.
pub async fn some(ctx: &Context<'_>, ids: &[Uuid]) -> Result<Vec<(Uuid, Household)>> {
    let cx = cx(ctx);
    let found = service::some(cx, ids, &columns(&ctx.look_ahead())).await?;
    let shown = found
        .into_iter()
        .map(|seen| (seen.row.id, Household::new(cx, seen)));
    Ok(shown.collect())
}

/// What a selection asks of households beyond their own columns.
#[must_use]
pub fn columns(household: &Lookahead<'_>) -> Columns {
    let residents = household.field("residents");
    Columns {
        residents: residents.exists().then(|| residents_columns(&residents)),
        last_visit: household.field("lastVisit").exists(),
    }
}
