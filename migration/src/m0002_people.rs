//! People: households, residents, their places, enrolments and contacts.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, date, date_null, integer, pk_uuid, string_len, string_len_null, text_null, uuid,
};

use crate::table::{at, default, drop_tables, enumeration, index, only, table, unique, version};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        households(manager).await?;
        residents(manager).await?;
        care(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &[
                "emergency_contact",
                "care_enrolment",
                "residence",
                "resident",
                "household_place",
                "household",
            ],
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Households and where they are.
async fn households(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "household",
            vec![
                pk_uuid("id"),
                uuid("area_id"),
                uuid("grid_id"),
                string_len("unit", 20),
                string_len("room", 20),
                default(boolean("is_center"), false),
                date_null("closed_on"),
                version(),
                at("created_at"),
                at("updated_at"),
            ],
            &[("area_id", "area"), ("grid_id", "area")],
        ))
        .await?;
    manager
        .create_index(unique("household", &["area_id", "unit", "room"]))
        .await?;
    manager
        .create_index(index("household", &["grid_id"]))
        .await?;
    manager
        .create_table(table(
            "household_place",
            vec![
                pk_uuid("id"),
                uuid("household_id"),
                uuid("area_id"),
                date("from_on"),
                date_null("to_on"),
            ],
            &[("household_id", "household"), ("area_id", "area")],
        ))
        .await?;
    manager
        .create_index(index("household_place", &["household_id"]))
        .await?;
    manager
        .create_index(index("household_place", &["area_id"]))
        .await
}

/// Residents and where they live.
async fn residents(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "resident",
            vec![
                pk_uuid("id"),
                uuid("household_id"),
                uuid("area_id"),
                uuid("grid_id"),
                string_len("name", 40),
                enumeration("gender"),
                date_null("born_on"),
                text_null("id_number_sealed"),
                string_len_null("id_number_hash", 64).unique_key().take(),
                text_null("phone_sealed"),
                string_len_null("phone_hash", 64),
                text_null("health_notes_sealed"),
                string_len_null("relation", 20),
                date_null("deceased_on"),
                version(),
                at("created_at"),
                at("updated_at"),
            ],
            &[
                ("household_id", "household"),
                ("area_id", "area"),
                ("grid_id", "area"),
            ],
        ))
        .await?;
    manager
        .create_index(index("resident", &["household_id"]))
        .await?;
    manager
        .create_index(index("resident", &["grid_id"]))
        .await?;
    manager
        .create_index(index("resident", &["phone_hash"]))
        .await?;
    manager
        .create_table(table(
            "residence",
            vec![
                pk_uuid("id"),
                uuid("resident_id"),
                uuid("household_id"),
                date("from_on"),
                date_null("to_on"),
            ],
            &[("resident_id", "resident"), ("household_id", "household")],
        ))
        .await?;
    manager
        .create_index(index("residence", &["resident_id"]))
        .await?;
    manager
        .create_index(index("residence", &["household_id"]))
        .await
}

/// What residents are enrolled in, and whom to call.
async fn care(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "care_enrolment",
            vec![
                pk_uuid("id"),
                uuid("resident_id"),
                uuid("area_id"),
                uuid("grid_id"),
                enumeration("tier"),
                default(integer("circumstances"), 0),
                date("from_on"),
                date_null("to_on"),
                string_len_null("reason", 200),
                string_len_null("end_reason", 200),
                date_null("paused_on"),
                date_null("review_on"),
                version(),
                at("created_at"),
                at("updated_at"),
            ],
            &[
                ("resident_id", "resident"),
                ("area_id", "area"),
                ("grid_id", "area"),
            ],
        ))
        .await?;
    manager
        .create_index(only(
            unique("care_enrolment", &["resident_id"]),
            "care_enrolment_open_key",
            Expr::col("to_on").is_null(),
        ))
        .await?;
    manager
        .create_index(only(
            index("care_enrolment", &["grid_id"]),
            "care_enrolment_open_grid_idx",
            Expr::col("to_on").is_null(),
        ))
        .await?;
    manager
        .create_table(table(
            "emergency_contact",
            vec![
                pk_uuid("id"),
                uuid("resident_id"),
                string_len("name", 40),
                text_null("phone_sealed"),
                string_len_null("phone_hash", 64),
                string_len_null("relation", 20),
                default(integer("position"), 1),
                version(),
                at("created_at"),
                at("updated_at"),
            ],
            &[("resident_id", "resident")],
        ))
        .await?;
    manager
        .create_index(unique("emergency_contact", &["resident_id", "position"]))
        .await
}
