//! Contact card 联系卡: a code inside a home, which shows that the visitor was there.
//!
//! A household has at most one that is current. It belongs to the household wherever that moves.

use sea_orm::entity::prelude::*;

/// One card that was handed out.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_card")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Household in whose home it hangs.
    pub household_id: Uuid,
    /// Keyed hash of the code; the code itself is told once.
    pub code_hash: String,
    /// Wrong codes tried since the last right one.
    pub failed_tries: i32,
    /// Who handed it out.
    pub issued_by: Uuid,
    /// When it was handed out.
    pub issued_at: DateTimeUtc,
    /// When another took its place; none while it is current.
    pub replaced_at: Option<DateTimeUtc>,
    /// Household in whose home it hangs.
    #[sea_orm(belongs_to, from = "household_id", to = "id")]
    pub household: BelongsTo<super::household::Entity>,
    /// Who handed it out.
    #[sea_orm(belongs_to, from = "issued_by", to = "id")]
    pub issuer: BelongsTo<super::account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
