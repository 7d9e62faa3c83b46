//! Volunteers: profiles, trainings, awards and corrections of the service record.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    date, date_null, integer, pk_uuid, string_len, string_len_null, text_null, uuid, uuid_null,
};

use crate::table::{at, at_null, default, drop_tables, enumeration, index, only, table, version};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        profiles(manager).await?;
        trainings(manager).await?;
        awards(manager).await?;
        corrections(manager).await?;
        // The work that a service record is made of.
        manager
            .create_index(only(
                index("visit_task", &["reported_by", "occurred_at"]),
                SERVICE,
                Expr::col("status").eq("VERIFIED"),
            ))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(Index::drop().name(SERVICE).table("visit_task").to_owned())
            .await?;
        drop_tables(
            manager,
            &[
                "service_correction",
                "volunteer_award",
                "volunteer_training",
                "volunteer_profile",
            ],
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const SERVICE: &str = "visit_task_service_idx";

async fn profiles(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "volunteer_profile",
            vec![
                uuid("account_id").primary_key().take(),
                string_len_null("volunteer_number", 40).unique_key().take(),
                default(enumeration("gender"), "UNKNOWN"),
                date_null("born_on"),
                string_len_null("id_kind", 32),
                text_null("id_number_sealed"),
                string_len_null("id_number_hash", 64).unique_key().take(),
                text_null("address_sealed"),
                string_len_null("emergency_name", 40),
                text_null("emergency_phone_sealed"),
                string_len_null("insurance_policy", 60),
                date_null("insurance_until_on"),
                date_null("joined_on"),
                string_len_null("skills", 500),
                version(),
                at("created_at"),
                at("updated_at"),
            ],
            &[("account_id", "account")],
        ))
        .await
}

async fn trainings(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut columns = vec![
        pk_uuid("id"),
        uuid("account_id"),
        string_len("training", 60),
        integer("minutes"),
        date("completed_on"),
        date_null("valid_until_on"),
        string_len_null("issuer", 80),
    ];
    columns.extend(recorded());
    manager
        .create_table(table("volunteer_training", columns, RECORDED))
        .await?;
    manager
        .create_index(index("volunteer_training", &["account_id"]))
        .await
}

async fn awards(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut columns = vec![
        pk_uuid("id"),
        uuid("account_id"),
        enumeration("kind"),
        string_len("title", 80),
        date("awarded_on"),
        string_len_null("issuer", 80),
    ];
    columns.extend(recorded());
    manager
        .create_table(table("volunteer_award", columns, RECORDED))
        .await?;
    manager
        .create_index(index("volunteer_award", &["account_id"]))
        .await
}

/// Whom an entry of the record is about, who wrote it and who annulled it.
const RECORDED: &[(&str, &str)] = &[
    ("account_id", "account"),
    ("recorded_by", "account"),
    ("annulled_by", "account"),
];

fn recorded() -> Vec<ColumnDef> {
    vec![
        uuid("recorded_by"),
        at("created_at"),
        at_null("annulled_at"),
        uuid_null("annulled_by"),
        string_len_null("annul_reason", 200),
    ]
}

/// Counter-entries: what was counted is never changed.
async fn corrections(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "service_correction",
            vec![
                pk_uuid("id"),
                uuid("account_id"),
                uuid("area_id"),
                integer("minutes"),
                date("counts_on"),
                string_len("reason", 200),
                uuid("recorded_by"),
                at("created_at"),
            ],
            &[
                ("account_id", "account"),
                ("area_id", "area"),
                ("recorded_by", "account"),
            ],
        ))
        .await?;
    manager
        .create_index(index("service_correction", &["account_id", "counts_on"]))
        .await
}
