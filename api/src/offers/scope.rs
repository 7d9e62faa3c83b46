//! Whose offers, packages and slots are whose.

use entity::{offer_area, service_offer, service_package, service_slot, slot_series};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Expr, Query, SelectStatement};

use super::rules::SHOWN;
use crate::access::policy::Permission;
use crate::access::scope::{Arm, Near, Reaches, ScopedEntity};

impl ScopedEntity for service_offer::Entity {
    const AREA: service_offer::Column = service_offer::Column::AreaId;
    // An offer stands where its partner does: at a community or above, where an area is its own grid.
    const GRID: service_offer::Column = service_offer::Column::AreaId;
    const ID: service_offer::Column = service_offer::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<service_offer::Column>] {
        use service_offer::Column as C;
        match permission {
            Permission::OfferRead => &[
                Arm::AreaWith(Permission::OfferEdit),
                Arm::Partner(C::PartnerId),
                Arm::Offered(C::Id, published),
            ],
            Permission::OfferEdit => &[Arm::AreaButPartner, Arm::Partner(C::PartnerId)],
            Permission::OfferPublish => &[Arm::Area],
            _ => &[],
        }
    }
}

impl ScopedEntity for service_package::Entity {
    const AREA: service_package::Column = service_package::Column::AreaId;
    const GRID: service_package::Column = service_package::Column::AreaId;
    const ID: service_package::Column = service_package::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<service_package::Column>] {
        match permission {
            Permission::OfferRead => &[
                Arm::AreaWith(Permission::OfferPublish),
                Arm::Offered(service_package::Column::Id, packaged),
            ],
            Permission::OfferPublish => &[Arm::Area],
            _ => &[],
        }
    }
}

impl ScopedEntity for slot_series::Entity {
    const AREA: slot_series::Column = slot_series::Column::AreaId;
    const GRID: slot_series::Column = slot_series::Column::AreaId;
    const ID: slot_series::Column = slot_series::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<slot_series::Column>] {
        use slot_series::Column as C;
        match permission {
            Permission::OfferEdit => &[Arm::AreaButPartner, Arm::Partner(C::PartnerId)],
            _ => &[],
        }
    }
}

impl ScopedEntity for service_slot::Entity {
    const AREA: service_slot::Column = service_slot::Column::AreaId;
    const GRID: service_slot::Column = service_slot::Column::AreaId;
    const ID: service_slot::Column = service_slot::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<service_slot::Column>] {
        use service_slot::Column as C;
        match permission {
            Permission::OfferRead => &[
                Arm::AreaWith(Permission::OfferEdit),
                Arm::Partner(C::PartnerId),
                Arm::Offered(C::OfferId, published),
            ],
            Permission::OfferEdit => &[Arm::AreaButPartner, Arm::Partner(C::PartnerId)],
            _ => &[],
        }
    }
}

/// The offer of a slot is seen with it.
impl Reaches<service_offer::Entity> for service_slot::Model {
    fn key(&self) -> uuid::Uuid {
        self.offer_id
    }
    fn column() -> service_offer::Column {
        service_offer::Column::Id
    }
}

/// The offers that stand near.
pub(super) fn standing(near: &Near) -> SelectStatement {
    use offer_area::Column as A;
    Query::select()
        .column((offer_area::Entity, A::OfferId))
        .from(offer_area::Entity)
        .and_where(near.holds(Expr::col((offer_area::Entity, A::AreaId))))
        .to_owned()
}

/// The published offers that stand near.
fn published(near: &Near) -> SelectStatement {
    use service_offer::Column as C;
    Query::select()
        .column((service_offer::Entity, C::Id))
        .from(service_offer::Entity)
        .and_where(C::Status.eq(SHOWN))
        .and_where(C::Id.in_subquery(standing(near)))
        .to_owned()
}

/// The published packages of an area near.
fn packaged(near: &Near) -> SelectStatement {
    use service_package::Column as C;
    Query::select()
        .column((service_package::Entity, C::Id))
        .from(service_package::Entity)
        .and_where(C::Status.eq(SHOWN))
        .and_where(near.holds(Expr::col((service_package::Entity, C::AreaId))))
        .to_owned()
}
