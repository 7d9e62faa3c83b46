//! Which visits a confirmed finding called off, so that they can be restored.

use sea_orm::entity::prelude::*;

/// One visit that was called off.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "finding_visit_task")]
pub struct Model {
    /// Finding that was confirmed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub finding_id: Uuid,
    /// Visit that it called off.
    #[sea_orm(primary_key, auto_increment = false)]
    pub visit_task_id: Uuid,
    /// Finding that was confirmed.
    #[sea_orm(belongs_to, from = "finding_id", to = "id")]
    pub finding: BelongsTo<super::finding::Entity>,
    /// Visit that it called off.
    #[sea_orm(belongs_to, from = "visit_task_id", to = "id")]
    pub visit_task: BelongsTo<super::visit_task::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
