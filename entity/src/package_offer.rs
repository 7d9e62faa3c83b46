//! Which offers a package shows.

use sea_orm::entity::prelude::*;

/// An offer in a package.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "package_offer")]
pub struct Model {
    /// Package.
    #[sea_orm(primary_key, auto_increment = false)]
    pub package_id: Uuid,
    /// Offer.
    #[sea_orm(primary_key, auto_increment = false)]
    pub offer_id: Uuid,
    /// Its place in the package, from 0.
    pub position: i32,
    /// Package.
    #[sea_orm(belongs_to, from = "package_id", to = "id")]
    pub package: BelongsTo<super::service_package::Entity>,
    /// Offer.
    #[sea_orm(belongs_to, from = "offer_id", to = "id")]
    pub offer: BelongsTo<super::service_offer::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
