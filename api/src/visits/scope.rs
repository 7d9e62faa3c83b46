//! Whose visit tasks are whose.

use entity::visit_task;

use crate::access::policy::Permission;
use crate::access::scope::{Arm, ScopedEntity};

impl ScopedEntity for visit_task::Entity {
    const AREA: visit_task::Column = visit_task::Column::AreaId;
    const GRID: visit_task::Column = visit_task::Column::GridId;
    const ID: visit_task::Column = visit_task::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<visit_task::Column>] {
        use visit_task::Column as C;
        match permission {
            // A claim's holder keeps sight of it whatever became of area or grant, and may raise an alarm.
            Permission::VisitRead | Permission::AlarmRaise => &[Arm::Area, Arm::Mine(C::ClaimedBy)],
            Permission::VisitCarryOut => &[Arm::Mine(C::ClaimedBy)],
            // Who moves a resident moves the visits that are still to be made to them.
            Permission::VisitClaim
            | Permission::VisitCancel
            | Permission::VisitReassign
            | Permission::VisitRecord
            | Permission::FindingConfirm
            | Permission::MealEdit
            | Permission::DeskRead
            | Permission::AreaEdit
            | Permission::CertificationConfirm
            | Permission::ResidentEdit => &[Arm::Area],
            Permission::VisitVerify => &[Arm::AreaAtLevel(C::VerifyLevel)],
            _ => &[],
        }
    }
}
