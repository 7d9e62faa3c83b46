//! Days that a series of slots leaves out.

use sea_orm::entity::prelude::*;

/// A day without a slot.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "slot_exception")]
pub struct Model {
    /// Series.
    #[sea_orm(primary_key, auto_increment = false)]
    pub series_id: Uuid,
    /// Day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub on: Date,
    /// Series.
    #[sea_orm(belongs_to, from = "series_id", to = "id")]
    pub series: BelongsTo<super::slot_series::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
