//! The rows of duty, and of what climbs.

use chrono::Duration;
use entity::enums::{AreaKind, CareTier, EscalationCause, EscalationStatus};
use entity::{absence, duty_shift, escalation, notice, visit_task};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _};
use uuid::Uuid;

use crate::support::world::{GRID, World};

/// Somebody is away tomorrow.
pub async fn absence(world: &World, account: Uuid) -> Uuid {
    let (id, now) = (world.clock.new_id(), world.clock.now());
    let row = absence::ActiveModel {
        id: Set(id),
        account_id: Set(account),
        from_at: Set(now + Duration::days(1)),
        until_at: Set(now + Duration::days(2)),
        stand_in_id: Set(None),
        reason: Set(None),
        recorded_by: Set(account),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    row.insert(&world.raw).await.expect("an absence");
    id
}

/// Somebody's turn in 第1网格 tomorrow.
pub async fn shift(world: &World, account: Uuid) -> Uuid {
    let (id, now) = (world.clock.new_id(), world.clock.now());
    let row = duty_shift::ActiveModel {
        id: Set(id),
        area_id: Set(world.area(GRID)),
        account_id: Set(account),
        from_at: Set(now + Duration::days(1)),
        until_at: Set(now + Duration::days(2)),
        planned_by: Set(account),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    row.insert(&world.raw).await.expect("a shift");
    id
}

/// A visit that climbs.
pub async fn escalation(world: &World, task: Uuid) -> Uuid {
    let task = visit_task::Entity::find_by_id(task).one(&world.raw).await;
    let task = task.expect("a query").expect("a task");
    let (id, now) = (world.clock.new_id(), world.clock.now());
    let row = escalation::ActiveModel {
        id: Set(id),
        visit_task_id: Set(task.id),
        resident_id: Set(task.resident_id.expect("a person")),
        area_id: Set(task.area_id),
        grid_id: Set(task.grid_id),
        tier: Set(CareTier::HighRisk),
        cause: Set(EscalationCause::AtRisk),
        status: Set(EscalationStatus::Open),
        level: Set(AreaKind::Grid),
        starts_at: Set(task.starts_at),
        since_at: Set(now),
        climbs_at: Set(Some(now + Duration::days(1))),
        taken_by: Set(None),
        taken_at: Set(None),
        settled_at: Set(None),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    row.insert(&world.raw).await.expect("an escalation");
    id
}

/// That somebody was told of it.
pub async fn notice(world: &World, escalation: Uuid, account: Uuid) -> Uuid {
    let (id, now) = (world.clock.new_id(), world.clock.now());
    let row = notice::ActiveModel {
        id: Set(id),
        account_id: Set(account),
        area_id: Set(world.area(GRID)),
        escalation_id: Set(Some(escalation)),
        alarm_id: Set(None),
        booking_id: Set(None),
        level: Set(AreaKind::Grid),
        stands_in_for: Set(None),
        shown_at: Set(now),
        seen_at: Set(None),
        created_at: Set(now),
    };
    row.insert(&world.raw).await.expect("a notice");
    id
}
