//! Correction 更正: a counter-entry in a service record; what was counted stays.

use sea_orm::entity::prelude::*;

/// Minutes added to a service record, or taken from it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service_correction")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The volunteer.
    pub account_id: Uuid,
    /// Area of the volunteer's grant through which it was made; reports of that area count it.
    pub area_id: Uuid,
    /// How many; negative where they are taken away.
    pub minutes: i32,
    /// Day to which they count.
    pub counts_on: Date,
    /// Why, up to 200 characters.
    pub reason: String,
    /// Account that wrote it down; never the volunteer themselves.
    pub recorded_by: Uuid,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// The volunteer.
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::account::Entity>,
    /// Area of the volunteer's grant through which it was made.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
    /// Who wrote it down.
    #[sea_orm(
        belongs_to,
        relation_enum = "Recorder",
        from = "recorded_by",
        to = "id"
    )]
    pub recorder: BelongsTo<super::account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
