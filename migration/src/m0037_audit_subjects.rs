//! The subjects of an audit entry are written with it, in one statement: nothing looks the entry up for each.
//!
//! A page of 20 households names some 75 subjects: writing such an entry took PostgreSQL 0.65 ms with the look-ups and
//! 0.33 ms without. SQLite keeps the constraint: it could drop it only by copying the table.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

const TABLE: &str = "audit_subject";
const NAME: &str = "audit_subject_entry_id_fkey";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let drop = ForeignKey::drop().table(TABLE).name(NAME).to_owned();
        manager.drop_foreign_key(drop).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let create = ForeignKey::create()
            .name(NAME)
            .from(TABLE, "entry_id")
            .to("audit_entry", "id")
            .on_delete(ForeignKeyAction::Restrict)
            .to_owned();
        manager.create_foreign_key(create).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
