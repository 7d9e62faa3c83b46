//! Meal lists, whom they feed, and the batches that are claimed as one.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    date, date_null, integer, integer_null, pk_uuid, string_len, uuid, uuid_null,
};

use crate::table::{at, at_null, drop_tables, enumeration, index, only, table, unique, version};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        lists(manager).await?;
        recipients(manager).await?;
        batches(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["meal_batch", "meal_recipient", "meal_list"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn lists(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "meal_list",
            vec![
                pk_uuid("id"),
                uuid("area_id"),
                uuid("grid_id"),
                string_len("name", 60),
                integer_null("lunch_from"),
                integer_null("lunch_to"),
                integer_null("dinner_from"),
                integer_null("dinner_to"),
                integer("weekdays"),
                date_null("ended_on"),
                version(),
                at("created_at"),
                at("updated_at"),
            ],
            &[("area_id", "area"), ("grid_id", "area")],
        ))
        .await?;
    manager
        .create_index(index("meal_list", &["area_id", "id"]))
        .await
}

async fn recipients(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "meal_recipient",
            vec![
                pk_uuid("id"),
                uuid("meal_list_id"),
                uuid("resident_id"),
                integer("meals"),
                date("from_on"),
                date_null("to_on"),
                version(),
                at("created_at"),
                at("updated_at"),
            ],
            &[("meal_list_id", "meal_list"), ("resident_id", "resident")],
        ))
        .await?;
    manager
        .create_index(index("meal_recipient", &["meal_list_id"]))
        .await?;
    // One canteen at a time.
    let mut open = only(
        index("meal_recipient", &["resident_id"]),
        "meal_recipient_resident_id_open_key",
        Expr::col("to_on").is_null(),
    );
    open.unique();
    manager.create_index(open).await
}

async fn batches(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "meal_batch",
            vec![
                pk_uuid("id"),
                uuid("meal_list_id"),
                uuid("area_id"),
                uuid("grid_id"),
                date("served_on"),
                enumeration("meal"),
                at("starts_at"),
                at("due_at"),
                enumeration("status"),
                uuid_null("claimed_by"),
                at_null("claimed_at"),
                uuid_null("assigned_by"),
                version(),
                at("created_at"),
                at("updated_at"),
            ],
            &[
                ("meal_list_id", "meal_list"),
                ("area_id", "area"),
                ("grid_id", "area"),
                ("claimed_by", "account"),
                ("assigned_by", "account"),
            ],
        ))
        .await?;
    manager
        .create_index(unique("meal_batch", &["meal_list_id", "served_on", "meal"]))
        .await?;
    for columns in [
        ["grid_id", "due_at", "id"],
        ["area_id", "due_at", "id"],
        ["claimed_by", "due_at", "id"],
    ] {
        manager.create_index(index("meal_batch", &columns)).await?;
    }
    Ok(())
}
