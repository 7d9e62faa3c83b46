//! What can be asked of sessions and slots.

use async_graphql::{Context, ID, InputObject, Object};

use super::candidates;
use super::graphql::{CertificationSession, CertificationSessionStatus};
use super::reads::{self, Filter, Position};
use crate::beneficiaries::graphql::CertificationChannel;
use crate::certifications::checks::graphql::CertificationCheck;
use crate::certifications::checks::queries::page_of;
use crate::error::{Code, Error, Result};
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, Rows, encode_cursor};
use crate::schema::{AtEdge as _, cx};

/// Marks the cursors of this list.
const ORDER: u8 = 1;

/// Which sessions and slots are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct CertificationSessionFilter {
    /// Of this round.
    round_id: Option<ID>,
    /// `SESSION` or `APPOINTMENT`.
    channel: Option<CertificationChannel>,
    /// In this state.
    status: Option<CertificationSessionStatus>,
}

/// Queries about sessions and slots.
#[derive(Debug, Default)]
pub struct CertificationSessionQueries;

#[Object]
impl CertificationSessionQueries {
    /// One session or slot of your areas or of an area above. Needs `BENEFICIARY_READ`.
    async fn certification_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The session's id.")] id: ID,
    ) -> Option<async_graphql::Result<CertificationSession>> {
        let found = async {
            let cx = cx(ctx);
            cx.actor()?;
            let Ok(id) = Id::<ids::CertificationSession>::parse(&id, "id") else {
                return Ok(None);
            };
            let seen = reads::one(cx, id.uuid()).await?;
            seen.map(|seen| CertificationSession::new(cx, seen))
                .transpose()
        };
        found.await.at_edge(ctx).transpose()
    }

    /// The sessions and slots of your areas and of the areas above, the earliest first. Needs
    /// `BENEFICIARY_READ`.
    async fn certification_sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only sessions after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only sessions before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<CertificationSessionFilter>,
    ) -> Option<async_graphql::Result<Connection<CertificationSession>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let page = page(ctx, &args, filter.unwrap_or_default()).await;
        Some(page.at_edge(ctx))
    }

    /// Whom to ask to a session: the checks of its round for which no time is planned, of those who live in
    /// its institution, or in its area and can come. Needs `CERTIFICATION_PLAN` where they are.
    async fn certification_session_candidates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The session's id.")] session_id: ID,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only checks after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only checks before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<Connection<CertificationCheck>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let found = async {
            let cx = cx(ctx);
            cx.actor()?;
            let id = Id::<ids::CertificationSession>::parse(&session_id, "sessionId")?;
            let seen = reads::one(cx, id.uuid()).await?;
            let seen = seen.ok_or_else(|| Error::refused(Code::NotFound).on("sessionId"))?;
            page_of(ctx, &args, &candidates::wanted(cx, &seen.row).await?).await
        };
        Some(found.await.at_edge(ctx))
    }
}

async fn page(
    ctx: &Context<'_>,
    args: &PageArgs,
    filter: CertificationSessionFilter,
) -> Result<Connection<CertificationSession>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Position>(ORDER)?;
    let round = filter
        .round_id
        .map(|id| Id::<ids::CertificationRound>::parse(&id, "filter.roundId"))
        .transpose()?;
    let filter = Filter {
        round: round.map(Id::uuid),
        channel: filter.channel.map(Into::into),
        status: filter.status.map(Into::into),
    };
    let found = reads::list(cx, filter, &page).await?;
    let shown = found.rows.into_iter().map(|seen| {
        let cursor = encode_cursor(ORDER, &(seen.row.starts_at, seen.row.id));
        Ok((cursor, CertificationSession::new(cx, seen)?))
    });
    let rows = Rows {
        rows: shown.collect::<Result<_>>()?,
        has_next: found.has_next,
        has_previous: found.has_previous,
    };
    Ok(Connection::new(rows, None))
}
