//! Whose evidence is whose: it lies where its check lies.

use entity::{attachment, certification_check};

use crate::access::policy::Permission;
use crate::access::scope::{Arm, Reaches, ScopedEntity};

impl ScopedEntity for certification_check::Entity {
    const AREA: certification_check::Column = certification_check::Column::AreaId;
    const GRID: certification_check::Column = certification_check::Column::GridId;
    const ID: certification_check::Column = certification_check::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<certification_check::Column>] {
        match permission {
            Permission::EvidenceAdd | Permission::EvidenceRead => &[Arm::Area],
            _ => &[],
        }
    }
}

/// Whoever sees a check sees what proves it.
impl Reaches<attachment::Entity> for certification_check::Model {
    fn key(&self) -> uuid::Uuid {
        self.id
    }

    fn column() -> attachment::Column {
        attachment::Column::CheckId
    }
}
