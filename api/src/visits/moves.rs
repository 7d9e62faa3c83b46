//! Visits follow the person they are for.

use entity::enums::ChangeKind;
use entity::{household, resident, visit_task};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _};

use super::rules;
use crate::access::policy::Permission;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::Result;

/// Takes the visits that are still to be made to a resident from their old household to `home`.
///
/// Visits made stay where they were made, and so do visits to the household as a whole. Whoever has
/// claimed one keeps it.
pub async fn follow(
    cx: &Cx,
    tx: &Tx,
    resident: &resident::Model,
    home: &household::Model,
) -> Result<Vec<Changed>> {
    use visit_task::Column as C;
    let tasks = cx
        .actor()?
        .scoped::<visit_task::Entity>(Permission::ResidentEdit)
        .filter(C::ResidentId.eq(resident.id))
        .filter(C::HouseholdId.eq(resident.household_id))
        .filter(C::Status.is_in(rules::TO_BE_MADE.to_vec()))
        .update(tx, |update| {
            update
                .value(C::HouseholdId, home.id)
                .value(C::AreaId, home.area_id)
                .value(C::GridId, home.grid_id)
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
        })
        .await?;
    Ok(tasks
        .into_iter()
        .map(|task| Changed {
            kind: ChangeKind::VisitTask,
            id: task.id,
            area_before: Some(resident.area_id),
            area_after: Some(home.area_id),
        })
        .collect())
}
