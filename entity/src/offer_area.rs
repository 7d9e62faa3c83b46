//! Where an offer can be booked.

use sea_orm::entity::prelude::*;

/// An area whose households may book an offer.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "offer_area")]
pub struct Model {
    /// Offer.
    #[sea_orm(primary_key, auto_increment = false)]
    pub offer_id: Uuid,
    /// Area, with everything below it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub area_id: Uuid,
    /// Offer.
    #[sea_orm(belongs_to, from = "offer_id", to = "id")]
    pub offer: BelongsTo<super::service_offer::Entity>,
    /// Area.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
