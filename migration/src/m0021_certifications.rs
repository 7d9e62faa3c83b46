//! Beneficiaries, the yearly rounds that certify them, and what was checked.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, date, date_null, integer, pk_uuid, string_len, string_len_null, text_null, uuid,
    uuid_null,
};

use crate::table::{
    at, at_null, default, drop_tables, enumeration, index, only, table, unique, version,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        beneficiaries(manager).await?;
        rounds(manager).await?;
        checks(manager).await?;
        beside_checks(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &[
                "certification_correction",
                "certification_attempt",
                "certification_check",
                "certification_round",
                "beneficiary",
            ],
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// An enum's column that may be empty.
fn enumeration_null(name: &'static str) -> ColumnDef {
    string_len_null(name, 32)
}

async fn beneficiaries(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "beneficiary",
            vec![
                pk_uuid("id"),
                uuid_null("resident_id"),
                uuid("area_id"),
                uuid("grid_id"),
                string_len("name", 40),
                enumeration("gender"),
                date_null("born_on"),
                text_null("id_number_sealed"),
                string_len_null("id_number_hash", 64),
                text_null("phone_sealed"),
                string_len_null("phone_hash", 64),
                enumeration("category"),
                string_len_null("certificate_number", 40),
                string_len_null("registered_elsewhere", 120),
                uuid_null("home_area_id"),
                string_len_null("institution", 60),
                text_null("address_sealed"),
                text_null("health_notes_sealed"),
                boolean("is_immobile"),
                enumeration_null("preferred_channel"),
                string_len_null("guardian_name", 40),
                text_null("guardian_phone_sealed"),
                date_null("ended_on"),
                enumeration_null("end_reason"),
                version(),
                at("created_at"),
                at("updated_at"),
            ],
            &[
                ("resident_id", "resident"),
                ("area_id", "area"),
                ("grid_id", "area"),
                ("home_area_id", "area"),
            ],
        ))
        .await?;
    for key in [["id_number_hash"], ["resident_id"]] {
        manager.create_index(unique("beneficiary", &key)).await?;
    }
    for columns in [["grid_id", "id"], ["area_id", "id"]] {
        manager.create_index(index("beneficiary", &columns)).await?;
    }
    manager
        .create_index(index("beneficiary", &["institution"]))
        .await
}

async fn rounds(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "certification_round",
            vec![
                pk_uuid("id"),
                integer("year"),
                uuid("area_id"),
                integer("categories"),
                date("opens_on"),
                date("closes_on"),
                integer("grace_days"),
                integer("confirm_level"),
                enumeration("status"),
                string_len_null("end_reason", 180),
                uuid("opened_by"),
                uuid_null("ended_by"),
                at_null("ended_at"),
                version(),
                at("created_at"),
                at("updated_at"),
            ],
            &[
                ("area_id", "area"),
                ("opened_by", "account"),
                ("ended_by", "account"),
            ],
        ))
        .await?;
    for columns in [["area_id", "id"], ["year", "area_id"]] {
        manager
            .create_index(index("certification_round", &columns))
            .await?;
    }
    Ok(())
}

/// Nobody confirms or settles what they checked themselves: the database holds it too.
fn by_another(column: &'static str) -> Expr {
    Expr::col("checked_by")
        .is_null()
        .or(Expr::col(column).is_null())
        .or(Expr::col(column).ne(Expr::col("checked_by")))
}

async fn checks(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut checks = table(
        "certification_check",
        vec![
            pk_uuid("id"),
            uuid("round_id"),
            uuid("beneficiary_id"),
            uuid("area_id"),
            uuid("grid_id"),
            enumeration("category"),
            enumeration("status"),
            integer("confirm_level"),
            string_len_null("late_reason", 180),
            enumeration_null("channel"),
            at_null("scheduled_for"),
            uuid_null("assigned_to"),
            default(integer("attempts"), 0),
            at_null("last_attempt_at"),
            enumeration_null("last_attempt_reason"),
            uuid_null("checked_by"),
            at_null("checked_at"),
            enumeration_null("outcome"),
            date_null("holds_on"),
            string_len_null("source", 180),
            string_len_null("reference", 120),
            text_null("notes_sealed"),
            text_null("new_phone_sealed"),
            string_len_null("new_phone_hash", 64),
            text_null("new_address_sealed"),
            text_null("new_health_notes_sealed"),
            uuid_null("confirmed_by"),
            at_null("confirmed_at"),
            uuid_null("returned_by"),
            string_len_null("return_remark", 180),
            uuid_null("settled_by"),
            at_null("settled_at"),
            string_len_null("settle_reason", 180),
            version(),
            at("created_at"),
            at("updated_at"),
        ],
        &[
            ("round_id", "certification_round"),
            ("beneficiary_id", "beneficiary"),
            ("area_id", "area"),
            ("grid_id", "area"),
            ("assigned_to", "account"),
            ("checked_by", "account"),
            ("confirmed_by", "account"),
            ("returned_by", "account"),
            ("settled_by", "account"),
        ],
    );
    checks
        .check(Check::named(
            "certification_check_confirmed_by_another",
            by_another("confirmed_by"),
        ))
        .check(Check::named(
            "certification_check_settled_by_another",
            by_another("settled_by"),
        ));
    manager.create_table(checks).await?;
    manager
        .create_index(unique(
            "certification_check",
            &["round_id", "beneficiary_id"],
        ))
        .await?;
    // Whether a round can be closed is asked of these alone.
    manager
        .create_index(only(
            index("certification_check", &["round_id"]),
            "certification_check_unresolved_idx",
            Expr::col("status").is_not_in(["CONFIRMED", "SETTLED"]),
        ))
        .await?;
    for columns in [
        &["round_id", "status", "id"][..],
        &["grid_id", "id"],
        &["assigned_to", "scheduled_for"],
        &["beneficiary_id", "id"],
    ] {
        manager
            .create_index(index("certification_check", columns))
            .await?;
    }
    Ok(())
}

async fn beside_checks(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "certification_attempt",
            vec![
                pk_uuid("id"),
                uuid("check_id"),
                uuid("account_id"),
                at("occurred_at"),
                enumeration("channel"),
                enumeration("reason"),
                text_null("notes_sealed"),
                at("created_at"),
            ],
            &[
                ("check_id", "certification_check"),
                ("account_id", "account"),
            ],
        ))
        .await?;
    manager
        .create_index(index("certification_attempt", &["check_id", "id"]))
        .await?;
    manager
        .create_table(table(
            "certification_correction",
            vec![
                pk_uuid("id"),
                uuid("check_id"),
                uuid("account_id"),
                enumeration_null("outcome"),
                date_null("holds_on"),
                string_len("reason", 180),
                at("created_at"),
            ],
            &[
                ("check_id", "certification_check"),
                ("account_id", "account"),
            ],
        ))
        .await?;
    manager
        .create_index(index("certification_correction", &["check_id", "id"]))
        .await
}
