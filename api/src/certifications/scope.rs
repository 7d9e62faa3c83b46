//! Whose rounds, checks and hand-overs are whose.

use entity::enums::AreaKind;
use entity::{
    certification_check, certification_hand_over, certification_round, certification_session,
};

use crate::access::policy::{Permission, level};
use crate::access::scope::{Arm, ScopedEntity};

/// The level of area from which on a grant settles, however low a round lets checks be confirmed: the street.
pub(super) const SETTLING_LEVEL: i32 = level(AreaKind::Street);

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
            // The station to which a check was handed over sees it, with whom it certifies and what proves it.
            Permission::BeneficiaryRead | Permission::EvidenceAdd | Permission::EvidenceRead => {
                &[Arm::Area, Arm::Shared(C::HandedToAreaId)]
            }
            // One of the two schedules and checks: until it is handed over the one that answers for it.
            Permission::CertificationPlan | Permission::CertificationCheck => &[
                Arm::AreaUnlessShared(C::HandedToAreaId),
                Arm::Shared(C::HandedToAreaId),
            ],
            // Totals stay where the roster is.
            Permission::CertificationCoverageRead => &[Arm::Area],
            Permission::CertificationConfirm => &[Arm::AreaAtLevel(C::ConfirmLevel)],
            Permission::CertificationSettle => {
                &[Arm::AreaAtLevelFrom(C::ConfirmLevel, SETTLING_LEVEL)]
            }
            _ => &[],
        }
    }
}

impl ScopedEntity for certification_hand_over::Entity {
    const AREA: certification_hand_over::Column = certification_hand_over::Column::FromAreaId;
    // No column of its own: hand-overs are few.
    const GRID: certification_hand_over::Column = certification_hand_over::Column::FromAreaId;
    const ID: certification_hand_over::Column = certification_hand_over::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<certification_hand_over::Column>] {
        use certification_hand_over::Column as C;
        match permission {
            Permission::BeneficiaryRead => &[Arm::Area, Arm::Shared(C::ToAreaId)],
            // Whoever plans a check offers it and takes it back; whoever would check it decides.
            Permission::CertificationPlan => &[Arm::Area],
            Permission::CertificationCheck => &[Arm::Shared(C::ToAreaId)],
            _ => &[],
        }
    }
}
