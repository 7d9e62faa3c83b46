//! Wish 微心愿: something small that a household asks for.

use sea_orm::entity::prelude::*;

use crate::enums::{AskedHow, ServiceCategory, WishProof, WishStatus, WishUrgency};

/// A wish. Each booking is for one; a wish without a booking is a call to whoever takes it on whole.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "wish")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Household that asks.
    pub household_id: Uuid,
    /// Who of it asks, where it is one person's.
    pub resident_id: Option<Uuid>,
    /// Building of the household.
    pub area_id: Uuid,
    /// Grid above it.
    pub grid_id: Uuid,
    /// What kind of service it asks for.
    pub category: ServiceCategory,
    /// What is wished for, up to 300 characters, with nothing in it that tells who asks.
    pub words: String,
    /// Protected: what else whoever goes there must know.
    pub notes_sealed: Option<String>,
    /// How urgent it is.
    pub urgency: WishUrgency,
    /// Where it stands in its life.
    pub status: WishStatus,
    /// How the household said it.
    pub how: AskedHow,
    /// Who wrote it down.
    pub recorded_by: Uuid,
    /// Visit during which it was said.
    pub visit_task_id: Option<Uuid>,
    /// Last day on which it makes sense.
    pub expires_on: Option<Date>,
    /// Offer it is matched to or booked by.
    pub offer_id: Option<Uuid>,
    /// Partner that carries it out.
    pub partner_id: Option<Uuid>,
    /// How many helpers it can use.
    pub hands: i32,
    /// When it is to be carried out.
    pub starts_at: Option<DateTimeUtc>,
    /// Until when.
    pub ends_at: Option<DateTimeUtc>,
    /// Keyed hash of the household's one-time code, 64 hexadecimal digits; absent once it is used up.
    pub code_hash: Option<String>,
    /// Who was shown the code, to hand it to the household.
    pub code_by: Option<Uuid>,
    /// Until when the code counts.
    pub code_expires_at: Option<DateTimeUtc>,
    /// How many wrong codes were tried.
    pub code_tries: i32,
    /// When it was begun.
    pub begun_at: Option<DateTimeUtc>,
    /// Who reported it done.
    pub fulfilled_by: Option<Uuid>,
    /// When it was done, by their clock.
    pub fulfilled_at: Option<DateTimeUtc>,
    /// What proves it.
    pub proof: Option<WishProof>,
    /// When silence agrees, unless the household has said something.
    pub agrees_at: Option<DateTimeUtc>,
    /// Whether silence closed it.
    pub is_silent: bool,
    /// What the household gave, 1 to 5.
    pub rating: Option<i32>,
    /// When it was closed.
    pub closed_at: Option<DateTimeUtc>,
    /// Why it was withdrawn, up to 180 characters.
    pub end_reason: Option<String>,
    /// Who withdrew it.
    pub ended_by: Option<Uuid>,
    /// How often the household complained.
    pub complaints: i32,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Household that asks.
    #[sea_orm(belongs_to, from = "household_id", to = "id")]
    pub household: BelongsTo<super::household::Entity>,
    /// Building of the household.
    #[sea_orm(belongs_to, relation_enum = "Area", from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
    /// Grid above it.
    #[sea_orm(belongs_to, relation_enum = "Grid", from = "grid_id", to = "id")]
    pub grid: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
