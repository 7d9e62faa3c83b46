//! Accompaniment 陪同: a volunteer is asked to come along to somebody's home.
//!
//! What the volunteer is told is copied here, so that nothing else is looked at for them.

use sea_orm::entity::prelude::*;

use crate::enums::AccompanimentStatus;

/// One volunteer asked along once.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accompaniment")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who is asked.
    pub account_id: Uuid,
    /// Where it is: the building, where it is one of ours.
    pub area_id: Uuid,
    /// Where it stands in its life.
    pub status: AccompanimentStatus,
    /// When to meet.
    pub at: DateTimeUtc,
    /// First instant at which name and address are no longer shown.
    pub closes_at: DateTimeUtc,
    /// Name of whom they go to, up to 40 characters; empty once it is erased. Protected.
    pub name: String,
    /// Where that is below the building, sealed. Protected.
    pub address_sealed: Option<String>,
    /// Whom to meet.
    pub meet_id: Uuid,
    /// Why they do not come, up to 180 characters.
    pub decline_reason: Option<String>,
    /// Who asked.
    pub asked_by: Uuid,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Who is asked.
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::account::Entity>,
    /// Whom to meet.
    #[sea_orm(belongs_to, relation_enum = "Meet", from = "meet_id", to = "id")]
    pub meet: BelongsTo<super::account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
