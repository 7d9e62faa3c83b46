//! Account 账号: a person who signs in. Residents have none.

use sea_orm::entity::prelude::*;

use crate::enums::AccountStatus;

/// Someone who can sign in by phone number.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Phone number, sealed. The person's own and those who administer accounts in scope.
    pub phone_sealed: String,
    /// Keyed hash of the phone number; unique. Sign-in finds the account by it.
    pub phone_hash: String,
    /// The person's name, up to 40 characters. Colleagues in scope see it.
    pub name: String,
    /// Whether the account may sign in.
    pub status: AccountStatus,
    /// Argon2id hash in PHC form; none until the account is activated. Never leaves the server.
    pub password_hash: Option<String>,
    /// Hash of the one-time first-sign-in code; none when there is no code to use. Never leaves the
    /// server.
    pub code_hash: Option<String>,
    /// When that code stops to hold.
    pub code_expires_at: Option<DateTimeUtc>,
    /// Wrong passwords or codes since the last success.
    pub failed_attempts: i32,
    /// Sign-in is refused until then after too many wrong tries.
    pub locked_until: Option<DateTimeUtc>,
    /// Raised whenever a grant changes; a token with another `gv` is stale. Starts at 1.
    pub grants_version: i64,
    /// When `grants_version` was last raised (server's clock).
    pub access_changed_at: DateTimeUtc,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
