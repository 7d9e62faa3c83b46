//! Visits in full: where tasks come from, appointments, arrival, and the rules that make tasks.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    date, date_null, integer, integer_null, pk_uuid, string_len, string_len_null, text_null, uuid,
    uuid_null,
};

use crate::table::{
    add_columns, at, at_null, default, drop_columns, drop_tables, enumeration, index, only, table,
    version,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "visit_task", task_columns()).await?;
        add_columns(manager, "visit_report", report_columns()).await?;
        task_indexes(manager).await?;
        care_rules(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["care_rule"]).await?;
        for name in INDEXES {
            manager
                .drop_index(Index::drop().name(*name).table("visit_task").to_owned())
                .await?;
        }
        drop_columns(manager, "visit_report", &report_columns()).await?;
        drop_columns(manager, "visit_task", &task_columns()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const INDEXES: &[&str] = &[
    "visit_task_occasion_key",
    "visit_task_batch_idx",
    "visit_task_follows_idx",
    "visit_task_auto_verify_idx",
    "visit_task_contact_idx",
];

fn task_columns() -> Vec<ColumnDef> {
    vec![
        default(enumeration("origin"), "PLANNED"),
        string_len_null("occasion", 120),
        uuid_null("enrolment_id"),
        uuid_null("round_id"),
        uuid_null("batch_id"),
        uuid_null("follows_id"),
        string_len_null("tier", 32),
        default(integer("minutes"), 30),
        at_null("appointed_at"),
        default(integer("renewals"), 0),
        uuid_null("assigned_by"),
        at_null("ended_at"),
        string_len_null("arrival", 32),
        integer_null("clock_skew_seconds"),
        at_null("auto_verify_at"),
    ]
}

fn report_columns() -> Vec<ColumnDef> {
    vec![
        at_null("ended_at"),
        default(enumeration("arrival"), "UNKNOWN"),
        integer_null("clock_skew_seconds"),
        string_len_null("health", 32),
        string_len_null("home_safety", 32),
        string_len_null("meals", 32),
        string_len_null("mood", 32),
        string_len_null("family", 32),
        text_null("needs_sealed"),
    ]
}

async fn task_indexes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut occasion = only(
        index("visit_task", &["occasion"]),
        "visit_task_occasion_key",
        Expr::col("occasion").is_not_null(),
    );
    occasion.unique();
    manager.create_index(occasion).await?;
    for (column, name) in [
        ("batch_id", "visit_task_batch_idx"),
        ("follows_id", "visit_task_follows_idx"),
        ("auto_verify_at", "visit_task_auto_verify_idx"),
    ] {
        manager
            .create_index(only(
                index("visit_task", &[column]),
                name,
                Expr::col(column).is_not_null(),
            ))
            .await?;
    }
    // Who was contacted in a month.
    manager
        .create_index(only(
            index("visit_task", &["resident_id", "occurred_at"]),
            "visit_task_contact_idx",
            Expr::col("occurred_at").is_not_null(),
        ))
        .await
}

/// How often elders of a tier are visited in an area.
async fn care_rules(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "care_rule",
            vec![
                pk_uuid("id"),
                uuid("area_id"),
                enumeration("tier"),
                string_len("recurrence", 200),
                enumeration("kind"),
                integer("kinds"),
                integer("methods"),
                integer("days_before"),
                integer("days_after"),
                integer_null("from_minute"),
                integer_null("to_minute"),
                date("from_on"),
                date_null("to_on"),
                version(),
                at("created_at"),
                at("updated_at"),
            ],
            &[("area_id", "area")],
        ))
        .await?;
    manager
        .create_index(index("care_rule", &["area_id", "tier", "from_on"]))
        .await
}
