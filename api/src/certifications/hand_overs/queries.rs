//! What can be asked of hand-overs.

use async_graphql::{Context, Object};
use uuid::Uuid;

use super::graphql::{HandOver, HandOverDirection, HandOverStatus};
use super::reads;
use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::error::Result;
use crate::inputs::text;
use crate::paging::{Connection, PageArgs, Rows, encode_cursor};
use crate::schema::{AtEdge as _, cx};

/// Marks the cursors of this list.
const ORDER: u8 = 1;

/// How long a name may be that is looked for.
const NAME: usize = 40;

/// Queries about hand-overs.
#[derive(Debug, Default)]
pub struct HandOverQueries;

#[Object]
impl HandOverQueries {
    /// Checks that your station is asked to make, or that it asks others to make, the newest first. Needs
    /// `BENEFICIARY_READ`.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a page")]
    async fn certification_hand_overs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From whose side.")] direction: HandOverDirection,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only hand-overs after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only hand-overs before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those in one of these states; any where absent.")] status: Option<
            Vec<HandOverStatus>,
        >,
    ) -> Option<async_graphql::Result<Connection<HandOver>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let page = page(ctx, &args, (direction, status.unwrap_or_default())).await;
        Some(page.at_edge(ctx))
    }

    /// Areas outside yours whose stations a check can be offered to, by name; at most 20. Needs
    /// `CERTIFICATION_PLAN`.
    async fn hand_over_stations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A part of the name.")] name: String,
    ) -> Option<async_graphql::Result<Vec<Area>>> {
        let cx = cx(ctx);
        let found = || -> Result<Vec<Area>> {
            let areas = reads::stations(cx, &text(&name, NAME, "name")?)?.into_iter();
            let tree = &cx.actor()?.tree;
            Ok(areas.filter_map(|id| Area::from_tree(tree, id)).collect())
        };
        Some(found().at_edge(ctx))
    }
}

async fn page(
    ctx: &Context<'_>,
    args: &PageArgs,
    (direction, wanted): (HandOverDirection, Vec<HandOverStatus>),
) -> Result<Connection<HandOver>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Uuid>(ORDER)?;
    let states: Vec<_> = wanted.into_iter().map(Into::into).collect();
    let which = (direction.into(), states.as_slice());
    let found = reads::list(cx, which, &page).await?;
    let total = if ctx.look_ahead().field("totalCount").exists() {
        Some(reads::count(cx, which).await?)
    } else {
        None
    };
    let shown = found.rows.into_iter().map(|seen| {
        let cursor = encode_cursor(ORDER, &seen.row.id);
        Ok((cursor, HandOver::new(cx, seen)?))
    });
    let rows = Rows {
        rows: shown.collect::<Result<_>>()?,
        has_next: found.has_next,
        has_previous: found.has_previous,
    };
    Ok(Connection::new(rows, total))
}

/// Those of these hand-overs that the actor may read, by primary key.
pub async fn some(cx: &Cx, ids: &[Uuid]) -> Result<Vec<(Uuid, HandOver)>> {
    let rows = reads::some(cx, ids).await?.into_iter();
    rows.map(|seen| Ok((seen.row.id, HandOver::new(cx, seen)?)))
        .collect()
}
