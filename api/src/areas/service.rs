//! Areas within a reader's scope.

use entity::area;

use crate::access::policy::Permission;
use crate::access::scope::{Arm, ScopedEntity};

/// An area belongs to itself: a scope covers it by its own key.
impl ScopedEntity for area::Entity {
    const AREA: area::Column = area::Column::Id;
    const GRID: area::Column = area::Column::Id;
    const ID: area::Column = area::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<area::Column>] {
        match permission {
            Permission::AreaRead => &[Arm::Area],
            _ => &[],
        }
    }
}
