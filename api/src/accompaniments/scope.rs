//! Whose accompaniments are whose.

use entity::accompaniment;

use crate::access::policy::Permission;
use crate::access::scope::{Arm, ScopedEntity};

impl ScopedEntity for accompaniment::Entity {
    const AREA: accompaniment::Column = accompaniment::Column::AreaId;
    // No column of its own: nobody reads them by their place.
    const GRID: accompaniment::Column = accompaniment::Column::AreaId;
    const ID: accompaniment::Column = accompaniment::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<accompaniment::Column>] {
        match permission {
            Permission::VisitCarryOut => &[Arm::Mine(accompaniment::Column::AccountId)],
            _ => &[],
        }
    }
}
