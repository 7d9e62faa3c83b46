//! Volunteers who are asked to come along.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{pk_uuid, string_len, string_len_null, text_null, uuid, uuid_null};

use crate::table::{
    add_columns, at, drop_columns, drop_tables, enumeration, index, only, table, version,
};

const ACCOMPANIED: &str = "certification_check_accompanied_idx";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(table(
                "accompaniment",
                vec![
                    pk_uuid("id"),
                    uuid("account_id"),
                    uuid("area_id"),
                    enumeration("status"),
                    at("at"),
                    at("closes_at"),
                    string_len("name", 40),
                    text_null("address_sealed"),
                    uuid("meet_id"),
                    string_len_null("decline_reason", 180),
                    uuid("asked_by"),
                    version(),
                    at("created_at"),
                    at("updated_at"),
                ],
                &[
                    ("account_id", "account"),
                    ("area_id", "area"),
                    ("meet_id", "account"),
                    ("asked_by", "account"),
                ],
            ))
            .await?;
        manager
            .create_index(index("accompaniment", &["account_id", "id"]))
            .await?;
        add_columns(manager, "certification_check", columns()).await?;
        // Few checks of a round have one; its end asks for them.
        manager
            .create_index(only(
                index("certification_check", &["round_id", "accompaniment_id"]),
                ACCOMPANIED,
                Expr::col("accompaniment_id").is_not_null(),
            ))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(Index::drop().name(ACCOMPANIED).to_owned())
            .await?;
        drop_columns(manager, "certification_check", &columns()).await?;
        drop_tables(manager, &["accompaniment"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn columns() -> Vec<ColumnDef> {
    vec![uuid_null("accompaniment_id")]
}
