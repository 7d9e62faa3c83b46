//! Session 登录会话: one sign-in on one device; the family of its refresh tokens.

use sea_orm::entity::prelude::*;

/// A sign-in; refresh tokens and access tokens belong to it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// Primary key, `UUIDv7`; `sid` in the access token.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who signed in.
    pub account_id: Uuid,
    /// What the app says about its device, up to 120 characters. The account itself sees it.
    pub device: Option<String>,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When its tokens were last refreshed.
    pub last_used_at: DateTimeUtc,
    /// When the session ends by itself.
    pub expires_at: DateTimeUtc,
    /// When it was ended early: sign-out, reset, reuse of a refresh token.
    pub revoked_at: Option<DateTimeUtc>,
    /// Why it was ended early, as a code of up to 32 characters.
    pub revoke_reason: Option<String>,
    /// Who signed in.
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
