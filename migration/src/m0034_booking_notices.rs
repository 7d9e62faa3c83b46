//! Notices of places that are held for bookings.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::uuid_null;

use crate::table::{add_columns, drop_columns};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "notice", columns()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "notice", &columns()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn columns() -> Vec<ColumnDef> {
    vec![uuid_null("booking_id")]
}
