//! What can be asked of rounds.

use async_graphql::{Context, ID, InputObject, Object};
use uuid::Uuid;

use super::graphql::{CertificationRound, CertificationRoundStatus};
use super::reads::{self, Filter};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, Rows, encode_cursor};
use crate::schema::{AtEdge as _, cx};

/// Marks the cursors of this list.
const ORDER: u8 = 1;

/// Which rounds are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct CertificationRoundFilter {
    /// Of this year.
    year: Option<i32>,
    /// In this state.
    status: Option<CertificationRoundStatus>,
}

/// Queries about rounds of certification.
#[derive(Debug, Default)]
pub struct CertificationRoundQueries;

#[Object]
impl CertificationRoundQueries {
    /// One round of your areas or of an area above. Needs `BENEFICIARY_READ`.
    async fn certification_round(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The round's id.")] id: ID,
    ) -> Option<async_graphql::Result<CertificationRound>> {
        let found = async {
            let cx = cx(ctx);
            cx.actor()?;
            let Ok(id) = Id::<ids::CertificationRound>::parse(&id, "id") else {
                return Ok(None);
            };
            let row = reads::one(cx, id.uuid()).await?;
            row.map(|row| CertificationRound::new(cx, row)).transpose()
        };
        found.await.at_edge(ctx).transpose()
    }

    /// The rounds of your areas and of the areas above, the newest first. Needs `BENEFICIARY_READ`.
    async fn certification_rounds(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only rounds after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rounds before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<CertificationRoundFilter>,
    ) -> Option<async_graphql::Result<Connection<CertificationRound>>> {
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
    filter: CertificationRoundFilter,
) -> Result<Connection<CertificationRound>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Uuid>(ORDER)?;
    let filter = Filter {
        year: filter.year,
        status: filter.status.map(Into::into),
    };
    let found = reads::list(cx, filter, &page).await?;
    let shown = found.rows.into_iter().map(|row| {
        let cursor = encode_cursor(ORDER, &row.id);
        Ok((cursor, CertificationRound::new(cx, row)?))
    });
    let rows = Rows {
        rows: shown.collect::<Result<_>>()?,
        has_next: found.has_next,
        has_previous: found.has_previous,
    };
    Ok(Connection::new(rows, None))
}
