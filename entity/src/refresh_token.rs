//! Refresh token: only its hash is stored; each is used once and has one successor.

use sea_orm::entity::prelude::*;

/// A refresh token of a session.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_token")]
pub struct Model {
    /// Hash of the opaque token; primary key. Never leaves the server.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: String,
    /// Session (family) it belongs to.
    pub session_id: Uuid,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When it can no longer be used.
    pub expires_at: DateTimeUtc,
    /// When it was exchanged; using it again after the grace revokes the session.
    pub used_at: Option<DateTimeUtc>,
    /// Session it belongs to.
    #[sea_orm(belongs_to, from = "session_id", to = "id")]
    pub session: BelongsTo<super::session::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
