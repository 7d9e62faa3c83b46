//! Hands: who carries a wish out, and who helps.

use sea_orm::entity::prelude::*;

use crate::enums::{HandPart, HandStatus};

/// Somebody who lends a hand. A wish has one doer at most and nobody twice: unique indexes over those whose part
/// goes on. Verified minutes stay when a complaint opens the wish again.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "wish_hand")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Wish.
    pub wish_id: Uuid,
    /// Who lends a hand.
    pub account_id: Uuid,
    /// Partner they act for, if they do.
    pub partner_id: Option<Uuid>,
    /// Building of the household.
    pub area_id: Uuid,
    /// Grid above it.
    pub grid_id: Uuid,
    /// What they do.
    pub part: HandPart,
    /// Where it stands.
    pub status: HandStatus,
    /// When they are expected.
    pub starts_at: Option<DateTimeUtc>,
    /// Until when; once they have served, when it was done.
    pub ends_at: Option<DateTimeUtc>,
    /// How long they served, in minutes.
    pub minutes: Option<i32>,
    /// Why they left, up to 180 characters.
    pub leave_reason: Option<String>,
    /// Who verified the minutes; never they themselves (a CHECK).
    pub verified_by: Option<Uuid>,
    /// When the minutes were verified.
    pub verified_at: Option<DateTimeUtc>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Wish.
    #[sea_orm(belongs_to, from = "wish_id", to = "id")]
    pub wish: BelongsTo<super::wish::Entity>,
    /// Who lends a hand.
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::account::Entity>,
    /// Building of the household.
    #[sea_orm(belongs_to, relation_enum = "Area", from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
    /// Grid above it.
    #[sea_orm(belongs_to, relation_enum = "Grid", from = "grid_id", to = "id")]
    pub grid: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
