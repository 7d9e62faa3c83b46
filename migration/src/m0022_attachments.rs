//! The evidence of checks: what is known of each file; the files themselves lie in a store.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, pk_uuid, string_len, uuid, uuid_uniq};

use crate::table::{at, drop_tables, enumeration, table, unique};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(table(
                "attachment",
                vec![
                    pk_uuid("id"),
                    uuid("check_id"),
                    enumeration("kind"),
                    big_integer("bytes"),
                    string_len("sha256", 64),
                    uuid_uniq("object_name"),
                    uuid("added_by"),
                    at("created_at"),
                ],
                &[("check_id", "certification_check"), ("added_by", "account")],
            ))
            .await?;
        // Sent again, a file is the one that is there.
        manager
            .create_index(unique("attachment", &["check_id", "sha256"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["attachment"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
