//! Staging of an account import: a person and one of their grants per row.
//!
//! No foreign keys; purged by age; not logged on PostgreSQL (a crash empties it). Protected as the
//! tables it is merged into.

use sea_orm::entity::prelude::*;

use crate::enums::{ImportAction, Role};

/// A checked row of an accounts sheet.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_account")]
pub struct Model {
    /// Import the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub import_id: Uuid,
    /// Place of the row among the rows of the import, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ordinal: i32,
    /// Account it creates or updates.
    pub account_id: Uuid,
    /// Whether the account is to be created; true on the first row that names it.
    pub account_is_new: bool,
    /// As in [`account`](crate::account).
    pub name: String,
    /// As in [`account`](crate::account).
    pub phone_sealed: String,
    /// As in [`account`](crate::account).
    pub phone_hash: String,
    /// Hash of the first-sign-in code of a new account.
    pub code_hash: Option<String>,
    /// Until when that code may be used.
    pub code_expires_at: Option<DateTimeUtc>,
    /// Grant to create or update.
    pub grant_id: Uuid,
    /// What to do with the grant: INSERT, UPDATE, or REPLACE one that ended by itself.
    pub grant_action: ImportAction,
    /// As in [`role_grant`](crate::role_grant).
    pub role: Role,
    /// As in [`role_grant`](crate::role_grant).
    pub area_id: Uuid,
    /// As in [`role_grant`](crate::role_grant).
    pub valid_until: Option<DateTimeUtc>,
    /// When it was staged; leftovers are purged by it.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
