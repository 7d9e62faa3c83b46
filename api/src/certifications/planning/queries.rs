//! What can be asked of planning.

use async_graphql::{Context, ID, InputObject, Object};
use uuid::Uuid;

use super::assignees::assignees;
use super::graphql::{CertificationAssignee, CertificationProposal, CertificationRoute};
use super::proposal;
use super::route::{self, Wanted};
use crate::certifications::checks::queries::columns;
use crate::certifications::checks::reads;
use crate::error::{Error, Result, Stop};
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, Rows, encode_cursor};
use crate::route::Point;
use crate::scalars::Date;
use crate::schema::{AtEdge as _, cx};

/// Marks the cursors of this list.
const ORDER: u8 = 1;

/// As many ids as a way has stops.
const MOST: usize = 100;

/// For whom a proposal is wanted.
#[derive(Clone, Debug, InputObject)]
pub struct CertificationPlanFilter {
    /// Of this round.
    round_id: ID,
    /// In this area or below it; anywhere where absent.
    area_id: Option<ID>,
    /// Degrees north of where people would come, WGS 84; without it no distance is judged.
    latitude: Option<f64>,
    /// Degrees east of it.
    longitude: Option<f64>,
    /// Those that another station has handed over to you, instead of those of your areas.
    #[graphql(default)]
    is_handed_over: bool,
}

/// Queries about planning.
#[derive(Debug, Default)]
pub struct CertificationPlanningQueries;

#[Object]
impl CertificationPlanningQueries {
    /// By which channel those of a round are best certified whom you plan and for whom no time is planned, and
    /// why, in the order of the roster. Needs `BENEFICIARY_READ` and `CERTIFICATION_PLAN`.
    async fn certification_plan_proposal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For whom.")] filter: CertificationPlanFilter,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only proposals after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only proposals before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<Connection<CertificationProposal>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Some(page(ctx, &args, &filter).await.at_edge(ctx))
    }

    /// Your colleagues who may be given the checks of an area, those first who are granted nearest to it: for
    /// `assignedToId`. Needs `CERTIFICATION_PLAN` there; nobody elsewhere.
    async fn certification_assignees(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Where the checks are made: of one that was handed over, the area to which it was."
        )]
        area_id: ID,
    ) -> Option<async_graphql::Result<Vec<CertificationAssignee>>> {
        let found = async {
            let cx = cx(ctx);
            cx.actor()?;
            let Ok(area) = Id::<ids::Area>::parse(&area_id, "areaId") else {
                return Ok(Vec::new());
            };
            let found = assignees(cx, area.uuid()).await?.into_iter();
            found
                .map(|one| CertificationAssignee::new(cx, one))
                .collect()
        };
        let found: Result<Vec<CertificationAssignee>> = found.await;
        Some(found.at_edge(ctx))
    }

    /// The order in which to make the home visits that are planned for you. Needs `CERTIFICATION_CHECK`; where
    /// you stand is used for this answer and kept nowhere; send it by POST.
    async fn certification_route(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Degrees north of where you stand, WGS 84.")] latitude: f64,
        #[graphql(desc = "Degrees east of where you stand, WGS 84.")] longitude: f64,
        #[graphql(desc = "Only of this round; of any where absent.")] round_id: Option<ID>,
        #[graphql(desc = "Only of this day; of any where absent.")] on: Option<Date>,
        #[graphql(
            desc = "The checks in the order you were shown last, at most 100: it stays, and new ones are put where they cost the least."
        )]
        previous_order: Option<Vec<ID>>,
    ) -> Option<async_graphql::Result<CertificationRoute>> {
        let way = async {
            cx(ctx).actor()?;
            let wrong = |argument| Error::Stopped(Stop::BadUserInput, Some(argument));
            let round = round_id
                .map(|id| Id::<ids::CertificationRound>::parse(&id, "roundId"))
                .transpose()?;
            let before = previous_order.unwrap_or_default();
            if before.len() > MOST {
                return Err(wrong("previousOrder"));
            }
            let before = before
                .iter()
                .filter_map(|id| Id::<ids::CertificationCheck>::parse(id, "previousOrder").ok());
            let wanted = Wanted {
                start: Point::new(latitude, longitude).ok_or_else(|| wrong("latitude"))?,
                round: round.map(Id::uuid),
                on: on.map(|day| day.0),
                before: before.map(Id::uuid).collect(),
            };
            let columns = columns(&ctx.look_ahead().field("stops").field("check"));
            let way = route::way(cx(ctx), &wanted, columns).await?;
            CertificationRoute::new(cx(ctx), way)
        };
        Some(way.await.at_edge(ctx))
    }
}

async fn page(
    ctx: &Context<'_>,
    args: &PageArgs,
    filter: &CertificationPlanFilter,
) -> Result<Connection<CertificationProposal>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Uuid>(ORDER)?;
    let round = Id::<ids::CertificationRound>::parse(&filter.round_id, "filter.roundId")?;
    let area = filter.area_id.as_ref();
    let area = area
        .map(|id| Id::<ids::Area>::parse(id, "filter.areaId"))
        .transpose()?;
    let wrong = || Error::Stopped(Stop::BadUserInput, Some("filter.latitude"));
    let venue = match (filter.latitude, filter.longitude) {
        (None, None) => None,
        (Some(north), Some(east)) => Some(Point::new(north, east).ok_or_else(wrong)?),
        _ => return Err(wrong()),
    };
    let filter = proposal::wanted(
        cx,
        (round.uuid(), area.map(Id::uuid)),
        filter.is_handed_over,
    )?;
    let columns = columns(&ctx.look_ahead().field("edges").field("node").field("check"));
    let found = proposal::list(cx, (&filter, venue), &page, columns).await?;
    let total = if ctx.look_ahead().field("totalCount").exists() {
        Some(reads::count(cx, &filter).await?)
    } else {
        None
    };
    let shown = found.rows.into_iter().map(|proposed| {
        let cursor = encode_cursor(ORDER, &proposed.seen.row.id);
        Ok((cursor, CertificationProposal::new(cx, proposed)?))
    });
    let rows = Rows {
        rows: shown.collect::<Result<_>>()?,
        has_next: found.has_next,
        has_previous: found.has_previous,
    };
    Ok(Connection::new(rows, total))
}
