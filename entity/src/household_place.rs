//! Where a household was, as intervals; the open one is copied to the household.

use sea_orm::entity::prelude::*;

/// One stay of a household in a building.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household_place")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose stay.
    pub household_id: Uuid,
    /// Building of the stay.
    pub area_id: Uuid,
    /// First day.
    pub from_on: Date,
    /// First day on which it no longer holds; none while it does.
    pub to_on: Option<Date>,
    /// Whose stay.
    #[sea_orm(belongs_to, from = "household_id", to = "id")]
    pub household: BelongsTo<super::household::Entity>,
    /// Building of the stay.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
