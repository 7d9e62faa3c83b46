//! Where a partner may serve: the areas that their community opened to it.

use sea_orm::entity::prelude::*;

/// An area that is opened to a partner, with everything below it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partner_area")]
pub struct Model {
    /// Partner.
    #[sea_orm(primary_key, auto_increment = false)]
    pub partner_id: Uuid,
    /// Area opened to it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub area_id: Uuid,
    /// Who opened it last.
    pub opened_by: Uuid,
    /// Who closed it.
    pub closed_by: Option<Uuid>,
    /// When it was closed; it is open while absent.
    pub closed_at: Option<DateTimeUtc>,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// Partner.
    #[sea_orm(belongs_to, from = "partner_id", to = "id")]
    pub partner: BelongsTo<super::partner::Entity>,
    /// Area opened to it.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
