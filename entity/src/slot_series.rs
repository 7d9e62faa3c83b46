//! Series of slots: the same hours again and again.

use sea_orm::entity::prelude::*;

/// A series. Its slots are made ahead of time; days it leaves out stand in [`super::slot_exception`].
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "slot_series")]
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
    /// On which days (RFC 5545), up to 200 characters.
    pub recurrence: String,
    /// First day.
    pub starts_on: Date,
    /// Last day.
    pub ends_on: Option<Date>,
    /// When a slot begins, in minutes after midnight in the area's time zone.
    pub begin_minute: i32,
    /// How long a slot is, in minutes.
    pub minutes: i32,
    /// Where it is, up to 60 characters; at home where absent.
    pub place: Option<String>,
    /// Places of a new slot.
    pub capacity: i32,
    /// Day until which its slots have been made, that day included.
    pub made_until_on: Option<Date>,
    /// When it was ended.
    pub ended_at: Option<DateTimeUtc>,
    /// Who planned it.
    pub created_by: Uuid,
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
