//! Household 住户: who lives behind one door of a building.
//!
//! The place columns are copies of its open [`household_place`](crate::household_place) row.

use sea_orm::entity::prelude::*;

/// A household at its current place.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Building it lives in.
    pub area_id: Uuid,
    /// Grid above `area_id`, or `area_id` itself where that lies above a grid.
    pub grid_id: Uuid,
    /// Unit 单元 in the building, up to 20 characters, empty where there is none. Address below the
    /// building is protected.
    pub unit: String,
    /// Room number, up to 20 characters. Protected: staff in scope and the holder of a live claim.
    pub room: String,
    /// A center household 党员中心户.
    pub is_center: bool,
    /// First day on which the household no longer exists.
    pub closed_on: Option<Date>,
    /// Household that its people went to when it was closed by a merger.
    pub merged_into_id: Option<Uuid>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Building it lives in.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
    /// Grid of the row, for scopes at grid level or above.
    #[sea_orm(belongs_to, relation_enum = "Grid", from = "grid_id", to = "id")]
    pub grid: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
