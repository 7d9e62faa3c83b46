//! Findings that end or suspend the need for somebody's visits, and what they called off.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{date_null, pk_uuid, string_len_null, uuid, uuid_null};

use crate::table::{at, at_null, drop_tables, enumeration, index, key, only, table, version};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                table(
                    "finding",
                    vec![
                        pk_uuid("id"),
                        uuid("resident_id"),
                        uuid_null("visit_task_id"),
                        uuid("area_id"),
                        uuid("grid_id"),
                        enumeration("outcome"),
                        enumeration("status"),
                        uuid("proposed_by"),
                        at("found_at"),
                        uuid_null("decided_by"),
                        at_null("decided_at"),
                        date_null("holds_on"),
                        date_null("review_on"),
                        string_len_null("remark", 180),
                        uuid_null("enrolment_id"),
                        uuid_null("undone_by"),
                        at_null("undone_at"),
                        string_len_null("undo_reason", 180),
                        version(),
                        at("created_at"),
                        at("updated_at"),
                    ],
                    &[
                        ("resident_id", "resident"),
                        ("visit_task_id", "visit_task"),
                        ("area_id", "area"),
                        ("proposed_by", "account"),
                        ("enrolment_id", "care_enrolment"),
                    ],
                )
                .check(Check::named(
                    "finding_decided_by_another",
                    Expr::col("visit_task_id")
                        .is_null()
                        .or(Expr::col("decided_by").is_null())
                        .or(Expr::col("decided_by").ne(Expr::col("proposed_by"))),
                ))
                .take(),
            )
            .await?;
        manager
            .create_index(index("finding", &["grid_id", "id"]))
            .await?;
        for (column, name) in [
            ("resident_id", "finding_resident_id_open_idx"),
            ("visit_task_id", "finding_visit_task_id_open_idx"),
        ] {
            manager
                .create_index(only(
                    index("finding", &[column]),
                    name,
                    Expr::col("status").eq("PROPOSED"),
                ))
                .await?;
        }
        manager
            .create_table(
                table(
                    "finding_visit_task",
                    vec![uuid("finding_id"), uuid("visit_task_id")],
                    &[("finding_id", "finding"), ("visit_task_id", "visit_task")],
                )
                .primary_key(&mut key(&["finding_id", "visit_task_id"]))
                .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["finding_visit_task", "finding"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
