//! How often a check was sent back, and had been when a file was added to it: what proves it now is told by that.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::integer;

use crate::table::{add_columns, default, drop_columns};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in COLUMNS {
            add_columns(manager, table, count(column)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in COLUMNS {
            drop_columns(manager, table, &count(column)).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const COLUMNS: [(&str, &str); 2] = [
    ("certification_check", "returns"),
    ("attachment", "after_returns"),
];

fn count(column: &'static str) -> Vec<ColumnDef> {
    vec![default(integer(column), 0)]
}
