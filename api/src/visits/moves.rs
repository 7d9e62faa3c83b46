//! Visits follow the people and households they are for.
//!
//! Only visits still to be made do: those made stay where they were made. Whoever has claimed one
//! keeps it.

use std::collections::{BTreeMap, HashMap};

use entity::enums::ChangeKind;
use entity::{household, resident, visit_task};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, SelectStatement, UpdateStatement};
use uuid::Uuid;

use super::rules::{self, Action};
use super::step::cleared;
use crate::access::policy::Permission;
use crate::access::scope::{Scoped, copied};
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::Result;

/// Takes the visits of households to where these are by now; each came from the area beside it.
pub async fn follow_households(
    cx: &Cx,
    tx: &Tx,
    before: &BTreeMap<Uuid, Uuid>,
) -> Result<Vec<Changed>> {
    use visit_task::Column as C;
    let place = |column| {
        copied::<household::Entity, visit_task::Entity>(
            column,
            household::Column::Id,
            C::HouseholdId,
        )
    };
    let tasks = to_be_made(cx)?
        .filter(C::HouseholdId.is_in(before.keys().copied()))
        .update(tx, |update| {
            stamp(cx, update)
                .value(C::AreaId, place(household::Column::AreaId))
                .value(C::GridId, place(household::Column::GridId));
        })
        .await?;
    Ok(changes(&tasks, |task| before.get(&task.household_id)))
}

/// Takes the visits of people from their old households to the new one; `people` are their rows
/// before they moved. Visits to the household as a whole stay with it.
pub async fn follow_people(
    cx: &Cx,
    tx: &Tx,
    people: &[resident::Model],
    home: &household::Model,
) -> Result<Vec<Changed>> {
    use visit_task::Column as C;
    let before: HashMap<Uuid, Uuid> = people.iter().map(|row| (row.id, row.area_id)).collect();
    let tasks = to_be_made(cx)?
        .filter(C::ResidentId.is_in(before.keys().copied()))
        .filter(C::HouseholdId.is_in(people.iter().map(|row| row.household_id)))
        .update(tx, |update| move_to(cx, update, home))
        .await?;
    Ok(changes(&tasks, |task| before.get(&task.resident_id?)))
}

/// Takes what visits a household still has to the one it was merged into.
pub async fn hand_over(
    cx: &Cx,
    tx: &Tx,
    from: &household::Model,
    into: &household::Model,
) -> Result<Vec<Changed>> {
    let tasks = to_be_made(cx)?
        .filter(visit_task::Column::HouseholdId.eq(from.id))
        .update(tx, |update| move_to(cx, update, into))
        .await?;
    Ok(changes(&tasks, |_| Some(&from.area_id)))
}

/// Calls off the visits still to be made for which `condition` holds, where `by` does, with a reason.
pub async fn call_off(
    cx: &Cx,
    tx: &Tx,
    (by, condition): (Permission, Condition),
    reason: &str,
) -> Result<Vec<Changed>> {
    use visit_task::Column as C;
    let tasks = cx
        .actor()?
        .scoped::<visit_task::Entity>(by)
        .filter(C::Status.is_in(rules::TO_BE_MADE.to_vec()))
        .filter(condition)
        .update(tx, |update| {
            stamp(cx, update)
                .value(C::Status, Action::Cancel.transition().to)
                .value(C::CancelReason, reason);
        })
        .await?;
    Ok(tasks
        .iter()
        .map(|task| Changed::in_place(ChangeKind::VisitTask, task.id, Some(task.area_id)))
        .collect())
}

/// Opens visits again that were called off with what is taken back now, where the person lives by now. One
/// whose window has passed is missed by the server's own clock.
pub async fn restore(
    cx: &Cx,
    tx: &Tx,
    person: &resident::Model,
    visits: &[Uuid],
) -> Result<Vec<Changed>> {
    use visit_task::Column as C;
    let life = Action::Restore.transition();
    let tasks = cx
        .actor()?
        .scoped::<visit_task::Entity>(Permission::ResidentEdit)
        .ids(visits)
        .filter(C::Status.is_in(life.from.to_vec()))
        .update(tx, |update| {
            stamp(cx, update)
                .value(C::Status, life.to)
                .value(C::CancelReason, Option::<String>::None)
                .value(C::HouseholdId, person.household_id)
                .value(C::AreaId, person.area_id)
                .value(C::GridId, person.grid_id);
            for (column, value) in cleared() {
                update.value(column, value);
            }
        })
        .await?;
    Ok(tasks
        .iter()
        .map(|task| Changed::in_place(ChangeKind::VisitTask, task.id, Some(task.area_id)))
        .collect())
}

/// The visits still to be made where the actor may move people.
fn to_be_made(cx: &Cx) -> Result<Scoped<'_, visit_task::Entity>> {
    Ok(cx
        .actor()?
        .scoped::<visit_task::Entity>(Permission::ResidentEdit)
        .filter(visit_task::Column::Status.is_in(rules::TO_BE_MADE.to_vec())))
}

fn stamp<'a>(cx: &Cx, update: &'a mut UpdateStatement) -> &'a mut UpdateStatement {
    use visit_task::Column as C;
    update
        .value(C::Version, Expr::col(C::Version).add(1))
        .value(C::UpdatedAt, cx.app.clock.now())
}

fn move_to(cx: &Cx, update: &mut UpdateStatement, home: &household::Model) {
    use visit_task::Column as C;
    stamp(cx, update)
        .value(C::HouseholdId, home.id)
        .value(C::AreaId, home.area_id)
        .value(C::GridId, home.grid_id);
}

fn changes<'a>(
    tasks: &'a [visit_task::Model],
    before: impl Fn(&visit_task::Model) -> Option<&'a Uuid>,
) -> Vec<Changed> {
    let changed = |task: &visit_task::Model| Changed {
        kind: ChangeKind::VisitTask,
        id: task.id,
        area_before: before(task).copied(),
        area_after: Some(task.area_id),
    };
    tasks.iter().map(changed).collect()
}

/// Visits still to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unmade {
    /// How many there are.
    pub all: u64,
    /// How many of them somebody has claimed.
    pub held: u64,
}

/// How many visits still to be made [`follow_households`] would take along.
pub async fn unmade(cx: &Cx, households: SelectStatement) -> Result<Unmade> {
    use visit_task::Column as C;
    let all = to_be_made(cx)?.filter(C::HouseholdId.in_subquery(households.clone()));
    let held = to_be_made(cx)?
        .filter(C::HouseholdId.in_subquery(households))
        .filter(C::Status.is_in(rules::LIVE.to_vec()));
    Ok(Unmade {
        all: all.count(&cx.app.db).await?,
        held: held.count(&cx.app.db).await?,
    })
}
