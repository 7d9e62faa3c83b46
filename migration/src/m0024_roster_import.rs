//! The roster of beneficiaries as a file: staged rows, and what a person decided about doubtful matches.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer_null, boolean, date_null, integer, string_len, string_len_null, text_null, uuid,
    uuid_null,
};
use sea_orm_migration::sea_orm::DbBackend;

use crate::table::{
    add_columns, at, default, drop_columns, drop_tables, enumeration, index, key, table,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        staged_beneficiaries(manager).await?;
        add_columns(manager, "beneficiary", vec![decided()]).await?;
        // Who may be the same person is found by birth date and name; by name alone an import would look through
        // namesakes instead of the household.
        manager
            .create_index(index("resident", &["born_on", "name"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(Index::drop().name("resident_born_on_name_idx").to_owned())
            .await?;
        drop_columns(manager, "beneficiary", &[decided()]).await?;
        drop_tables(manager, &["import_beneficiary"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn decided() -> ColumnDef {
    default(boolean("match_decided"), false)
}

/// Staged rows; no references, since rows come before what they name.
async fn staged_beneficiaries(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table(
                "import_beneficiary",
                vec![
                    uuid("import_id"),
                    integer("ordinal"),
                    uuid("beneficiary_id"),
                    big_integer_null("expected_version"),
                    uuid_null("resident_id"),
                    boolean("is_newly_matched"),
                    uuid("area_id"),
                    uuid("grid_id"),
                    string_len("name", 40),
                    enumeration("gender"),
                    date_null("born_on"),
                    text_null("id_number_sealed"),
                    string_len_null("id_number_hash", 64),
                    text_null("phone_sealed"),
                    string_len_null("phone_hash", 64),
                    enumeration("category"),
                    string_len_null("certificate_number", 40),
                    string_len_null("registered_elsewhere", 120),
                    uuid_null("home_area_id"),
                    string_len_null("institution", 60),
                    boolean("is_immobile"),
                    string_len_null("preferred_channel", 32),
                    at("created_at"),
                ],
                &[],
            )
            .primary_key(&mut key(&["import_id", "ordinal"]))
            .take(),
        )
        .await?;
    // Kept out of the log: they are worth nothing after a crash.
    if manager.get_database_backend() == DbBackend::Postgres {
        manager
            .get_connection()
            .execute_unprepared("ALTER TABLE import_beneficiary SET UNLOGGED")
            .await?;
    }
    Ok(())
}
