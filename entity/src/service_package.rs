//! Package 便民服务套餐: offers that are shown together under a name.

use sea_orm::entity::prelude::*;

use crate::enums::OfferStatus;

/// A package. Its offers are [`super::package_offer`].
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service_package")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Area that publishes it.
    pub area_id: Uuid,
    /// Its name, up to 60 characters; with `area_id` unique.
    pub title: String,
    /// What it is for, up to 500 characters.
    pub description: Option<String>,
    /// Where it stands in its life.
    pub status: OfferStatus,
    /// Who wrote it down.
    pub created_by: Uuid,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Area that publishes it.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
