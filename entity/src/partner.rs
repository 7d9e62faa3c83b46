//! Partner 社区合伙人: a shop, an alliance, an institution that serves the community.

use sea_orm::entity::prelude::*;

use crate::enums::PartnerStatus;

/// A partner. Its people are [`super::partner_member`], the places opened to it [`super::partner_area`].
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partner")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Area that took it on: a community or above.
    pub area_id: Uuid,
    /// Its name, up to 60 characters; with `area_id` unique.
    pub name: String,
    /// Whether it works with the community.
    pub status: PartnerStatus,
    /// Why it ended, up to 180 characters.
    pub end_reason: Option<String>,
    /// Who ended it.
    pub ended_by: Option<Uuid>,
    /// When it was ended.
    pub ended_at: Option<DateTimeUtc>,
    /// Who put it down.
    pub created_by: Uuid,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Area that took it on.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
