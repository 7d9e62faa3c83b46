//! Step of an alarm: what was done about it, and how many were told.

use sea_orm::entity::prelude::*;

use crate::enums::{AlarmAction, AreaKind};

/// One step.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alarm_step")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The alarm.
    pub alarm_id: Uuid,
    /// The alarm's version after it: steps come in this order.
    pub revision: i64,
    /// What was done.
    pub action: AlarmAction,
    /// Up to which level it was told then.
    pub level: AreaKind,
    /// Who did it; none where the server did.
    pub account_id: Option<Uuid>,
    /// How many people it was told to.
    pub told: i32,
    /// When (server's clock).
    pub at: DateTimeUtc,
    /// The alarm.
    #[sea_orm(belongs_to, from = "alarm_id", to = "id")]
    pub alarm: BelongsTo<super::alarm::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
