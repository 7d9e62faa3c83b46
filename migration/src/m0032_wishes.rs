//! Wishes, their bookings and hands.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, date_null, integer, integer_null, pk_uuid, string_len, string_len_null, text_null,
    uuid, uuid_null,
};

use crate::table::{
    at, at_null, drop_tables, enumeration, enumeration_null, index, only, table, unique, version,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [wish(), booking(), wish_hand(), wish_word()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["wish_word", "wish_hand", "booking", "wish"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("wish", &["grid_id", "status", "id"]),
        index("wish", &["area_id", "id"]),
        index("wish", &["household_id", "id"]),
        index("wish", &["partner_id", "id"]),
        only(
            index("wish", &["agrees_at", "id"]),
            "wish_fulfilled_idx",
            Expr::col("status").eq("FULFILLED"),
        ),
        only(
            index("wish", &["expires_on", "id"]),
            "wish_open_idx",
            Expr::col("status").eq("OPEN"),
        ),
        unique("booking", &["slot_id", "ticket"]),
        // Whoever books at the same moment, of a wish one booking lives, and of a household one where the offer says so.
        only(
            unique("booking", &["wish_id"]),
            "booking_wish_id_live_key",
            is_live(),
        ),
        only(
            unique("booking", &["household_id", "offer_id"]),
            "booking_household_id_offer_id_live_key",
            Expr::col("is_single").eq(true).and(is_live()),
        ),
        index("booking", &["household_id", "id"]),
        index("booking", &["grid_id", "starts_at", "slot_id", "ticket"]),
        index("booking", &["partner_id", "starts_at", "slot_id", "ticket"]),
        only(
            index("booking", &["starts_at", "id"]),
            "booking_undecided_idx",
            Expr::col("status").is_in(["REQUESTED", "WAITLISTED"]),
        ),
        only(
            index("booking", &["confirm_until", "id"]),
            "booking_offered_idx",
            Expr::col("status").eq("OFFERED"),
        ),
        only(
            unique("wish_hand", &["wish_id", "account_id"]),
            "wish_hand_once_key",
            stays(),
        ),
        only(
            unique("wish_hand", &["wish_id"]),
            "wish_hand_doer_key",
            Expr::col("part").eq("DOER").and(stays()),
        ),
        index("wish_hand", &["account_id", "starts_at"]),
        index("wish_hand", &["grid_id", "status", "id"]),
        index("wish_word", &["wish_id", "id"]),
    ]
}

fn wish() -> TableCreateStatement {
    table(
        "wish",
        vec![
            pk_uuid("id"),
            uuid("household_id"),
            uuid_null("resident_id"),
            uuid("area_id"),
            uuid("grid_id"),
            enumeration("category"),
            string_len("words", 300),
            text_null("notes_sealed"),
            enumeration("urgency"),
            enumeration("status"),
            enumeration("how"),
            uuid("recorded_by"),
            uuid_null("visit_task_id"),
            date_null("expires_on"),
            uuid_null("offer_id"),
            uuid_null("partner_id"),
            integer("hands"),
            at_null("starts_at"),
            at_null("ends_at"),
            string_len_null("code_hash", 64),
            uuid_null("code_by"),
            at_null("code_expires_at"),
            integer("code_tries"),
            at_null("begun_at"),
            uuid_null("fulfilled_by"),
            at_null("fulfilled_at"),
            enumeration_null("proof"),
            at_null("agrees_at"),
            boolean("is_silent"),
            integer_null("rating"),
            at_null("closed_at"),
            string_len_null("end_reason", 180),
            uuid_null("ended_by"),
            integer("complaints"),
            version(),
            at("created_at"),
            at("updated_at"),
        ],
        &[
            ("household_id", "household"),
            ("resident_id", "resident"),
            ("area_id", "area"),
            ("grid_id", "area"),
            ("recorded_by", "account"),
            ("visit_task_id", "visit_task"),
            ("offer_id", "service_offer"),
            ("partner_id", "partner"),
            ("code_by", "account"),
            ("fulfilled_by", "account"),
            ("ended_by", "account"),
        ],
    )
}

fn booking() -> TableCreateStatement {
    table(
        "booking",
        vec![
            pk_uuid("id"),
            uuid("slot_id"),
            uuid("offer_id"),
            uuid("partner_id"),
            uuid("wish_id"),
            uuid("household_id"),
            uuid_null("resident_id"),
            uuid("area_id"),
            uuid("grid_id"),
            enumeration("status"),
            integer("ticket"),
            boolean("is_single"),
            at("starts_at"),
            at("ends_at"),
            enumeration("how"),
            uuid("booked_by"),
            at_null("confirm_until"),
            uuid_null("confirmed_by"),
            at_null("confirmed_at"),
            enumeration_null("cancelled_by"),
            string_len_null("end_reason", 180),
            uuid_null("ended_by"),
            at_null("ended_at"),
            version(),
            at("created_at"),
            at("updated_at"),
        ],
        &[
            ("slot_id", "service_slot"),
            ("offer_id", "service_offer"),
            ("partner_id", "partner"),
            ("wish_id", "wish"),
            ("household_id", "household"),
            ("resident_id", "resident"),
            ("area_id", "area"),
            ("grid_id", "area"),
            ("booked_by", "account"),
            ("confirmed_by", "account"),
            ("ended_by", "account"),
        ],
    )
}

fn wish_hand() -> TableCreateStatement {
    let mut table = table(
        "wish_hand",
        vec![
            pk_uuid("id"),
            uuid("wish_id"),
            uuid("account_id"),
            uuid_null("partner_id"),
            uuid("area_id"),
            uuid("grid_id"),
            enumeration("part"),
            enumeration("status"),
            at_null("starts_at"),
            at_null("ends_at"),
            integer_null("minutes"),
            string_len_null("leave_reason", 180),
            uuid_null("verified_by"),
            at_null("verified_at"),
            version(),
            at("created_at"),
            at("updated_at"),
        ],
        &[
            ("wish_id", "wish"),
            ("account_id", "account"),
            ("partner_id", "partner"),
            ("area_id", "area"),
            ("grid_id", "area"),
            ("verified_by", "account"),
        ],
    );
    // Nobody verifies their own minutes.
    table.check(Check::named(
        "wish_hand_verified_by_check",
        Expr::col("verified_by").ne(Expr::col("account_id")),
    ));
    table
}

fn wish_word() -> TableCreateStatement {
    table(
        "wish_word",
        vec![
            pk_uuid("id"),
            uuid("wish_id"),
            enumeration("kind"),
            integer_null("rating"),
            text_null("words_sealed"),
            enumeration("how"),
            uuid_null("resident_id"),
            uuid("entered_by"),
            at("created_at"),
        ],
        &[
            ("wish_id", "wish"),
            ("resident_id", "resident"),
            ("entered_by", "account"),
        ],
    )
}

fn is_live() -> Expr {
    Expr::col("status").is_in(["REQUESTED", "WAITLISTED", "OFFERED", "CONFIRMED"])
}

/// Whose part in a wish goes on; verified minutes are history, and after a complaint the same people may come again.
fn stays() -> Expr {
    Expr::col("status").is_in(["JOINED", "SERVED"])
}
