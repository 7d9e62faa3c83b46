//! Sessions and appointment slots of certification, and who is to come to which.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, integer_null, pk_uuid, string_len, string_len_null, uuid, uuid_null,
};

use crate::table::{
    add_columns, at, at_null, drop_columns, drop_tables, enumeration, index, table, version,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The tables that name a session, each with its index.
const NAMING: [&str; 2] = ["certification_check", "certification_attempt"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(table(
                "certification_session",
                vec![
                    pk_uuid("id"),
                    uuid("round_id"),
                    uuid("area_id"),
                    enumeration("channel"),
                    string_len("venue", 60),
                    boolean("is_institution"),
                    at("starts_at"),
                    at("ends_at"),
                    integer_null("capacity"),
                    enumeration("status"),
                    string_len_null("end_reason", 180),
                    uuid("planned_by"),
                    uuid_null("ended_by"),
                    at_null("ended_at"),
                    version(),
                    at("created_at"),
                    at("updated_at"),
                ],
                &[
                    ("round_id", "certification_round"),
                    ("area_id", "area"),
                    ("planned_by", "account"),
                    ("ended_by", "account"),
                ],
            ))
            .await?;
        for columns in [&["round_id", "starts_at", "id"][..], &["area_id", "id"]] {
            manager
                .create_index(index("certification_session", columns))
                .await?;
        }
        for table in NAMING {
            add_columns(manager, table, vec![uuid_null("session_id")]).await?;
            manager.create_index(index(table, &["session_id"])).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in NAMING {
            let name = format!("{table}_session_id_idx");
            manager
                .drop_index(Index::drop().name(name).to_owned())
                .await?;
            drop_columns(manager, table, &[uuid_null("session_id")]).await?;
        }
        drop_tables(manager, &["certification_session"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
