//! Bookings as phones see them.

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};

use super::reads::{Position, Seen};
use super::rules::QUEUED;
use crate::access::protected::View;
use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::households::graphql::Household;
use crate::ids::{self, Id};
use crate::offers::slots::graphql::ServiceSlot;
use crate::protected::{ProtectedString, opened};
use crate::scalars::DateTime;
use crate::schema::{AtEdge as _, cx};

/// Where a booking stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::BookingStatus")]
pub enum BookingStatus {
    /// It holds a place and waits for the partner to confirm it 待确认.
    Requested,
    /// The slot is full; it waits in the order of its ticket 候补.
    Waitlisted,
    /// A place became free and is held for it until a moment 待接受.
    Offered,
    /// It holds a place 已确认.
    Confirmed,
    /// It was carried out 已完成.
    Done,
    /// It was called off or lapsed 已取消.
    Cancelled,
    /// Nobody was there 爽约.
    NoShow,
}

/// On whose side a booking ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::CancelledBy")]
pub enum CancelledBy {
    /// The household does not want it.
    Household,
    /// The partner cannot.
    Partner,
    /// The community called it off.
    Community,
    /// Nobody accepted an offered place in time, or the slot began first.
    Lapse,
}

/// How a household said something that another enters for it 代办方式.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::AskedHow")]
pub enum AskedHow {
    /// In person 当面.
    InPerson,
    /// By phone 电话.
    Phone,
    /// On paper 纸质.
    Paper,
    /// By its one-time code 验证码.
    Code,
}

/// A household's place in a slot, or on its waitlist 预约. Needs `BOOKING_READ`; a partner's people see those of
/// their own offers, and whose they are while they are confirmed.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Booking {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change.
    version: i64,
    /// Where it stands in its life.
    status: BookingStatus,
    /// Its number in the order of the slot, drawn once.
    ticket: i32,
    /// How many wait in front of it, and itself; absent unless it is `WAITLISTED`.
    place_in_queue: Option<i64>,
    /// The slot's id.
    slot_id: ID,
    /// The slot, where you see its offer. Needs `OFFER_READ`.
    slot: Option<ServiceSlot>,
    /// When the slot begins.
    starts_at: DateTime,
    /// When the slot ends.
    ends_at: DateTime,
    /// Where it is; at home where absent.
    place: Option<String>,
    /// The offer.
    offer_id: ID,
    /// What the offer is called.
    offer_title: String,
    /// The partner.
    partner_id: ID,
    /// What the partner is called.
    partner_name: String,
    /// The wish that it fulfils.
    wish_id: ID,
    /// What is wished for.
    words: String,
    /// The household that asks.
    household: Option<Household>,
    /// The building of the household.
    area: Option<Area>,
    /// How the household asked for it.
    how: AskedHow,
    /// Who of the household asked for it, where that is known.
    on_behalf_of_id: Option<ID>,
    /// The name of who entered it.
    booked_by: Option<String>,
    /// When it was entered.
    booked_at: DateTime,
    /// Until when an offered place is held; absent unless it is `OFFERED`, or lapsed so.
    confirm_until: Option<DateTime>,
    /// The name of who confirmed it, or accepted the place; absent where a place was free and nobody was asked.
    confirmed_by: Option<String>,
    /// When it was confirmed.
    confirmed_at: Option<DateTime>,
    /// On whose side it ended.
    cancelled_by: Option<CancelledBy>,
    /// Why it ended.
    end_reason: Option<String>,
    /// The name of who ended it; absent where the server did.
    ended_by: Option<String>,
    /// When it ended.
    ended_at: Option<DateTime>,
    #[graphql(skip)]
    seen: Seen,
}

impl Booking {
    /// Shows a booking to the reader it was read for.
    #[must_use]
    pub fn new(cx: &Cx, seen: Seen, slot: Option<ServiceSlot>) -> Self {
        let (row, beside) = (&seen.row, &seen.beside);
        Self {
            id: Id::<ids::Booking>::new(row.id).to_string().into(),
            version: row.version,
            status: row.status.into(),
            ticket: row.ticket,
            place_in_queue: beside.queue.filter(|_| row.status == QUEUED),
            slot_id: Id::<ids::ServiceSlot>::new(row.slot_id).to_string().into(),
            slot,
            starts_at: DateTime(row.starts_at),
            ends_at: DateTime(row.ends_at),
            place: beside.place.clone(),
            offer_id: Id::<ids::ServiceOffer>::new(row.offer_id)
                .to_string()
                .into(),
            offer_title: beside.title.clone(),
            partner_id: Id::<ids::Partner>::new(row.partner_id).to_string().into(),
            partner_name: beside.partner.clone(),
            wish_id: Id::<ids::Wish>::new(row.wish_id).to_string().into(),
            words: seen.wish.words.clone(),
            household: Some(Household::new(cx, seen.household.clone())),
            area: Area::from_tree(&cx.app.sessions.tree(), row.area_id),
            how: row.how.into(),
            on_behalf_of_id: row
                .resident_id
                .filter(|_| matches!(seen.view, View::Staff { .. } | View::Claimant))
                .map(|id| Id::<ids::Resident>::new(id).to_string().into()),
            booked_by: beside.booker.clone(),
            booked_at: DateTime(row.created_at),
            confirm_until: row.confirm_until.map(DateTime),
            confirmed_by: beside.confirmer.clone(),
            confirmed_at: row.confirmed_at.map(DateTime),
            cancelled_by: row.cancelled_by.map(Into::into),
            end_reason: row.end_reason.clone(),
            ended_by: beside.ender.clone(),
            ended_at: row.ended_at.map(DateTime),
            seen,
        }
    }

    /// Where a booking stands in the list.
    #[must_use]
    pub const fn position(seen: &Seen) -> Position {
        (seen.row.starts_at, seen.row.slot_id, seen.row.ticket)
    }
}

#[ComplexObject]
impl Booking {
    /// What else whoever goes there must know. Needs `RESIDENT_READ`, or to act for the partner while it is
    /// confirmed.
    async fn notes(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        let (keys, row) = (&cx(ctx).app.keys, &self.seen.row);
        let notes = self.seen.wish.notes_sealed.as_deref();
        let notes = self.seen.view.visit_notes(keys, notes).at_edge(ctx);
        Some(notes.map(|notes| opened(ctx, "Booking", row.id, notes)))
    }
}
