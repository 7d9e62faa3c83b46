//! What can be asked of bookings.

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Lookahead, Object};
use uuid::Uuid;

use super::graphql::{Booking, BookingStatus};
use super::reads::{self, Columns, Filter, Position, Seen};
use crate::access::policy::Permission;
use crate::context::Cx;
use crate::error::Result;
use crate::households::queries::columns as households;
use crate::ids::{self, Id};
use crate::offers;
use crate::offers::slots::graphql::ServiceSlot;
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
    let slots = slots(cx, &rows.rows, &node).await?;
    let rows = rows.map(|seen| {
        let cursor = encode_cursor(ORDER, &Booking::position(&seen));
        let slot = slots.get(&seen.row.slot_id).cloned();
        (cursor, Booking::new(cx, seen, slot))
    });
    Ok(Connection::new(rows, total))
}

/// The slots of bookings, as far as the reader sees them and the selection asks for them.
async fn slots(
    cx: &Cx,
    seen: &[Seen],
    asked: &Lookahead<'_>,
) -> Result<HashMap<Uuid, ServiceSlot>> {
    if !asked.field("slot").exists() || !cx.actor()?.ever(Permission::OfferRead) {
        return Ok(HashMap::new());
    }
    let mut ids: Vec<Uuid> = seen.iter().map(|seen| seen.row.slot_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = offers::slots::queries::some(cx, &ids).await?;
    Ok(found.into_iter().collect())
}

/// Shows bookings with what a selection asks of them.
async fn shown(cx: &Cx, seen: Vec<Seen>, asked: &Lookahead<'_>) -> Result<Vec<Booking>> {
    let slots = slots(cx, &seen, asked).await?;
    let shown = seen.into_iter().map(|seen| {
        let slot = slots.get(&seen.row.slot_id).cloned();
        Booking::new(cx, seen, slot)
    });
    Ok(shown.collect())
}

/// One booking with what a selection asks of it.
pub(super) async fn one(
    ctx: &Context<'_>,
    id: Uuid,
    asked: &Lookahead<'_>,
) -> Result<Option<Booking>> {
    let cx = cx(ctx);
    let found = reads::some(cx, &[id], &columns(asked)).await?;
    Ok(shown(cx, found, asked).await?.pop())
}

/// Those of these bookings that the actor may read, by primary key.
pub async fn some(ctx: &Context<'_>, ids: &[Uuid]) -> Result<Vec<(Uuid, Booking)>> {
    let (cx, asked) = (cx(ctx), ctx.look_ahead());
    let found = reads::some(cx, ids, &columns(&asked)).await?;
    let keys: Vec<Uuid> = found.iter().map(|seen| seen.row.id).collect();
    let shown = shown(cx, found, &asked).await?;
    Ok(keys.into_iter().zip(shown).collect())
}

/// What a selection asks of bookings beyond their own columns.
#[must_use]
pub fn columns(booking: &Lookahead<'_>) -> Columns {
    Columns {
        household: households(&booking.field("household")),
    }
}

/// The bookings that hold a place of a slot, with what `field` of the payload asks of them.
pub(super) async fn placed(ctx: &Context<'_>, slot: Uuid, field: &str) -> Result<Vec<Booking>> {
    let (cx, asked) = (cx(ctx), ctx.look_ahead().field(field));
    shown(cx, reads::placed(cx, slot, &columns(&asked)).await?, &asked).await
}

/// The bookings that an outcome names behind its slot, by ticket, with what `field` of the payload asks of them.
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
    shown(cx, found, &asked).await.map(Some)
}
