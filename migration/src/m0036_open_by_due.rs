//! Open visits of wide areas are read by their windows, not past everything that is done.

use sea_orm_migration::prelude::*;

use crate::table::{index, only};

const NAME: &str = "visit_task_open_due_idx";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let by_due = index("visit_task", &["due_at", "id"]);
        let open = Expr::col("status").eq("OPEN");
        manager.create_index(only(by_due, NAME, open)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(Index::drop().name(NAME).table("visit_task").to_owned())
            .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
