//! Who is on duty and who is away, what climbs until somebody acts, and what people were told.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{pk_uuid, string_len_null, uuid, uuid_null};

use crate::table::{at, at_null, drop_tables, enumeration, index, only, table, unique, version};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        duty(manager).await?;
        escalations(manager).await?;
        notices(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["notice", "escalation", "duty_shift", "absence"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Who is away, and whose turn it is.
async fn duty(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "absence",
            vec![
                pk_uuid("id"),
                uuid("account_id"),
                at("from_at"),
                at("until_at"),
                uuid_null("stand_in_id"),
                string_len_null("reason", 200),
                uuid("recorded_by"),
                version(),
                at("created_at"),
                at("updated_at"),
            ],
            &[
                ("account_id", "account"),
                ("stand_in_id", "account"),
                ("recorded_by", "account"),
            ],
        ))
        .await?;
    manager
        .create_index(index("absence", &["account_id", "until_at"]))
        .await?;
    manager
        .create_table(table(
            "duty_shift",
            vec![
                pk_uuid("id"),
                uuid("area_id"),
                uuid("account_id"),
                at("from_at"),
                at("until_at"),
                uuid("planned_by"),
                version(),
                at("created_at"),
                at("updated_at"),
            ],
            &[
                ("area_id", "area"),
                ("account_id", "account"),
                ("planned_by", "account"),
            ],
        ))
        .await?;
    manager
        .create_index(index("duty_shift", &["area_id", "until_at"]))
        .await
}

/// Elders whose visit is late, or will be.
async fn escalations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "escalation",
            vec![
                pk_uuid("id"),
                uuid("visit_task_id"),
                uuid("resident_id"),
                uuid("area_id"),
                uuid("grid_id"),
                enumeration("tier"),
                enumeration("cause"),
                enumeration("status"),
                enumeration("level"),
                at("starts_at"),
                at("since_at"),
                at_null("climbs_at"),
                uuid_null("taken_by"),
                at_null("taken_at"),
                at_null("settled_at"),
                version(),
                at("created_at"),
                at("updated_at"),
            ],
            &[
                ("visit_task_id", "visit_task"),
                ("resident_id", "resident"),
                ("area_id", "area"),
                ("taken_by", "account"),
            ],
        ))
        .await?;
    manager
        .create_index(unique("escalation", &["visit_task_id", "cause"]))
        .await?;
    manager
        .create_index(only(
            unique("escalation", &["resident_id"]),
            "escalation_resident_id_open_key",
            Expr::col("settled_at").is_null(),
        ))
        .await?;
    manager
        .create_index(only(
            index("escalation", &["climbs_at"]),
            "escalation_climbs_at_idx",
            Expr::col("climbs_at").is_not_null(),
        ))
        .await?;
    manager
        .create_index(index("escalation", &["grid_id", "since_at", "id"]))
        .await
}

/// What was told to whom.
async fn notices(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "notice",
            vec![
                pk_uuid("id"),
                uuid("account_id"),
                uuid("area_id"),
                uuid_null("escalation_id"),
                uuid_null("alarm_id"),
                enumeration("level"),
                uuid_null("stands_in_for"),
                at("shown_at"),
                at_null("seen_at"),
                at("created_at"),
            ],
            &[
                ("account_id", "account"),
                ("area_id", "area"),
                ("escalation_id", "escalation"),
                ("alarm_id", "alarm"),
                ("stands_in_for", "account"),
            ],
        ))
        .await?;
    for subject in ["escalation_id", "alarm_id"] {
        manager
            .create_index(unique("notice", &[subject, "account_id", "level"]))
            .await?;
    }
    manager
        .create_index(index("notice", &["account_id", "id"]))
        .await
}
