//! Offer 服务项目: what a partner does for households.

use sea_orm::entity::prelude::*;

use crate::circumstances::Circumstances;
use crate::enums::{CareTiers, OfferStatus, ServiceCategory};

/// An offer. Where it can be booked stands in [`super::offer_area`], when in [`super::service_slot`].
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service_offer")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Partner whose it is.
    pub partner_id: Uuid,
    /// Area of its partner.
    pub area_id: Uuid,
    /// What it is, up to 60 characters; with `partner_id` unique.
    pub title: String,
    /// Kind of service.
    pub category: ServiceCategory,
    /// What is included and what a household must know, up to 500 characters.
    pub conditions: Option<String>,
    /// Whom to ask about it, up to 40 characters.
    pub contact_name: Option<String>,
    /// Protected: their phone number.
    pub contact_phone_sealed: Option<String>,
    /// Community price of one booking in fen; 0 is free.
    pub price_fen: i32,
    /// Somebody in the household must have reached this age, in years.
    pub min_age: Option<i32>,
    /// Somebody in the household must have one of these; none asks for nothing.
    pub circumstances: Circumstances,
    /// Somebody in the household must be in one of these tiers; none asks for nothing.
    pub tiers: CareTiers,
    /// How long one booking takes, in minutes.
    pub minutes: i32,
    /// How many volunteers one booking can use as helpers.
    pub hands: i32,
    /// Whether the partner confirms each booking.
    pub needs_confirmation: bool,
    /// Whether a household has one live booking of it at most.
    pub is_single: bool,
    /// Until how long before the slot a household may cancel, in minutes.
    pub cutoff_minutes: i32,
    /// How long a place that became free is held for who waits, in minutes.
    pub confirm_minutes: i32,
    /// First day on which slots may lie.
    pub valid_from_on: Date,
    /// Last day on which slots may lie.
    pub valid_until_on: Option<Date>,
    /// Where it stands in its life.
    pub status: OfferStatus,
    /// Who published it.
    pub published_by: Option<Uuid>,
    /// When it was published.
    pub published_at: Option<DateTimeUtc>,
    /// Who wrote it down.
    pub created_by: Uuid,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Partner whose it is.
    #[sea_orm(belongs_to, from = "partner_id", to = "id")]
    pub partner: BelongsTo<super::partner::Entity>,
    /// Area of its partner.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
