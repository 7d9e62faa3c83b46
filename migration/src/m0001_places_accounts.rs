//! Places: areas and their closure. Accounts: grants, sessions, refresh tokens.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, date_null, double_null, integer, pk_uuid, string_len, string_len_null,
    string_len_uniq, text, text_null, uuid, uuid_null,
};

use crate::table::{
    at, at_null, default, drop_tables, enumeration, index, key, only, table, unique, version,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        areas(manager).await?;
        accounts(manager).await?;
        sessions(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &[
                "refresh_token",
                "session",
                "role_grant",
                "account",
                "area_closure",
                "area",
            ],
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// The tree of areas.
async fn areas(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "area",
            vec![
                pk_uuid("id"),
                uuid_null("parent_id"),
                enumeration("kind"),
                string_len_uniq("code", 64),
                string_len("name", 80),
                double_null("latitude"),
                double_null("longitude"),
                default(string_len("time_zone", 40), "Asia/Shanghai"),
                date_null("retired_on"),
                uuid_null("successor_id"),
                version(),
                at("created_at"),
                at("updated_at"),
            ],
            &[("parent_id", "area"), ("successor_id", "area")],
        ))
        .await?;
    manager.create_index(index("area", &["parent_id"])).await?;
    manager
        .create_table(
            table(
                "area_closure",
                vec![uuid("ancestor_id"), uuid("descendant_id"), integer("depth")],
                &[("ancestor_id", "area"), ("descendant_id", "area")],
            )
            .primary_key(&mut key(&["ancestor_id", "descendant_id"]))
            .take(),
        )
        .await?;
    manager
        .create_index(index("area_closure", &["descendant_id", "ancestor_id"]))
        .await
}

/// Accounts and what they are granted.
async fn accounts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "account",
            vec![
                pk_uuid("id"),
                text("phone_sealed"),
                string_len_uniq("phone_hash", 64),
                string_len("name", 40),
                enumeration("status"),
                text_null("password_hash"),
                string_len_null("code_hash", 128),
                at_null("code_expires_at"),
                default(integer("failed_attempts"), 0),
                at_null("locked_until"),
                default(big_integer("grants_version"), 1),
                at("access_changed_at"),
                version(),
                at("created_at"),
                at("updated_at"),
            ],
            &[],
        ))
        .await?;
    manager
        .create_table(table(
            "role_grant",
            vec![
                pk_uuid("id"),
                uuid("account_id"),
                enumeration("role"),
                uuid("area_id"),
                at("valid_from"),
                at_null("valid_until"),
                uuid_null("granted_by"),
                at("created_at"),
                at_null("revoked_at"),
                uuid_null("revoked_by"),
            ],
            &[
                ("account_id", "account"),
                ("area_id", "area"),
                ("granted_by", "account"),
                ("revoked_by", "account"),
            ],
        ))
        .await?;
    manager
        .create_index(only(
            unique("role_grant", &["account_id", "role", "area_id"]),
            "role_grant_standing_key",
            Expr::col("revoked_at").is_null(),
        ))
        .await?;
    manager
        .create_index(index("role_grant", &["account_id"]))
        .await?;
    manager
        .create_index(index("role_grant", &["area_id", "role"]))
        .await
}

/// Sessions and their refresh tokens.
async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "session",
            vec![
                pk_uuid("id"),
                uuid("account_id"),
                string_len_null("device", 120),
                at("created_at"),
                at("last_used_at"),
                at("expires_at"),
                at_null("revoked_at"),
                string_len_null("revoke_reason", 32),
            ],
            &[("account_id", "account")],
        ))
        .await?;
    manager
        .create_index(index("session", &["account_id"]))
        .await?;
    manager
        .create_table(table(
            "refresh_token",
            vec![
                string_len("token_hash", 64).primary_key().take(),
                uuid("session_id"),
                at("created_at"),
                at("expires_at"),
                at_null("used_at"),
            ],
            &[("session_id", "session")],
        ))
        .await?;
    manager
        .create_index(index("refresh_token", &["session_id"]))
        .await
}
