//! Partners, their offers and slots.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, date, date_null, integer, integer_null, pk_uuid, string_len, string_len_null,
    text_null, uuid, uuid_null,
};

use crate::table::{at, at_null, drop_tables, enumeration, index, key, table, unique, version};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            partner(),
            partner_area(),
            partner_member(),
            service_offer(),
            offer_area(),
            service_package(),
            package_offer(),
            slot_series(),
            slot_exception(),
            service_slot(),
        ] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &[
                "service_slot",
                "slot_exception",
                "slot_series",
                "package_offer",
                "service_package",
                "offer_area",
                "service_offer",
                "partner_member",
                "partner_area",
                "partner",
            ],
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        unique("partner", &["area_id", "name"]),
        index("partner_area", &["area_id", "partner_id"]),
        index("partner_member", &["account_id", "partner_id"]),
        unique("service_offer", &["partner_id", "title"]),
        index("service_offer", &["area_id", "id"]),
        index("offer_area", &["area_id", "offer_id"]),
        unique("service_package", &["area_id", "title"]),
        index("package_offer", &["offer_id"]),
        index("slot_series", &["offer_id"]),
        unique("service_slot", &["series_id", "series_on"]),
        index("service_slot", &["offer_id", "starts_at", "id"]),
        index("service_slot", &["partner_id", "starts_at", "id"]),
    ]
}

fn partner() -> TableCreateStatement {
    table(
        "partner",
        vec![
            pk_uuid("id"),
            uuid("area_id"),
            string_len("name", 60),
            enumeration("status"),
            string_len_null("end_reason", 180),
            uuid_null("ended_by"),
            at_null("ended_at"),
            uuid("created_by"),
            version(),
            at("created_at"),
            at("updated_at"),
        ],
        &[
            ("area_id", "area"),
            ("ended_by", "account"),
            ("created_by", "account"),
        ],
    )
}

fn partner_area() -> TableCreateStatement {
    let mut table = table(
        "partner_area",
        vec![
            uuid("partner_id"),
            uuid("area_id"),
            uuid("opened_by"),
            uuid_null("closed_by"),
            at_null("closed_at"),
            at("created_at"),
        ],
        &[
            ("partner_id", "partner"),
            ("area_id", "area"),
            ("opened_by", "account"),
            ("closed_by", "account"),
        ],
    );
    table.primary_key(&mut key(&["partner_id", "area_id"]));
    table
}

fn partner_member() -> TableCreateStatement {
    let mut table = table(
        "partner_member",
        vec![
            uuid("partner_id"),
            uuid("account_id"),
            uuid("added_by"),
            uuid_null("ended_by"),
            at_null("ended_at"),
            at("created_at"),
        ],
        &[
            ("partner_id", "partner"),
            ("account_id", "account"),
            ("added_by", "account"),
            ("ended_by", "account"),
        ],
    );
    table.primary_key(&mut key(&["partner_id", "account_id"]));
    table
}

fn service_offer() -> TableCreateStatement {
    table(
        "service_offer",
        vec![
            pk_uuid("id"),
            uuid("partner_id"),
            uuid("area_id"),
            string_len("title", 60),
            enumeration("category"),
            string_len_null("conditions", 500),
            string_len_null("contact_name", 40),
            text_null("contact_phone_sealed"),
            integer("price_fen"),
            integer_null("min_age"),
            integer("circumstances"),
            integer("tiers"),
            integer("minutes"),
            integer("hands"),
            boolean("needs_confirmation"),
            boolean("is_single"),
            integer("cutoff_minutes"),
            integer("confirm_minutes"),
            date("valid_from_on"),
            date_null("valid_until_on"),
            enumeration("status"),
            uuid_null("published_by"),
            at_null("published_at"),
            uuid("created_by"),
            version(),
            at("created_at"),
            at("updated_at"),
        ],
        &[
            ("partner_id", "partner"),
            ("area_id", "area"),
            ("published_by", "account"),
            ("created_by", "account"),
        ],
    )
}

fn offer_area() -> TableCreateStatement {
    let mut table = table(
        "offer_area",
        vec![uuid("offer_id"), uuid("area_id")],
        &[("offer_id", "service_offer"), ("area_id", "area")],
    );
    table.primary_key(&mut key(&["offer_id", "area_id"]));
    table
}

fn service_package() -> TableCreateStatement {
    table(
        "service_package",
        vec![
            pk_uuid("id"),
            uuid("area_id"),
            string_len("title", 60),
            string_len_null("description", 500),
            enumeration("status"),
            uuid("created_by"),
            version(),
            at("created_at"),
            at("updated_at"),
        ],
        &[("area_id", "area"), ("created_by", "account")],
    )
}

fn package_offer() -> TableCreateStatement {
    let mut table = table(
        "package_offer",
        vec![uuid("package_id"), uuid("offer_id"), integer("position")],
        &[
            ("package_id", "service_package"),
            ("offer_id", "service_offer"),
        ],
    );
    table.primary_key(&mut key(&["package_id", "offer_id"]));
    table
}

fn slot_series() -> TableCreateStatement {
    table(
        "slot_series",
        vec![
            pk_uuid("id"),
            uuid("offer_id"),
            uuid("partner_id"),
            uuid("area_id"),
            string_len("recurrence", 200),
            date("starts_on"),
            date_null("ends_on"),
            integer("begin_minute"),
            integer("minutes"),
            string_len_null("place", 60),
            integer("capacity"),
            date_null("made_until_on"),
            at_null("ended_at"),
            uuid("created_by"),
            version(),
            at("created_at"),
            at("updated_at"),
        ],
        &[
            ("offer_id", "service_offer"),
            ("partner_id", "partner"),
            ("area_id", "area"),
            ("created_by", "account"),
        ],
    )
}

fn slot_exception() -> TableCreateStatement {
    let mut table = table(
        "slot_exception",
        vec![uuid("series_id"), date("on")],
        &[("series_id", "slot_series")],
    );
    table.primary_key(&mut key(&["series_id", "on"]));
    table
}

fn service_slot() -> TableCreateStatement {
    let mut table = table(
        "service_slot",
        vec![
            pk_uuid("id"),
            uuid("offer_id"),
            uuid("partner_id"),
            uuid("area_id"),
            uuid_null("series_id"),
            date_null("series_on"),
            at("starts_at"),
            at("ends_at"),
            string_len_null("place", 60),
            integer("capacity"),
            integer("booked"),
            integer("waiting"),
            integer("last_ticket"),
            enumeration("status"),
            string_len_null("cancel_reason", 180),
            uuid_null("created_by"),
            version(),
            at("created_at"),
            at("updated_at"),
        ],
        &[
            ("offer_id", "service_offer"),
            ("partner_id", "partner"),
            ("area_id", "area"),
            ("series_id", "slot_series"),
            ("created_by", "account"),
        ],
    );
    // However bookings are written, no slot is oversold.
    table.check(Check::named(
        "service_slot_booked_check",
        Expr::col("booked")
            .gte(0)
            .and(Expr::col("booked").lte(Expr::col("capacity"))),
    ));
    table.check(Check::named(
        "service_slot_waiting_check",
        Expr::col("waiting").gte(0),
    ));
    table
}
