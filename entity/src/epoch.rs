//! Numbers that servers compare with what they remember, to know what to read again.

use sea_orm::entity::prelude::*;

/// One thing that is kept in memory by every server.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "epoch")]
pub struct Model {
    /// `access` (grants, accounts, sessions), `areas` (the tree), `log` (the change log's generation,
    /// raised when a backup is restored, so that old sync tokens are refused), or, not counted up,
    /// `keys` and `key:…` (fingerprints of the secret keys).
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Raised by one with every change, in its transaction; starts at 1.
    pub value: i64,
}

impl ActiveModelBehavior for ActiveModel {}
