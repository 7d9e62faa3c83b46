//! Visits: tasks, attempts and reports.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, pk_uuid, string_len_null, text_null, uuid, uuid_null};

use crate::table::{
    at, at_null, default, drop_tables, enumeration, index, only, table, unique, version,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tasks(manager).await?;
        task_indexes(manager).await?;
        findings(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["visit_report", "visit_attempt", "visit_task"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Visit tasks.
async fn tasks(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table(
                "visit_task",
                vec![
                    pk_uuid("id"),
                    enumeration("kind"),
                    enumeration("status"),
                    uuid("household_id"),
                    uuid_null("resident_id"),
                    uuid("area_id"),
                    uuid("grid_id"),
                    at("starts_at"),
                    at("due_at"),
                    default(integer("priority"), 0),
                    string_len_null("instructions", 500),
                    uuid("planned_by"),
                    uuid_null("claimed_by"),
                    at_null("claimed_at"),
                    at_null("lease_until"),
                    at_null("started_at"),
                    uuid_null("reported_by"),
                    at_null("reported_at"),
                    at_null("occurred_at"),
                    string_len_null("outcome", 32),
                    string_len_null("method", 32),
                    default(integer("verify_level"), 0),
                    uuid_null("verified_by"),
                    at_null("verified_at"),
                    string_len_null("return_remark", 500),
                    at_null("return_due_at"),
                    string_len_null("cancel_reason", 200),
                    default(integer("attempts"), 0),
                    at_null("retry_at"),
                    version(),
                    at("created_at"),
                    at("updated_at"),
                ],
                &[
                    ("household_id", "household"),
                    ("resident_id", "resident"),
                    ("area_id", "area"),
                    ("grid_id", "area"),
                    ("planned_by", "account"),
                    ("claimed_by", "account"),
                    ("reported_by", "account"),
                    ("verified_by", "account"),
                ],
            )
            .check(Check::named(
                "visit_task_verified_by_another",
                Expr::col("verified_by")
                    .is_null()
                    .or(Expr::col("verified_by").ne(Expr::col("reported_by"))),
            ))
            .take(),
        )
        .await
}

/// What lists of visit tasks walk: by grid, area, time, claimant, household, resident.
async fn task_indexes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_index(index("visit_task", &["grid_id", "due_at", "id"]))
        .await?;
    manager
        .create_index(index("visit_task", &["due_at", "id"]))
        .await?;
    manager
        .create_index(only(
            index("visit_task", &["claimed_by"]),
            "visit_task_claimed_by_idx",
            Expr::col("claimed_by").is_not_null(),
        ))
        .await?;
    manager
        .create_index(index("visit_task", &["household_id", "due_at"]))
        .await?;
    manager
        .create_index(only(
            index("visit_task", &["household_id", "reported_at"]),
            "visit_task_reported_household_idx",
            Expr::col("reported_at").is_not_null(),
        ))
        .await?;
    manager
        .create_index(index("visit_task", &["resident_id"]))
        .await?;
    // Last: without statistics, SQLite takes the younger of two indexes that suit alike.
    manager
        .create_index(only(
            index("visit_task", &["grid_id", "due_at", "id"]),
            "visit_task_open_grid_idx",
            Expr::col("status").eq("OPEN"),
        ))
        .await?;
    manager
        .create_index(only(
            index("visit_task", &["area_id", "due_at", "id"]),
            "visit_task_open_area_idx",
            Expr::col("status").eq("OPEN"),
        ))
        .await
}

/// Attempts and reports.
async fn findings(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "visit_attempt",
            vec![
                pk_uuid("id"),
                uuid("visit_task_id"),
                uuid("account_id"),
                enumeration("reason"),
                at("occurred_at"),
                at("recorded_at"),
                at_null("retry_at"),
                text_null("notes_sealed"),
            ],
            &[("visit_task_id", "visit_task"), ("account_id", "account")],
        ))
        .await?;
    manager
        .create_index(index("visit_attempt", &["visit_task_id"]))
        .await?;
    manager
        .create_table(table(
            "visit_report",
            vec![
                pk_uuid("id"),
                uuid("visit_task_id"),
                integer("revision"),
                uuid("account_id"),
                enumeration("outcome"),
                enumeration("method"),
                text_null("notes_sealed"),
                at_null("started_at"),
                at("occurred_at"),
                at("recorded_at"),
            ],
            &[("visit_task_id", "visit_task"), ("account_id", "account")],
        ))
        .await?;
    manager
        .create_index(unique("visit_report", &["visit_task_id", "revision"]))
        .await
}
