//! Event rounds.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, pk_uuid, string_len, uuid};

use crate::table::{at, drop_tables, enumeration, index, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(table(
                "visit_round",
                vec![
                    pk_uuid("id"),
                    uuid("area_id"),
                    string_len("name", 60),
                    enumeration("cause"),
                    enumeration("kind"),
                    at("starts_at"),
                    at("due_at"),
                    integer("visits"),
                    uuid("started_by"),
                    at("created_at"),
                ],
                &[("area_id", "area"), ("started_by", "account")],
            ))
            .await?;
        manager
            .create_index(index("visit_round", &["area_id", "id"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["visit_round"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
