//! Whose rounds and checks are whose.

use entity::{certification_check, certification_round, certification_session};

use crate::access::policy::Permission;
use crate::access::scope::{Arm, ScopedEntity};

impl ScopedEntity for certification_round::Entity {
    const AREA: certification_round::Column = certification_round::Column::AreaId;
    // A round stands at a community or above, where an area is its own grid.
    const GRID: certification_round::Column = certification_round::Column::AreaId;
    const ID: certification_round::Column = certification_round::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<certification_round::Column>] {
        match permission {
            Permission::BeneficiaryRead
            | Permission::CertificationPlan
            | Permission::CertificationCoverageRead => &[Arm::Area],
            _ => &[],
        }
    }
}

impl ScopedEntity for certification_session::Entity {
    const AREA: certification_session::Column = certification_session::Column::AreaId;
    // Few, and never listed by grid.
    const GRID: certification_session::Column = certification_session::Column::AreaId;
    const ID: certification_session::Column = certification_session::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<certification_session::Column>] {
        match permission {
            Permission::BeneficiaryRead | Permission::CertificationPlan => &[Arm::Area],
            _ => &[],
        }
    }
}

impl ScopedEntity for certification_check::Entity {
    const AREA: certification_check::Column = certification_check::Column::AreaId;
    const GRID: certification_check::Column = certification_check::Column::GridId;
    const ID: certification_check::Column = certification_check::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<certification_check::Column>] {
        use certification_check::Column as C;
        match permission {
            Permission::BeneficiaryRead
            | Permission::CertificationPlan
            | Permission::CertificationCheck
            | Permission::EvidenceAdd
            | Permission::EvidenceRead
            | Permission::CertificationCoverageRead => &[Arm::Area],
            Permission::CertificationConfirm | Permission::CertificationSettle => {
                &[Arm::AreaAtLevel(C::ConfirmLevel)]
            }
            _ => &[],
        }
    }
}
