//! What is cleared away by its age is found by it.

use sea_orm_migration::prelude::*;

use crate::table::{index, only};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_index(index("session", &["expires_at"]))
            .await?;
        manager
            .create_index(only(
                index("session", &["revoked_at"]),
                "session_revoked_at_idx",
                Expr::col("revoked_at").is_not_null(),
            ))
            .await?;
        manager
            .create_index(index("refresh_token", &["expires_at"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in [
            "refresh_token_expires_at_idx",
            "session_revoked_at_idx",
            "session_expires_at_idx",
        ] {
            manager
                .drop_index(Index::drop().name(name).to_owned())
                .await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
