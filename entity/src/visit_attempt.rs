//! Attempt 未果记录: someone went and met nobody; the task stays unfinished.

use sea_orm::entity::prelude::*;

use crate::enums::AttemptReason;

/// One fruitless try of a visit task.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_attempt")]
pub struct Model {
    /// Primary key, `UUIDv7`; may come from the phone.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Task it was made for.
    pub visit_task_id: Uuid,
    /// Who tried.
    pub account_id: Uuid,
    /// Why it came to nothing.
    pub reason: AttemptReason,
    /// When, by the phone's clock.
    pub occurred_at: DateTimeUtc,
    /// When the server learned of it.
    pub recorded_at: DateTimeUtc,
    /// When the claimant will try again; none if the task was opened again.
    pub retry_at: Option<DateTimeUtc>,
    /// Free notes, sealed. Reporter, leads and staff in scope.
    pub notes_sealed: Option<String>,
    /// Task it was made for.
    #[sea_orm(belongs_to, from = "visit_task_id", to = "id")]
    pub visit_task: BelongsTo<super::visit_task::Entity>,
    /// Who tried.
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
