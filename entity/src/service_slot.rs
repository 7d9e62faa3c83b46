//! Slot 可约时段: when an offer can be booked, and how often.

use sea_orm::entity::prelude::*;

use crate::enums::SlotStatus;

/// A slot. It moves in time only with its series, and only while nobody has booked it or waits; otherwise it is
/// cancelled and another is made. `booked` counts the bookings that hold a place, `waiting` those on the
/// waitlist; a CHECK keeps `booked` from exceeding `capacity`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service_slot")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Offer.
    pub offer_id: Uuid,
    /// Partner whose offer it is.
    pub partner_id: Uuid,
    /// Area of the offer.
    pub area_id: Uuid,
    /// Series it was made by.
    pub series_id: Option<Uuid>,
    /// Day of the series it stands for; with `series_id` unique. Absent once its series has taken the day back.
    pub series_on: Option<Date>,
    /// When it begins.
    pub starts_at: DateTimeUtc,
    /// When it ends.
    pub ends_at: DateTimeUtc,
    /// Where it is, up to 60 characters; at home where absent.
    pub place: Option<String>,
    /// How many bookings hold a place at most.
    pub capacity: i32,
    /// How many hold a place.
    pub booked: i32,
    /// How many are on the waitlist.
    pub waiting: i32,
    /// Ticket of the latest booking; 0 before the first.
    pub last_ticket: i32,
    /// Whether it takes place.
    pub status: SlotStatus,
    /// Why it was called off, up to 180 characters.
    pub cancel_reason: Option<String>,
    /// Who planned it; absent where its series did.
    pub created_by: Option<Uuid>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Offer.
    #[sea_orm(belongs_to, from = "offer_id", to = "id")]
    pub offer: BelongsTo<super::service_offer::Entity>,
    /// Area of the offer.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
