//! Whose offers, packages and slots are whose.

use entity::{service_offer, service_package, service_slot, slot_series};

use crate::access::policy::Permission;
use crate::access::scope::{Arm, ScopedEntity};

impl ScopedEntity for service_offer::Entity {
    const AREA: service_offer::Column = service_offer::Column::AreaId;
    // An offer stands where its partner does: at a community or above, where an area is its own grid.
    const GRID: service_offer::Column = service_offer::Column::AreaId;
    const ID: service_offer::Column = service_offer::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<service_offer::Column>] {
        use service_offer::Column as C;
        match permission {
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
            Permission::OfferEdit => &[Arm::AreaButPartner, Arm::Partner(C::PartnerId)],
            _ => &[],
        }
    }
}
