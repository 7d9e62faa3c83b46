//! Kind requirement: what an area asks of who makes visits of a kind.

use sea_orm::entity::prelude::*;

use crate::enums::VisitKind;

/// What is asked for one kind in one area and below it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "kind_requirement")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Area it holds for, and below.
    pub area_id: Uuid,
    /// Kind of visit.
    pub kind: VisitKind,
    /// How old one must be, in whole years.
    pub min_age: Option<i32>,
    /// Name of a training that one must have.
    pub training: Option<String>,
    /// When it was set (server's clock).
    pub created_at: DateTimeUtc,
    /// Area it holds for, and below.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
