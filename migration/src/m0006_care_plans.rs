//! Care plans: the server's jobs, pauses as intervals, one open rule per tier and area.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{date, date_null, integer, pk_uuid, string_len, uuid, uuid_null};

use crate::table::{at_null, default, drop_tables, index, key, only, table, unique};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        jobs(manager).await?;
        pauses(manager).await?;
        manager
            .create_index(only(
                unique("care_rule", &["area_id", "tier"]),
                "care_rule_open_key",
                Expr::col("to_on").is_null(),
            ))
            .await?;
        // What the generator looks at: the tasks of an enrolment.
        manager
            .create_index(only(
                index("visit_task", &["enrolment_id", "starts_at"]),
                "visit_task_enrolment_idx",
                Expr::col("enrolment_id").is_not_null(),
            ))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table) in [
            ("visit_task_enrolment_idx", "visit_task"),
            ("care_rule_open_key", "care_rule"),
        ] {
            manager
                .drop_index(Index::drop().name(name).table(table).to_owned())
                .await?;
        }
        drop_tables(manager, &["care_pause", "job"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// What the servers do by themselves: which of them is at it, and when it was last done.
async fn jobs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table(
                "job",
                vec![
                    string_len("name", 40),
                    uuid_null("holder"),
                    at_null("lease_until"),
                    at_null("started_at"),
                    at_null("finished_at"),
                    default(integer("failures"), 0),
                ],
                &[],
            )
            .primary_key(&mut key(&["name"]))
            .take(),
        )
        .await
}

/// Pauses of enrolments, the past ones too; an enrolment's own columns are copies of the open one.
async fn pauses(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "care_pause",
            vec![
                pk_uuid("id"),
                uuid("enrolment_id"),
                date("from_on"),
                date_null("to_on"),
                date("review_on"),
            ],
            &[("enrolment_id", "care_enrolment")],
        ))
        .await?;
    manager
        .create_index(index("care_pause", &["enrolment_id"]))
        .await?;
    // Of pauses before this table only the running ones are known; the enrolment lends its key.
    let running = Query::select()
        .columns(["id", "id", "paused_on", "review_on"])
        .from("care_enrolment")
        .and_where(Expr::col("paused_on").is_not_null())
        .and_where(Expr::col("review_on").is_not_null())
        .and_where(Expr::col("to_on").is_null())
        .to_owned();
    let mut insert = Query::insert();
    insert
        .into_table("care_pause")
        .columns(["id", "enrolment_id", "from_on", "review_on"])
        .select_from(running)
        .map_err(|error| DbErr::Migration(error.to_string()))?;
    manager.execute(insert).await
}
