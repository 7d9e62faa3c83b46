//! Attempt 未果记录 at a check: nobody was met, and the check stays unresolved.

use sea_orm::entity::prelude::*;

use crate::enums::{CertificationChannel, CheckAttemptReason};

/// One try.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "certification_attempt")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Check it was for.
    pub check_id: Uuid,
    /// Who tried.
    pub account_id: Uuid,
    /// When.
    pub occurred_at: DateTimeUtc,
    /// How.
    pub channel: CertificationChannel,
    /// Why nobody was met.
    pub reason: CheckAttemptReason,
    /// What else was written, sealed.
    pub notes_sealed: Option<String>,
    /// Session or slot to which they did not come.
    pub session_id: Option<Uuid>,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// Check it was for.
    #[sea_orm(belongs_to, from = "check_id", to = "id")]
    pub check: BelongsTo<super::certification_check::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
