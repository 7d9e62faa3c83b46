//! Notice 提醒: that somebody was told of something that asks for them. It names nobody.

use sea_orm::entity::prelude::*;

use crate::enums::AreaKind;

/// What one person was told, at one level, of one alarm, escalation or booking.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who is told.
    pub account_id: Uuid,
    /// Where it is.
    pub area_id: Uuid,
    /// The escalation it is about.
    pub escalation_id: Option<Uuid>,
    /// The alarm it is about.
    pub alarm_id: Option<Uuid>,
    /// The booking it is about, for which a place is held.
    pub booking_id: Option<Uuid>,
    /// At which level they were told.
    pub level: AreaKind,
    /// In whose stead.
    pub stands_in_for: Option<Uuid>,
    /// From when it is shown: after quiet hours, of an alarm at once.
    pub shown_at: DateTimeUtc,
    /// When they said that they have seen it.
    pub seen_at: Option<DateTimeUtc>,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// Who is told.
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::account::Entity>,
    /// Where it is.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
