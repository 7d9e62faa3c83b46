//! Verification rule: which reports of a kind a person must verify in an area and below it.
//!
//! The rule of the nearest area above a visit holds, one for its tier before one for any tier.

use sea_orm::entity::prelude::*;

use crate::enums::{CareTier, VerificationMode, VisitKind};

/// The rule of a kind of visit in an area.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "verification_rule")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Area it holds for, and below.
    pub area_id: Uuid,
    /// Kind of visit.
    pub kind: VisitKind,
    /// Tier of the person visited; none for every tier without its own.
    pub tier: Option<CareTier>,
    /// Which reports a person must verify.
    pub mode: VerificationMode,
    /// Of a hundred reports, how many a person must verify (`Sample`).
    pub percent: Option<i32>,
    /// Hours after which the server verifies (`Auto`).
    pub hours: Option<i32>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Area it holds for, and below.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
