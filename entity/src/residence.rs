//! Who lived in which household, as intervals; the open one is copied to the resident.

use sea_orm::entity::prelude::*;

/// One stay of a resident in a household.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "residence")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who lives there.
    pub resident_id: Uuid,
    /// Where they live.
    pub household_id: Uuid,
    /// First day.
    pub from_on: Date,
    /// First day on which it no longer holds; none while it does.
    pub to_on: Option<Date>,
    /// Who lives there.
    #[sea_orm(belongs_to, from = "resident_id", to = "id")]
    pub resident: BelongsTo<super::resident::Entity>,
    /// Where they live.
    #[sea_orm(belongs_to, from = "household_id", to = "id")]
    pub household: BelongsTo<super::household::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
