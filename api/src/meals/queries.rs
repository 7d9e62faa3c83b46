//! What can be asked of meals.

use async_graphql::{Context, ID, InputObject, Lookahead, Object};
use uuid::Uuid;

use super::graphql::{MealBatch, MealList};
use super::progress::{self, Columns, Filter, Position};
use super::reads;
use crate::access::policy::Permission;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, Rows, encode_cursor};
use crate::scalars::Date;
use crate::schema::{AtEdge as _, cx};
use crate::visits::queries::columns as door_columns;

/// Marks the cursors of this list.
const ORDER: u8 = 1;

/// Which batches of meals are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct MealBatchFilter {
    /// In this area or below it.
    area_id: Option<ID>,
    /// Of this list.
    meal_list_id: Option<ID>,
    /// Of this day.
    served_on: Option<Date>,
    /// That can be claimed now (true), or not (false).
    open: Option<bool>,
    /// Held by you (true), or not (false).
    mine: Option<bool>,
}

impl MealBatchFilter {
    fn into_filter(self) -> Result<Filter> {
        let area = self
            .area_id
            .map(|id| Id::<ids::Area>::parse(&id, "filter.areaId"))
            .transpose()?;
        let list = self
            .meal_list_id
            .map(|id| Id::<ids::MealList>::parse(&id, "filter.mealListId"))
            .transpose()?;
        Ok(Filter {
            area: area.map(Id::uuid),
            list: list.map(Id::uuid),
            served_on: self.served_on.map(|day| day.0),
            is_open: self.open,
            mine: self.mine,
        })
    }
}

/// Queries about meals.
#[derive(Debug, Default)]
pub struct MealQueries;

#[Object]
impl MealQueries {
    /// The meal lists in an area that have not ended, at most 100, by name; empty outside your scope. Needs
    /// `MEAL_EDIT`.
    async fn meal_lists(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In this area and below.")] area_id: ID,
    ) -> Option<async_graphql::Result<Vec<MealList>>> {
        let result = async {
            let cx = cx(ctx);
            cx.actor()?.require(Permission::MealEdit)?;
            let area = Id::<ids::Area>::parse(&area_id, "areaId")?.uuid();
            let with_fed = ctx.look_ahead().field("recipients").exists();
            let lists = reads::lists(cx, area, with_fed).await?.into_iter();
            lists
                .map(|seen| MealList::new(cx, seen))
                .collect::<Result<Vec<_>>>()
        };
        Some(result.await.at_edge(ctx))
    }

    /// One meal list. Needs `MEAL_EDIT` at its area.
    async fn meal_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list's id.")] id: ID,
    ) -> Option<async_graphql::Result<MealList>> {
        let found = async {
            cx(ctx).actor()?.require(Permission::MealEdit)?;
            let Ok(id) = Id::<ids::MealList>::parse(&id, "id") else {
                return Ok(None);
            };
            list(ctx, id.uuid(), &ctx.look_ahead()).await
        };
        found.await.at_edge(ctx).transpose()
    }

    /// The batches of meals you may see, the earliest end first. Needs `VISIT_READ` in all of a list's area,
    /// or a claim.
    async fn meal_batches(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only batches after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only batches before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<MealBatchFilter>,
    ) -> Option<async_graphql::Result<Connection<MealBatch>>> {
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
    filter: MealBatchFilter,
) -> Result<Connection<MealBatch>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Position>(ORDER)?;
    let filter = filter.into_filter()?;
    let node = ctx.look_ahead().field("edges").field("node");
    let found = progress::batches(cx, &filter, &page, columns(&node)).await?;
    let total = if ctx.look_ahead().field("totalCount").exists() {
        Some(progress::count(cx, &filter).await?)
    } else {
        None
    };
    let shown = found.rows.into_iter().map(|seen| {
        let cursor = encode_cursor(ORDER, &seen.position());
        Ok((cursor, MealBatch::new(cx, seen)?))
    });
    let rows = Rows {
        rows: shown.collect::<Result<_>>()?,
        has_next: found.has_next,
        has_previous: found.has_previous,
    };
    Ok(Connection::new(rows, total))
}

/// One list as the actor sees it, with what `selection` asks for.
pub(super) async fn list(
    ctx: &Context<'_>,
    id: Uuid,
    selection: &Lookahead<'_>,
) -> Result<Option<MealList>> {
    let with_fed = selection.field("recipients").exists();
    let seen = reads::list(cx(ctx), id, with_fed).await?;
    seen.map(|seen| MealList::new(cx(ctx), seen)).transpose()
}

/// One batch as the actor sees it, with what `selection` asks for.
pub(super) async fn batch(
    ctx: &Context<'_>,
    id: Uuid,
    selection: &Lookahead<'_>,
) -> Result<Option<MealBatch>> {
    let seen = progress::batch(cx(ctx), id, columns(selection)).await?;
    seen.map(|seen| MealBatch::new(cx(ctx), seen)).transpose()
}

/// What a selection asks of batches beyond their own columns.
fn columns(batch: &Lookahead<'_>) -> Columns {
    let doors = batch.field("doors");
    Columns {
        progress: batch.field("progress").exists() || batch.field("buildings").exists(),
        doors: doors.exists().then(|| door_columns(&doors)),
    }
}
