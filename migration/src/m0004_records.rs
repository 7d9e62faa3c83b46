//! Records: idempotency keys, audit, change log, staging of imports.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, boolean, date_null, double_null, integer, pk_uuid,
    string_len, string_len_null, text, text_null, uuid, uuid_null,
};
use sea_orm_migration::sea_orm::DbBackend;

use crate::table::{at, at_null, default, drop_tables, enumeration, index, key, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        keys_and_audit(manager).await?;
        change_log(manager).await?;
        staged_residents(manager).await?;
        staged_areas_and_accounts(manager).await?;
        skip_logging(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &[
                "import_account",
                "import_resident",
                "import_area",
                "epoch",
                "change",
                "audit_subject",
                "audit_detail",
                "audit_entry",
                "idempotency_key",
            ],
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// What was asked and what was done; outlives the rows it names, hence few references.
async fn keys_and_audit(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table(
                "idempotency_key",
                vec![
                    uuid("account_id"),
                    uuid("key"),
                    string_len("mutation", 60),
                    string_len("input_hash", 64),
                    text_null("outcome"),
                    at("created_at"),
                ],
                &[],
            )
            .primary_key(&mut key(&["account_id", "key"]))
            .take(),
        )
        .await?;
    manager
        .create_index(index("idempotency_key", &["created_at"]))
        .await?;
    manager
        .create_table(table(
            "audit_entry",
            vec![
                pk_uuid("id"),
                at("at"),
                uuid_null("actor_id"),
                string_len("action", 60),
                string_len("subject_kind", 30),
                uuid_null("subject_id"),
                uuid_null("area_id"),
                string_len_null("request_id", 64),
                string_len_null("reason", 200),
                string_len_null("fields", 400),
                string_len_null("details_hash", 64),
            ],
            &[],
        ))
        .await?;
    manager
        .create_index(index("audit_entry", &["subject_kind", "subject_id"]))
        .await?;
    manager
        .create_index(index("audit_entry", &["actor_id", "at"]))
        .await?;
    manager.create_index(index("audit_entry", &["at"])).await?;
    manager
        .create_table(table(
            "audit_detail",
            vec![
                pk_uuid("entry_id"),
                string_len("salt", 64),
                text("details_sealed"),
            ],
            &[("entry_id", "audit_entry")],
        ))
        .await?;
    manager
        .create_table(
            table(
                "audit_subject",
                vec![
                    uuid("entry_id"),
                    string_len("subject_kind", 30),
                    uuid("subject_id"),
                ],
                &[("entry_id", "audit_entry")],
            )
            .primary_key(&mut key(&["entry_id", "subject_kind", "subject_id"]))
            .take(),
        )
        .await?;
    manager
        .create_index(index("audit_subject", &["subject_kind", "subject_id"]))
        .await
}

/// The change log, and the numbers by which servers tell each other what to read again.
async fn change_log(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut change = table(
        "change",
        vec![
            big_pk_auto("seq"),
            string_len("kind", 30),
            uuid("object_id"),
            uuid_null("area_before"),
            uuid_null("area_after"),
            enumeration("op"),
            at("at"),
        ],
        &[],
    );
    let postgres = manager.get_database_backend() == DbBackend::Postgres;
    if postgres {
        // `seq` is drawn before the commit, so a reader can meet a gap that fills later. Ordered
        // by transaction, it can stop below the oldest one still running.
        change.col(
            ColumnDef::new("xid")
                .custom("xid8")
                .not_null()
                .default(Expr::cust("pg_current_xact_id()")),
        );
    }
    manager.create_table(change).await?;
    if postgres {
        manager
            .create_index(index("change", &["xid", "seq"]))
            .await?;
    }
    manager
        .create_index(index("change", &["kind", "object_id"]))
        .await?;
    manager
        .create_table(
            table(
                "epoch",
                vec![string_len("name", 16), big_integer("value")],
                &[],
            )
            .primary_key(&mut key(&["name"]))
            .take(),
        )
        .await?;
    let mut insert = Query::insert();
    insert.into_table("epoch").columns(["name", "value"]);
    for name in ["access", "areas", "log"] {
        insert.values_panic([name.into(), 1.into()]);
    }
    manager.execute(insert).await
}

/// Staged rows of a roster; no references, since rows come before what they name.
async fn staged_residents(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table(
                "import_resident",
                vec![
                    uuid("import_id"),
                    integer("ordinal"),
                    uuid("resident_id"),
                    boolean("resident_is_new"),
                    boolean("resident_changed"),
                    big_integer_null("resident_version"),
                    uuid("household_id"),
                    boolean("household_is_new"),
                    boolean("household_changed"),
                    big_integer_null("household_version"),
                    uuid_null("place_id"),
                    uuid("area_id"),
                    uuid("grid_id"),
                    string_len("unit", 20),
                    string_len("room", 20),
                    boolean("is_center"),
                    string_len("name", 40),
                    enumeration("gender"),
                    date_null("born_on"),
                    text_null("id_number_sealed"),
                    string_len_null("id_number_hash", 64),
                    text_null("phone_sealed"),
                    string_len_null("phone_hash", 64),
                    text_null("health_notes_sealed"),
                    string_len_null("relation", 20),
                    boolean("move_household"),
                    uuid_null("residence_id"),
                    string_len("enrolment_action", 16),
                    uuid_null("enrolment_id"),
                    uuid_null("open_enrolment_id"),
                    big_integer_null("enrolment_version"),
                    string_len_null("tier", 32),
                    default(integer("circumstances"), 0),
                    uuid_null("contact_id"),
                    big_integer_null("contact_version"),
                    string_len("contact_action", 16),
                    string_len_null("contact_name", 40),
                    text_null("contact_phone_sealed"),
                    string_len_null("contact_phone_hash", 64),
                    at("created_at"),
                ],
                &[],
            )
            .primary_key(&mut key(&["import_id", "ordinal"]))
            .take(),
        )
        .await
}

/// Staged rows of areas and accounts; no references either.
async fn staged_areas_and_accounts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table(
                "import_area",
                vec![
                    uuid("import_id"),
                    integer("ordinal"),
                    uuid("area_id"),
                    boolean("is_new"),
                    big_integer_null("expected_version"),
                    uuid_null("parent_id"),
                    enumeration("kind"),
                    string_len("code", 64),
                    string_len("name", 80),
                    double_null("latitude"),
                    double_null("longitude"),
                    at("created_at"),
                ],
                &[],
            )
            .primary_key(&mut key(&["import_id", "ordinal"]))
            .take(),
        )
        .await?;
    manager
        .create_table(
            table(
                "import_account",
                vec![
                    uuid("import_id"),
                    integer("ordinal"),
                    uuid("account_id"),
                    boolean("account_is_new"),
                    string_len("name", 40),
                    text("phone_sealed"),
                    string_len("phone_hash", 64),
                    string_len_null("code_hash", 128),
                    at_null("code_expires_at"),
                    uuid("grant_id"),
                    string_len("grant_action", 16),
                    enumeration("role"),
                    uuid("area_id"),
                    at_null("valid_until"),
                    at("created_at"),
                ],
                &[],
            )
            .primary_key(&mut key(&["import_id", "ordinal"]))
            .take(),
        )
        .await
}

/// Keeps staged rows out of PostgreSQL's log: they are worth nothing after a crash.
async fn skip_logging(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        for table in ["import_area", "import_resident", "import_account"] {
            manager
                .get_connection()
                .execute_unprepared(&format!("ALTER TABLE {table} SET UNLOGGED"))
                .await?;
        }
    }
    Ok(())
}
