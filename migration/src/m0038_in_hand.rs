//! Visits that somebody has taken on and that are not settled yet: a few of all, which staff look for, in a few grids
//! or in the whole city.

use sea_orm_migration::prelude::*;

use crate::table::{index, only};

const INDEXES: [(&str, &[&str]); 2] = [
    ("visit_task_in_hand_idx", &["due_at", "id"]),
    ("visit_task_in_hand_grid_idx", &["grid_id", "due_at", "id"]),
];

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, columns) in INDEXES {
            let states = ["CLAIMED", "STARTED", "REPORTED", "RETURNED"];
            let in_hand = Expr::col("status").is_in(states);
            let index = only(index("visit_task", columns), name, in_hand);
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in INDEXES {
            let drop = Index::drop().name(name).table("visit_task").to_owned();
            manager.drop_index(drop).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
