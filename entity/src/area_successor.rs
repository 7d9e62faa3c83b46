//! Which areas took over from one that was retired.

use sea_orm::entity::prelude::*;

/// `successor_id` took over from `area_id`, or from a part of it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "area_successor")]
pub struct Model {
    /// The area that was retired.
    #[sea_orm(primary_key, auto_increment = false)]
    pub area_id: Uuid,
    /// The area that took over.
    #[sea_orm(primary_key, auto_increment = false)]
    pub successor_id: Uuid,
    /// The area that was retired.
    #[sea_orm(belongs_to, relation_enum = "Area", from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
    /// The area that took over.
    #[sea_orm(
        belongs_to,
        relation_enum = "Successor",
        from = "successor_id",
        to = "id"
    )]
    pub successor: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
