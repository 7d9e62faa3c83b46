//! Every pair of an area and one above it, the area itself included.
//!
//! Scopes use it: `area_id IN (SELECT descendant_id ... WHERE ancestor_id IN (...))`.

use sea_orm::entity::prelude::*;

/// `descendant_id` lies in the subtree of `ancestor_id`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "area_closure")]
pub struct Model {
    /// The upper area.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ancestor_id: Uuid,
    /// The lower area; the same as the upper one at depth 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub descendant_id: Uuid,
    /// Steps from the lower area up to the upper one; 0 for the area itself.
    pub depth: i32,
    /// The upper area.
    #[sea_orm(
        belongs_to,
        relation_enum = "Ancestor",
        from = "ancestor_id",
        to = "id"
    )]
    pub ancestor: BelongsTo<super::area::Entity>,
    /// The lower area.
    #[sea_orm(
        belongs_to,
        relation_enum = "Descendant",
        from = "descendant_id",
        to = "id"
    )]
    pub descendant: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
