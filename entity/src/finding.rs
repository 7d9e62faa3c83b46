//! Finding 探访发现: what ends or suspends the need for somebody's visits, until somebody confirms it.
//!
//! It stays where it was found, whoever moves later.

use sea_orm::entity::prelude::*;

use crate::enums::{FindingStatus, VisitOutcome};

/// That somebody is in hospital or an institution, has moved away, died, or refuses visits for good.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "finding")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who it is about.
    pub resident_id: Uuid,
    /// Visit whose report says so; none where it was recorded at once.
    pub visit_task_id: Option<Uuid>,
    /// Area it concerns: the building.
    pub area_id: Uuid,
    /// The grid above it, or the area itself when that lies above a grid.
    pub grid_id: Uuid,
    /// What was found. Sensitive: leads and staff in scope.
    pub outcome: VisitOutcome,
    /// Where it stands in its life.
    pub status: FindingStatus,
    /// Who found it.
    pub proposed_by: Uuid,
    /// When it was found, by the phone's clock.
    pub found_at: DateTimeUtc,
    /// Who confirmed or rejected it; of a visit's never `proposed_by` (CHECK).
    pub decided_by: Option<Uuid>,
    /// When it was confirmed, rejected or withdrawn.
    pub decided_at: Option<DateTimeUtc>,
    /// The first day on which it holds, once confirmed.
    pub holds_on: Option<Date>,
    /// When a hospital stay is looked at again.
    pub review_on: Option<Date>,
    /// Who says so, or why it was rejected, up to 180 characters.
    pub remark: Option<String>,
    /// Enrolment that it ended or suspended.
    pub enrolment_id: Option<Uuid>,
    /// Who took it back.
    pub undone_by: Option<Uuid>,
    /// When it was taken back.
    pub undone_at: Option<DateTimeUtc>,
    /// Why it was taken back, up to 180 characters.
    pub undo_reason: Option<String>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Who it is about.
    #[sea_orm(belongs_to, from = "resident_id", to = "id")]
    pub resident: BelongsTo<super::resident::Entity>,
    /// Area it concerns.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
