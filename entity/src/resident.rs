//! Resident 居民: a person who lives in the community; holds no account.
//!
//! Household and place are copies of the open [`residence`](crate::residence) row.

use sea_orm::entity::prelude::*;

use crate::enums::Gender;

/// A resident. Most columns are protected.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resident")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Household they live in now.
    pub household_id: Uuid,
    /// Lowest area known: where the row belongs to; rewritten by a move.
    pub area_id: Uuid,
    /// Grid above `area_id`, or `area_id` itself where that lies above a grid.
    pub grid_id: Uuid,
    /// Name, up to 40 characters. Protected: masked (李**) for who may not see it in full.
    pub name: String,
    /// As in the household register.
    pub gender: Gender,
    /// Birth date. Protected: others see an age band only.
    pub born_on: Option<Date>,
    /// Citizen ID number (GB 11643), sealed. Staff with permission only.
    pub id_number_sealed: Option<String>,
    /// Keyed hash of the ID number; unique where known.
    pub id_number_hash: Option<String>,
    /// Phone number, sealed. Protected: staff in scope and the holder of a live claim.
    pub phone_sealed: Option<String>,
    /// Keyed hash of the phone number; several residents may share one.
    pub phone_hash: Option<String>,
    /// Health notes, sealed. Sensitive: staff with permission only.
    pub health_notes_sealed: Option<String>,
    /// Relation to the head of household, as in the register, up to 20 characters.
    pub relation: Option<String>,
    /// Date of death once confirmed.
    pub deceased_on: Option<Date>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Household they live in now.
    #[sea_orm(belongs_to, from = "household_id", to = "id")]
    pub household: BelongsTo<super::household::Entity>,
    /// Lowest area known.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
    /// Grid of the row, for scopes at grid level or above.
    #[sea_orm(belongs_to, relation_enum = "Grid", from = "grid_id", to = "id")]
    pub grid: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
