//! What can be asked of deaths.

use async_graphql::{Context, ID, Object};
use uuid::Uuid;

use super::graphql::DeceasedBeneficiary;
use super::service;
use crate::certifications::checks::reads;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, Rows, encode_cursor};
use crate::schema::{AtEdge as _, cx};

/// Marks the cursors of this list.
const ORDER: u8 = 1;

/// Queries about deaths.
#[derive(Debug, Default)]
pub struct CertificationDeathQueries;

#[Object]
impl CertificationDeathQueries {
    /// Whose death the rounds of a year have confirmed, for whoever stops benefits, in the order of the rosters:
    /// in your areas. What nobody has confirmed is not among them; a correction has the last word. Needs
    /// `BENEFICIARY_READ`.
    #[expect(clippy::too_many_arguments, reason = "a page of a year and an area")]
    async fn certification_deceased(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The year that the rounds certify.")] year: i32,
        #[graphql(desc = "Only this area and below.")] area_id: Option<ID>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only people after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only people before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<Connection<DeceasedBeneficiary>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Some(page(ctx, &args, (year, area_id)).await.at_edge(ctx))
    }
}

async fn page(
    ctx: &Context<'_>,
    args: &PageArgs,
    (year, area): (i32, Option<ID>),
) -> Result<Connection<DeceasedBeneficiary>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Uuid>(ORDER)?;
    let area = area
        .map(|id| Id::<ids::Area>::parse(&id, "areaId"))
        .transpose()?;
    let filter = service::of_year(year, area.map(Id::uuid));
    let found = service::list(cx, &filter, &page).await?;
    let total = if ctx.look_ahead().field("totalCount").exists() {
        Some(reads::count(cx, &filter).await?)
    } else {
        None
    };
    let shown = found.rows.into_iter().map(|death| {
        let cursor = encode_cursor(ORDER, &death.seen.row.id);
        Ok((cursor, DeceasedBeneficiary::new(cx, death)?))
    });
    let rows = Rows {
        rows: shown.collect::<Result<_>>()?,
        has_next: found.has_next,
        has_previous: found.has_previous,
    };
    Ok(Connection::new(rows, total))
}
