//! Closed months of coverage: figures and names as they stood.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, date, date_null, integer, pk_uuid, string_len, string_len_null, uuid, uuid_null,
};

use crate::table::{at, drop_tables, enumeration, index, key, table, unique};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(table(
                "coverage_month",
                vec![
                    pk_uuid("id"),
                    uuid("area_id"),
                    date("month_on"),
                    integer("version"),
                    uuid("closed_by"),
                    at("closed_at"),
                ],
                &[("area_id", "area"), ("closed_by", "account")],
            ))
            .await?;
        manager
            .create_index(unique(
                "coverage_month",
                &["area_id", "month_on", "version"],
            ))
            .await?;
        manager
            .create_table(
                table(
                    "coverage_person",
                    vec![
                        uuid("coverage_month_id"),
                        string_len("figure", 16),
                        uuid("resident_id"),
                        string_len("name", 40),
                        enumeration("tier"),
                        uuid("area_id"),
                        uuid("grid_id"),
                        uuid_null("compound_id"),
                        uuid_null("community_id"),
                        enumeration("outcome"),
                        string_len_null("reason", 32),
                        date_null("reason_on"),
                        boolean("verified"),
                        boolean("in_person"),
                    ],
                    &[
                        ("coverage_month_id", "coverage_month"),
                        ("resident_id", "resident"),
                    ],
                )
                .primary_key(&mut key(&["coverage_month_id", "figure", "resident_id"]))
                .take(),
            )
            .await?;
        manager
            .create_index(index("coverage_person", &["resident_id"]))
            .await?;
        manager
            .create_index(index("care_enrolment", &["resident_id", "from_on"]))
            .await?;
        manager
            .create_index(index("visit_task", &["resident_id", "due_at"]))
            .await?;
        manager
            .create_index(index("visit_task", &["occurred_at"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table) in [
            ("visit_task_occurred_at_idx", "visit_task"),
            ("visit_task_resident_id_due_at_idx", "visit_task"),
            ("care_enrolment_resident_id_from_on_idx", "care_enrolment"),
        ] {
            let index = Index::drop().name(name).table(table).to_owned();
            manager.drop_index(index).await?;
        }
        drop_tables(manager, &["coverage_person", "coverage_month"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
