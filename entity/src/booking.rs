//! Booking 预约: a household's place in a slot, or on its waitlist.

use sea_orm::entity::prelude::*;

use crate::enums::{AskedHow, BookingStatus, CancelledBy};

/// A booking. Of one wish one booking lives at most, and of a household one for an offer that says so: unique
/// indexes over the live ones.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "booking")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Slot.
    pub slot_id: Uuid,
    /// Offer of the slot.
    pub offer_id: Uuid,
    /// Partner of the offer.
    pub partner_id: Uuid,
    /// Wish that it fulfils.
    pub wish_id: Uuid,
    /// Household of the wish.
    pub household_id: Uuid,
    /// Who of it asked for the slot, where that is known.
    pub resident_id: Option<Uuid>,
    /// Building of the household.
    pub area_id: Uuid,
    /// Grid above it.
    pub grid_id: Uuid,
    /// Where it stands in its life.
    pub status: BookingStatus,
    /// Its place in the order, drawn from the slot; with `slot_id` unique.
    pub ticket: i32,
    /// Whether its household may have no other live booking of the offer.
    pub is_single: bool,
    /// When the slot begins.
    pub starts_at: DateTimeUtc,
    /// When the slot ends.
    pub ends_at: DateTimeUtc,
    /// How the household asked for it.
    pub how: AskedHow,
    /// Who entered it.
    pub booked_by: Uuid,
    /// Until when an offered place is held.
    pub confirm_until: Option<DateTimeUtc>,
    /// Who confirmed or accepted it; absent where a place was free and nobody was asked.
    pub confirmed_by: Option<Uuid>,
    /// When it was confirmed.
    pub confirmed_at: Option<DateTimeUtc>,
    /// On whose side it ended.
    pub cancelled_by: Option<CancelledBy>,
    /// Why it ended, up to 180 characters.
    pub end_reason: Option<String>,
    /// Who ended it; absent where the server did.
    pub ended_by: Option<Uuid>,
    /// When it ended.
    pub ended_at: Option<DateTimeUtc>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Slot.
    #[sea_orm(belongs_to, from = "slot_id", to = "id")]
    pub slot: BelongsTo<super::service_slot::Entity>,
    /// Wish that it fulfils.
    #[sea_orm(belongs_to, from = "wish_id", to = "id")]
    pub wish: BelongsTo<super::wish::Entity>,
    /// Building of the household.
    #[sea_orm(belongs_to, relation_enum = "Area", from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
    /// Grid above it.
    #[sea_orm(belongs_to, relation_enum = "Grid", from = "grid_id", to = "id")]
    pub grid: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
