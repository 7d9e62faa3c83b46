//! What can be asked of checks.

use async_graphql::{Context, ID, InputObject, Lookahead, Object};
use uuid::Uuid;

use super::graphql::{CertificationCheck, CheckStatus};
use super::reads::{self, Columns, Filter};
use crate::beneficiaries::graphql::{BeneficiaryCategory, CertificationChannel, CheckOutcome};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, Rows, encode_cursor};
use crate::schema::{AtEdge as _, cx};

/// Marks the cursors of this list.
const ORDER: u8 = 1;

/// Which checks are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct CertificationCheckFilter {
    /// Of this round.
    round_id: Option<ID>,
    /// In this area or below it.
    area_id: Option<ID>,
    /// Of who is to come, or came, to this session or slot.
    session_id: Option<ID>,
    /// In one of these states.
    status: Option<Vec<CheckStatus>>,
    /// To be certified by this channel, or certified by it.
    channel: Option<CertificationChannel>,
    /// Of one of these categories.
    category: Option<Vec<BeneficiaryCategory>>,
    /// Found to be so, confirmed or not; those whose benefits stop are in `certificationDeceased`.
    outcome: Option<CheckOutcome>,
    /// Assigned to you.
    #[graphql(default)]
    is_mine: bool,
    /// Only those that have not reached an end: whom the round would miss.
    #[graphql(default)]
    is_unresolved: bool,
    /// Those that other stations have handed to yours, instead of those of your areas.
    #[graphql(default)]
    is_handed_over: bool,
}

impl CertificationCheckFilter {
    fn into_filter(self, me: Uuid) -> Result<Filter> {
        let round = self
            .round_id
            .map(|id| Id::<ids::CertificationRound>::parse(&id, "filter.roundId"))
            .transpose()?;
        let area = self
            .area_id
            .map(|id| Id::<ids::Area>::parse(&id, "filter.areaId"))
            .transpose()?;
        let session = self
            .session_id
            .map(|id| Id::<ids::CertificationSession>::parse(&id, "filter.sessionId"))
            .transpose()?;
        let (status, category) = (
            self.status.unwrap_or_default(),
            self.category.unwrap_or_default(),
        );
        Ok(Filter {
            round: round.map(Id::uuid),
            area: area.map(Id::uuid),
            status: status.into_iter().map(Into::into).collect(),
            channel: self.channel.map(Into::into),
            category: category.into_iter().map(Into::into).collect(),
            outcome: self.outcome.map(Into::into),
            assigned_to: self.is_mine.then_some(me),
            is_unresolved: self.is_unresolved,
            session: session.map(Id::uuid),
            also: None,
            is_handed_over: self.is_handed_over,
        })
    }
}

/// Queries about checks.
#[derive(Debug, Default)]
pub struct CheckQueries;

#[Object]
impl CheckQueries {
    /// One check. Needs `BENEFICIARY_READ` where it is.
    async fn certification_check(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The check's id.")] id: ID,
    ) -> Option<async_graphql::Result<CertificationCheck>> {
        let found = async {
            let cx = cx(ctx);
            cx.actor()?;
            let Ok(id) = Id::<ids::CertificationCheck>::parse(&id, "id") else {
                return Ok(None);
            };
            let seen = reads::one(cx, id.uuid(), columns(&ctx.look_ahead())).await?;
            seen.map(|seen| CertificationCheck::new(cx, seen))
                .transpose()
        };
        found.await.at_edge(ctx).transpose()
    }

    /// The checks in your areas, in the order of the roster. Needs `BENEFICIARY_READ`.
    async fn certification_checks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only checks after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only checks before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<CertificationCheckFilter>,
    ) -> Option<async_graphql::Result<Connection<CertificationCheck>>> {
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
    filter: CertificationCheckFilter,
) -> Result<Connection<CertificationCheck>> {
    let cx = cx(ctx);
    let me = cx.actor()?.account;
    page_of(ctx, args, &filter.into_filter(me)?).await
}

/// A page of the checks that a filter lets through.
pub(in crate::certifications) async fn page_of(
    ctx: &Context<'_>,
    args: &PageArgs,
    filter: &Filter,
) -> Result<Connection<CertificationCheck>> {
    let cx = cx(ctx);
    let page = args.page::<Uuid>(ORDER)?;
    let columns = columns(&ctx.look_ahead().field("edges").field("node"));
    let found = reads::list(cx, filter, &page, columns).await?;
    let total = if ctx.look_ahead().field("totalCount").exists() {
        Some(reads::count(cx, filter).await?)
    } else {
        None
    };
    let shown = found.rows.into_iter().map(|seen| {
        let cursor = encode_cursor(ORDER, &seen.row.id);
        Ok((cursor, CertificationCheck::new(cx, seen)?))
    });
    let rows = Rows {
        rows: shown.collect::<Result<_>>()?,
        has_next: found.has_next,
        has_previous: found.has_previous,
    };
    Ok(Connection::new(rows, total))
}

/// Those of these checks that the actor may read, by primary key.
pub async fn some(ctx: &Context<'_>, ids: &[Uuid]) -> Result<Vec<(Uuid, CertificationCheck)>> {
    let cx = cx(ctx);
    let rows = reads::some(cx, ids, columns(&ctx.look_ahead())).await?;
    rows.into_iter()
        .map(|seen| Ok((seen.row.id, CertificationCheck::new(cx, seen)?)))
        .collect()
}

/// What a selection asks of checks beyond their own columns.
#[must_use]
pub fn columns(check: &Lookahead<'_>) -> Columns {
    Columns {
        previous: check.field("previous").exists(),
        attempts: check.field("attempts").exists(),
        corrections: check.field("corrections").exists(),
        attachments: check.field("attachments").exists(),
        companion: check.field("companion").exists(),
    }
}
