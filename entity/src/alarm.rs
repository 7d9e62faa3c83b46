//! Alarm 紧急上报: no answer and worried, an illness, a fire; it climbs until a person takes it on.
//!
//! It stays where it was raised, whoever moves later.

use sea_orm::entity::prelude::*;

use crate::enums::{AlarmKind, AlarmStatus, AreaKind};

/// One alarm.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alarm")]
pub struct Model {
    /// Primary key, `UUIDv7`; a phone may have chosen it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Visit during which it was raised.
    pub visit_task_id: Uuid,
    /// Area it concerns: the building.
    pub area_id: Uuid,
    /// The grid above it, or the area itself when that lies above a grid.
    pub grid_id: Uuid,
    /// What it is about.
    pub kind: AlarmKind,
    /// Where it stands in its life.
    pub status: AlarmStatus,
    /// Up to which level it has been told.
    pub level: AreaKind,
    /// What the caller said, sealed.
    pub note_sealed: Option<String>,
    /// Who raised it.
    pub raised_by: Uuid,
    /// When it reached the server.
    pub raised_at: DateTimeUtc,
    /// When it climbs unless somebody takes it on; none once somebody has.
    pub climbs_at: Option<DateTimeUtc>,
    /// Who takes care of it.
    pub acknowledged_by: Option<Uuid>,
    /// Since when.
    pub acknowledged_at: Option<DateTimeUtc>,
    /// Who closed it.
    pub closed_by: Option<Uuid>,
    /// When it was closed.
    pub closed_at: Option<DateTimeUtc>,
    /// What was found, sealed.
    pub found_sealed: Option<String>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Visit during which it was raised.
    #[sea_orm(belongs_to, from = "visit_task_id", to = "id")]
    pub visit_task: BelongsTo<super::visit_task::Entity>,
    /// Area it concerns.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
