//! Alarms and what was done about them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, integer, pk_uuid, text_null, uuid, uuid_null};

use crate::table::{
    at, at_null, default, drop_tables, enumeration, index, only, table, unique, version,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(table(
                "alarm",
                vec![
                    pk_uuid("id"),
                    uuid("visit_task_id"),
                    uuid("area_id"),
                    uuid("grid_id"),
                    enumeration("kind"),
                    enumeration("status"),
                    enumeration("level"),
                    text_null("note_sealed"),
                    uuid("raised_by"),
                    at("raised_at"),
                    at_null("climbs_at"),
                    uuid_null("acknowledged_by"),
                    at_null("acknowledged_at"),
                    uuid_null("closed_by"),
                    at_null("closed_at"),
                    text_null("found_sealed"),
                    version(),
                    at("created_at"),
                    at("updated_at"),
                ],
                &[
                    ("visit_task_id", "visit_task"),
                    ("area_id", "area"),
                    ("raised_by", "account"),
                ],
            ))
            .await?;
        for columns in [&["grid_id", "id"][..], &["visit_task_id"], &["raised_by"]] {
            manager.create_index(index("alarm", columns)).await?;
        }
        manager
            .create_index(only(
                index("alarm", &["climbs_at"]),
                "alarm_climbs_at_idx",
                Expr::col("climbs_at").is_not_null(),
            ))
            .await?;
        manager
            .create_table(table(
                "alarm_step",
                vec![
                    pk_uuid("id"),
                    uuid("alarm_id"),
                    big_integer("revision"),
                    enumeration("action"),
                    enumeration("level"),
                    uuid_null("account_id"),
                    default(integer("told"), 0),
                    at("at"),
                ],
                &[("alarm_id", "alarm")],
            ))
            .await?;
        manager
            .create_index(unique("alarm_step", &["alarm_id", "revision"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["alarm_step", "alarm"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
