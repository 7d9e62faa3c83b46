//! What an area asks of who makes visits of a kind.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer_null, pk_uuid, string_len_null, uuid};

use crate::table::{at, drop_tables, enumeration, table, unique};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(table(
                "kind_requirement",
                vec![
                    pk_uuid("id"),
                    uuid("area_id"),
                    enumeration("kind"),
                    integer_null("min_age"),
                    string_len_null("training", 60),
                    at("created_at"),
                ],
                &[("area_id", "area")],
            ))
            .await?;
        manager
            .create_index(unique("kind_requirement", &["area_id", "kind"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["kind_requirement"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
