//! Reports in full: who held which claim, cards inside homes, and which reports a person must verify.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, integer_null, pk_uuid, string_len, string_len_null, uuid,
};

use crate::table::{
    add_columns, at, at_null, default, drop_columns, drop_tables, enumeration, index, key, only,
    table, version,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(
            manager,
            "visit_report",
            vec![string_len_null("proposed_tier", 32)],
        )
        .await?;
        claims(manager).await?;
        cards(manager).await?;
        verification_rules(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &["verification_rule", "contact_card", "visit_claim"],
        )
        .await?;
        drop_columns(
            manager,
            "visit_report",
            &[string_len_null("proposed_tier", 32)],
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Who took which task on, and when.
async fn claims(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table(
                "visit_claim",
                vec![uuid("visit_task_id"), uuid("account_id"), at("claimed_at")],
                &[("visit_task_id", "visit_task"), ("account_id", "account")],
            )
            .primary_key(&mut key(&["visit_task_id", "account_id", "claimed_at"]))
            .take(),
        )
        .await?;
    manager
        .create_index(index("visit_claim", &["account_id", "claimed_at"]))
        .await?;
    // Claims from before this table, as far as their tasks still tell.
    let known = Query::select()
        .columns(["id", "claimed_by", "claimed_at"])
        .from("visit_task")
        .and_where(Expr::col("claimed_by").is_not_null())
        .and_where(Expr::col("claimed_at").is_not_null())
        .take();
    let copy = Query::insert()
        .into_table("visit_claim")
        .columns(["visit_task_id", "account_id", "claimed_at"])
        .select_from(known)
        .map_err(|error| DbErr::Custom(error.to_string()))?
        .take();
    manager.execute(copy).await
}

/// The code that hangs inside a home.
async fn cards(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "contact_card",
            vec![
                pk_uuid("id"),
                uuid("household_id"),
                string_len("code_hash", 64),
                default(integer("failed_tries"), 0),
                uuid("issued_by"),
                at("issued_at"),
                at_null("replaced_at"),
            ],
            &[("household_id", "household"), ("issued_by", "account")],
        ))
        .await?;
    let mut current = only(
        index("contact_card", &["household_id"]),
        "contact_card_current_key",
        Expr::col("replaced_at").is_null(),
    );
    current.unique();
    manager.create_index(current).await
}

/// How reports of a kind are verified in an area, for one tier or for all others.
async fn verification_rules(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "verification_rule",
            vec![
                pk_uuid("id"),
                uuid("area_id"),
                enumeration("kind"),
                string_len_null("tier", 32),
                enumeration("mode"),
                integer_null("percent"),
                integer_null("hours"),
                version(),
                at("created_at"),
                at("updated_at"),
            ],
            &[("area_id", "area")],
        ))
        .await?;
    // An absent tier equals no other in a unique key, so each case has its own.
    for (columns, name, condition) in [
        (
            &["area_id", "kind", "tier"][..],
            "verification_rule_tier_key",
            Expr::col("tier").is_not_null(),
        ),
        (
            &["area_id", "kind"][..],
            "verification_rule_general_key",
            Expr::col("tier").is_null(),
        ),
    ] {
        let mut one = only(index("verification_rule", columns), name, condition);
        one.unique();
        manager.create_index(one).await?;
    }
    Ok(())
}
