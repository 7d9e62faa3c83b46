//! Slots and series as phones see them.

use async_graphql::{Enum, ID, SimpleObject};
use entity::slot_series;

use super::reads::Seen;
use super::rules::Pattern;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::offers::graphql::ServiceOffer;
use crate::scalars::{Date, DateTime};

/// Whether a slot takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::SlotStatus")]
pub enum SlotStatus {
    /// It does.
    Open,
    /// It was called off, with a reason 已取消.
    Cancelled,
}

/// A slot 可约时段 of an offer. Needs `OFFER_READ`; seen by who sees its offer.
#[derive(Clone, Debug, SimpleObject)]
pub struct ServiceSlot {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change, bookings among them.
    version: i64,
    /// What is offered.
    offer: ServiceOffer,
    /// The series that made it.
    series_id: Option<ID>,
    /// When it begins.
    starts_at: DateTime,
    /// When it ends.
    ends_at: DateTime,
    /// Where it is; at home where absent.
    place: Option<String>,
    /// How many places it has.
    capacity: i32,
    /// How many of them are taken.
    booked: i32,
    /// How many wait for one.
    waiting: i32,
    /// How many places can be booked now: none where somebody waits.
    remaining: i32,
    /// Whether it takes place.
    status: SlotStatus,
    /// Why it was called off.
    cancel_reason: Option<String>,
}

impl ServiceSlot {
    /// Shows a slot.
    pub fn new(cx: &Cx, seen: Seen) -> Result<Self> {
        let Seen { row, offer } = seen;
        let is_free = row.status == super::rules::OPEN && row.waiting == 0;
        let series = row.series_id.map(Id::<ids::SlotSeries>::new);
        Ok(Self {
            id: Id::<ids::ServiceSlot>::new(row.id).to_string().into(),
            version: row.version,
            offer: ServiceOffer::new(cx, offer)?,
            series_id: series.map(|id| id.to_string().into()),
            starts_at: DateTime(row.starts_at),
            ends_at: DateTime(row.ends_at),
            place: row.place,
            capacity: row.capacity,
            booked: row.booked,
            waiting: row.waiting,
            remaining: if is_free {
                row.capacity - row.booked
            } else {
                0
            },
            status: row.status.into(),
            cancel_reason: row.cancel_reason,
        })
    }
}

/// A series of slots: the same hours again and again, in Shanghai. Needs `OFFER_EDIT` of the offer's partner.
#[derive(Clone, Debug, SimpleObject)]
pub struct SlotSeries {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change.
    version: i64,
    /// The offer.
    offer_id: ID,
    /// On which days, as an RFC 5545 rule without DTSTART.
    recurrence: String,
    /// The first day, from which intervals are counted.
    starts_on: Date,
    /// The last day.
    ends_on: Option<Date>,
    /// Days that it leaves out.
    except_on: Vec<Date>,
    /// When a slot begins, in minutes after midnight.
    begin_minute: i32,
    /// How long a slot is, in minutes.
    minutes: i32,
    /// Where it is; at home where absent.
    place: Option<String>,
    /// How many places a slot has.
    capacity: i32,
    /// The day until which its slots are made.
    made_until_on: Option<Date>,
    /// When it was ended.
    ended_at: Option<DateTime>,
}

impl SlotSeries {
    /// Shows a series.
    #[must_use]
    pub fn new((row, pattern): (slot_series::Model, Pattern)) -> Self {
        Self {
            id: Id::<ids::SlotSeries>::new(row.id).to_string().into(),
            version: row.version,
            offer_id: Id::<ids::ServiceOffer>::new(row.offer_id)
                .to_string()
                .into(),
            recurrence: pattern.recurrence,
            starts_on: Date(pattern.starts_on),
            ends_on: pattern.ends_on.map(Date),
            except_on: pattern.except.into_iter().map(Date).collect(),
            begin_minute: pattern.begin_minute,
            minutes: pattern.minutes,
            place: pattern.place,
            capacity: pattern.capacity,
            made_until_on: row.made_until_on.map(Date),
            ended_at: row.ended_at.map(DateTime),
        }
    }
}

/// What a change of a series would do to its slots to come; nothing has been changed.
#[derive(Clone, Debug, SimpleObject)]
pub struct SlotSeriesPreview {
    /// The days on which a slot would be made.
    pub made_on: Vec<Date>,
    /// The slots that would be moved or resized, as they are now.
    pub changed: Vec<ServiceSlot>,
    /// The slots that would be called off.
    pub removed: Vec<ServiceSlot>,
    /// The slots that would stay as they are, since somebody has booked them or waits for them.
    pub spared: Vec<ServiceSlot>,
}
