//! Duty 值班: whose turn it is in an area; without a shift everybody who answers for it is on duty.

use sea_orm::entity::prelude::*;

/// One turn of one person.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "duty_shift")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// For this grid, compound, community or higher.
    pub area_id: Uuid,
    /// Whose turn.
    pub account_id: Uuid,
    /// First instant on duty.
    pub from_at: DateTimeUtc,
    /// First instant no longer on duty.
    pub until_at: DateTimeUtc,
    /// Who planned it.
    pub planned_by: Uuid,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Where.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
    /// Whose turn.
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
