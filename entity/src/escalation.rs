//! Escalation 逐级上报: an elder's visit is late, or will be, and who is told climbs until somebody acts.
//!
//! A person has at most one that is not settled. It stays where it began, whoever moves later.

use sea_orm::entity::prelude::*;

use crate::enums::{AreaKind, CareTier, EscalationCause, EscalationStatus};

/// One matter that climbs.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "escalation")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The visit that is late.
    pub visit_task_id: Uuid,
    /// Who waits for it.
    pub resident_id: Uuid,
    /// The building.
    pub area_id: Uuid,
    /// The grid above it, or the area itself when that lies above a grid.
    pub grid_id: Uuid,
    /// Tier of the person when it began. Protected.
    pub tier: CareTier,
    /// What is wrong.
    pub cause: EscalationCause,
    /// Where it stands in its life.
    pub status: EscalationStatus,
    /// Up to which level it has been told.
    pub level: AreaKind,
    /// Begin of the visit's window: a contact since then settles it.
    pub starts_at: DateTimeUtc,
    /// Since when it waits.
    pub since_at: DateTimeUtc,
    /// When it climbs unless it is settled; none once it is.
    pub climbs_at: Option<DateTimeUtc>,
    /// Who took it on last.
    pub taken_by: Option<Uuid>,
    /// When.
    pub taken_at: Option<DateTimeUtc>,
    /// When the person was contacted, or was to be visited no more.
    pub settled_at: Option<DateTimeUtc>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// The visit that is late.
    #[sea_orm(belongs_to, from = "visit_task_id", to = "id")]
    pub visit_task: BelongsTo<super::visit_task::Entity>,
    /// Who waits for it.
    #[sea_orm(belongs_to, from = "resident_id", to = "id")]
    pub resident: BelongsTo<super::resident::Entity>,
    /// The building.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
