//! Care enrolment 纳入探访: from when to when an elder is a subject of visits.
//!
//! At most one per resident is open (`to_on` is none).

use sea_orm::entity::prelude::*;

use crate::circumstances::Circumstances;
use crate::enums::CareTier;

/// An interval in which a resident is enrolled.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "care_enrolment")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who is enrolled.
    pub resident_id: Uuid,
    /// Lowest area known: where the row belongs to; rewritten by a move.
    pub area_id: Uuid,
    /// Grid above `area_id`, or `area_id` itself where that lies above a grid.
    pub grid_id: Uuid,
    /// Care tier 关爱等级: sets how often. Protected.
    pub tier: CareTier,
    /// Why they are a subject, as a bit set. Protected: a volunteer sees them as care hints in a
    /// live claim, 计生特殊家庭 never.
    pub circumstances: Circumstances,
    /// First day.
    pub from_on: Date,
    /// First day on which it no longer holds; none while open.
    pub to_on: Option<Date>,
    /// Why they were enrolled, up to 200 characters. Staff and leads in scope.
    pub reason: Option<String>,
    /// Why it ended, up to 200 characters. Staff and leads in scope.
    pub end_reason: Option<String>,
    /// First day of a pause (in hospital, away); none while visits go on.
    pub paused_on: Option<Date>,
    /// Day on which a pause is looked at again and a task is made.
    pub review_on: Option<Date>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Who is enrolled.
    #[sea_orm(belongs_to, from = "resident_id", to = "id")]
    pub resident: BelongsTo<super::resident::Entity>,
    /// Lowest area known.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
    /// Grid of the row, for scopes at grid level or above.
    #[sea_orm(belongs_to, relation_enum = "Grid", from = "grid_id", to = "id")]
    pub grid: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
