//! Hand-over 移交: a check that the station of another area is asked to make.

use sea_orm::entity::prelude::*;

use crate::enums::HandOverStatus;

/// One offer, and what became of it. Of a check at most one is offered or accepted.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "certification_hand_over")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Check that is handed over.
    pub check_id: Uuid,
    /// Area that answers for it.
    pub from_area_id: Uuid,
    /// Area whose station is asked: a community or above.
    pub to_area_id: Uuid,
    /// Where it stands in its life.
    pub status: HandOverStatus,
    /// Why it is offered, up to 180 characters.
    pub reason: String,
    /// Who offered it.
    pub offered_by: Uuid,
    /// First instant at which it can no longer be accepted.
    pub expires_at: DateTimeUtc,
    /// Who accepted it; never `offered_by` (CHECK).
    pub accepted_by: Option<Uuid>,
    /// When.
    pub accepted_at: Option<DateTimeUtc>,
    /// Who declined or withdrew it; none where it expired.
    pub ended_by: Option<Uuid>,
    /// When it was declined or withdrawn, or had expired.
    pub ended_at: Option<DateTimeUtc>,
    /// Why it was declined or withdrawn, up to 180 characters.
    pub end_reason: Option<String>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Check that is handed over.
    #[sea_orm(belongs_to, from = "check_id", to = "id")]
    pub check: BelongsTo<super::certification_check::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
