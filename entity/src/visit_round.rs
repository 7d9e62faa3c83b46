//! Event round 临时走访: visits to everybody of some tiers in an area, beyond the care rules.

use sea_orm::entity::prelude::*;

use crate::enums::{RoundCause, VisitKind};

/// One round.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_round")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Area it was started for, and below.
    pub area_id: Uuid,
    /// What it is called, up to 60 characters.
    pub name: String,
    /// Why.
    pub cause: RoundCause,
    /// Kind of its visits.
    pub kind: VisitKind,
    /// When their window begins.
    pub starts_at: DateTimeUtc,
    /// When their window ends.
    pub due_at: DateTimeUtc,
    /// How many visits it made.
    pub visits: i32,
    /// Who started it.
    pub started_by: Uuid,
    /// When (server's clock).
    pub created_at: DateTimeUtc,
    /// Area it was started for.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
