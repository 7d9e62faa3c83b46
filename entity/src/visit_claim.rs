//! Claim 认领: who took a visit task on, and when; kept when the claim has ended.

use sea_orm::entity::prelude::*;

/// One taking on of a task by one person.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_claim")]
pub struct Model {
    /// Task that was claimed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub visit_task_id: Uuid,
    /// Who held it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// Since when.
    #[sea_orm(primary_key, auto_increment = false)]
    pub claimed_at: DateTimeUtc,
    /// Task that was claimed.
    #[sea_orm(belongs_to, from = "visit_task_id", to = "id")]
    pub visit_task: BelongsTo<super::visit_task::Entity>,
    /// Who held it.
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
