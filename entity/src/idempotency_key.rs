//! Idempotency key: lets a phone repeat a mutation without a second effect.
//!
//! Written first in the transaction, completed last; purged after 30 days.

use sea_orm::entity::prelude::*;

/// A mutation that took effect, and its outcome.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    /// Whose key; no foreign key, since rows are purged by age.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// Key chosen by the phone.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: Uuid,
    /// Name of the mutation, up to 60 characters.
    pub mutation: String,
    /// Keyed hash of the input; another input under the key is refused.
    pub input_hash: String,
    /// Ids, codes and version to render a replay from, never fields; none until completed.
    pub outcome: Option<String>,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
