//! Whose partners are whose.

use entity::partner;

use crate::access::policy::Permission;
use crate::access::scope::{Arm, ScopedEntity};

impl ScopedEntity for partner::Entity {
    const AREA: partner::Column = partner::Column::AreaId;
    // A partner belongs to a community or above, where an area is its own grid.
    const GRID: partner::Column = partner::Column::AreaId;
    const ID: partner::Column = partner::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<partner::Column>] {
        match permission {
            // Whoever may write a partner's offers may do it for this partner.
            Permission::PartnerRead | Permission::OfferEdit => {
                &[Arm::AreaButPartner, Arm::Partner(partner::Column::Id)]
            }
            Permission::PartnerEdit => &[Arm::Area],
            _ => &[],
        }
    }
}
