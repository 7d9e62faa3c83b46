//! What can be asked of bookings.

use async_graphql::{Context, ID, InputObject, Lookahead, Object};
use uuid::Uuid;

use super::graphql::{Booking, BookingStatus};
use super::reads::{self, Columns, Filter, Position};
use crate::error::Result;
use crate::households::queries::columns as households;
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, encode_cursor};
use crate::scalars::DateTime;
use crate::schema::{AtEdge as _, cx};
use crate::write::Outcome;

/// Marks the cursors of this list.
const ORDER: u8 = 1;

/// Which bookings are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct BookingFilter {
    /// In one of these states.
    status: Option<Vec<BookingStatus>>,
    /// Of this slot.
    slot_id: Option<ID>,
    /// Of this offer.
    offer_id: Option<ID>,
    /// Of this partner's offers.
    partner_id: Option<ID>,
    /// For this wish.
    wish_id: Option<ID>,
    /// Of households in this area or below it.
    area_id: Option<ID>,
    /// Whose slot begins at or after this.
    starts_from: Option<DateTime>,
    /// Whose slot begins before this.
    starts_before: Option<DateTime>,
}

impl BookingFilter {
    fn into_filter(self) -> Result<Filter> {
        fn id<K: ids::Kind>(id: Option<ID>, field: &'static str) -> Result<Option<Uuid>> {
            let id = id.map(|id| Id::<K>::parse(&id, field)).transpose()?;
            Ok(id.map(Id::uuid))
        }
        let status = self.status.unwrap_or_default().into_iter();
        Ok(Filter {
            status: status.map(Into::into).collect(),
            slot: id::<ids::ServiceSlot>(self.slot_id, "filter.slotId")?,
            offer: id::<ids::ServiceOffer>(self.offer_id, "filter.offerId")?,
            partner: id::<ids::Partner>(self.partner_id, "filter.partnerId")?,
            wish: id::<ids::Wish>(self.wish_id, "filter.wishId")?,
            area: id::<ids::Area>(self.area_id, "filter.areaId")?,
            from: self.starts_from.map(|at| at.0),
            before: self.starts_before.map(|at| at.0),
        })
    }
}

/// Queries about bookings.
#[derive(Debug, Default)]
pub struct BookingQueries;

#[Object]
impl BookingQueries {
    /// One booking. Needs `BOOKING_READ` where the household lives; a partner's people see those of their own
    /// offers.
    async fn booking(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The booking's id.")] id: ID,
    ) -> Option<async_graphql::Result<Booking>> {
        let found = match Id::<ids::Booking>::parse(&id, "id") {
            Ok(id) => one(ctx, id.uuid(), &ctx.look_ahead()).await,
            Err(_) => cx(ctx).actor().map(|_| None),
        };
        found.at_edge(ctx).transpose()
    }

    /// The bookings you may see, by their slots' beginning and then by ticket. Needs `BOOKING_READ` where the
    /// households live; a partner's people see those of their own offers.
    async fn bookings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only bookings after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only bookings before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<BookingFilter>,
    ) -> Option<async_graphql::Result<Connection<Booking>>> {
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
    filter: BookingFilter,
) -> Result<Connection<Booking>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Position>(ORDER)?;
    let filter = filter.into_filter()?;
    let node = ctx.look_ahead().field("edges").field("node");
    let rows = reads::list(cx, &filter, &page, &columns(&node)).await?;
    let total = if ctx.look_ahead().field("totalCount").exists() {
        Some(reads::count(cx, &filter).await?)
    } else {
        None
    };
    let rows = rows.map(|seen| {
        let cursor = encode_cursor(ORDER, &Booking::position(&seen));
        (cursor, Booking::new(cx, seen))
    });
    Ok(Connection::new(rows, total))
}

/// One booking with what a selection asks of it.
pub(super) async fn one(
    ctx: &Context<'_>,
    id: Uuid,
    asked: &Lookahead<'_>,
) -> Result<Option<Booking>> {
    let cx = cx(ctx);
    let found = reads::some(cx, &[id], &columns(asked)).await?.pop();
    Ok(found.map(|seen| Booking::new(cx, seen)))
}

/// Those of these bookings that the actor may read, by primary key.
pub async fn some(ctx: &Context<'_>, ids: &[Uuid]) -> Result<Vec<(Uuid, Booking)>> {
    let cx = cx(ctx);
    let found = reads::some(cx, ids, &columns(&ctx.look_ahead())).await?;
    let shown = found
        .into_iter()
        .map(|seen| (seen.row.id, Booking::new(cx, seen)));
    Ok(shown.collect())
}

/// What a selection asks of bookings beyond their own columns.
#[must_use]
pub fn columns(booking: &Lookahead<'_>) -> Columns {
    Columns {
        household: households(&booking.field("household")),
    }
}

/// The bookings that hold a place of a slot.
pub(super) async fn placed(
    ctx: &Context<'_>,
    slot: Uuid,
    columns: &Columns,
) -> Result<Vec<Booking>> {
    let cx = cx(ctx);
    let found = reads::placed(cx, slot, columns).await?.into_iter();
    Ok(found.map(|seen| Booking::new(cx, seen)).collect())
}

/// The bookings that an outcome names behind its slot, in its order, with what `field` of the payload asks of
/// them.
pub(super) async fn some_of(
    ctx: &Context<'_>,
    outcome: Option<Outcome>,
    field: &str,
) -> Result<Option<Vec<Booking>>> {
    let Some(outcome) = outcome else {
        return Ok(None);
    };
    let asked = ctx.look_ahead().field(field);
    let ids = outcome.ids.get(1..).unwrap_or_default();
    if ids.is_empty() || !asked.exists() {
        return Ok(Some(Vec::new()));
    }
    let cx = cx(ctx);
    let mut found = reads::some(cx, ids, &columns(&asked)).await?;
    found.sort_unstable_by_key(|seen| seen.row.ticket);
    Ok(Some(
        found
            .into_iter()
            .map(|seen| Booking::new(cx, seen))
            .collect(),
    ))
}
