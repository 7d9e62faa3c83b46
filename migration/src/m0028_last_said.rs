//! What was last said of a check, so that the same words once more change nothing.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::string_len_null;

use crate::table::{add_columns, drop_columns};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "certification_check", columns()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "certification_check", &columns()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn columns() -> Vec<ColumnDef> {
    vec![string_len_null("last_said", 64)]
}
