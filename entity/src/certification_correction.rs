//! Correction of a closed round: an entry that points at its check, which stays as it was.

use sea_orm::entity::prelude::*;

use crate::enums::CheckOutcome;

/// One entry.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "certification_correction")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Check that it is about.
    pub check_id: Uuid,
    /// Who entered it.
    pub account_id: Uuid,
    /// What should have been found, where that differs.
    pub outcome: Option<CheckOutcome>,
    /// Day of death or of the move, where that differs.
    pub holds_on: Option<Date>,
    /// Why, up to 180 characters.
    pub reason: String,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// Check that it is about.
    #[sea_orm(belongs_to, from = "check_id", to = "id")]
    pub check: BelongsTo<super::certification_check::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
