//! The order in which to make one's own visits.

use std::collections::HashMap;

use entity::{area, visit_task};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Condition, Order};
use uuid::Uuid;

use super::super::load::{self, Columns, SeenTask, TaskRow};
use super::super::rules;
use crate::access::policy::Permission;
use crate::access::scope::Reaches;
use crate::areas::points::points;
use crate::context::Cx;
use crate::error::Result;
use crate::route::{self, Leg, Point, Stop};

/// How many visits a way takes; nobody claims as many.
const MOST: u64 = 100;

/// Where a task's building stands: whoever may see the task may see it.
impl Reaches<area::Entity> for TaskRow {
    fn key(&self) -> Uuid {
        self.area_id
    }
    fn column() -> area::Column {
        area::Column::Id
    }
}

/// What a way is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Where the reader stands.
    pub start: Point,
    /// Only these visits; all of one's live claims where absent.
    pub tasks: Option<Vec<Uuid>>,
    /// The order that was shown last, so that it stays.
    pub before: Vec<Uuid>,
}

/// The actor's live claims in the order in which to make them, each with its part of the way.
pub async fn way(cx: &Cx, wanted: &Wanted, columns: Columns) -> Result<Vec<(SeenTask, Leg)>> {
    use visit_task::Column as C;
    let actor = cx.actor()?;
    let mut scoped = actor
        .scoped::<visit_task::Entity>(Permission::VisitCarryOut)
        .filter(C::ClaimedBy.eq(actor.account))
        .filter(C::Status.is_in(rules::LIVE.to_vec()))
        .filter(
            Condition::any()
                .add(C::LeaseUntil.is_null())
                .add(C::LeaseUntil.gt(cx.app.clock.now())),
        );
    if let Some(tasks) = &wanted.tasks {
        scoped = scoped.ids(tasks);
    }
    let scoped = scoped
        .order_by(C::DueAt, Order::Asc)
        .order_by(C::Id, Order::Asc)
        .limit(MOST);
    let tasks = load::tasks(cx, &cx.app.db, scoped, columns).await?;
    let rows: Vec<TaskRow> = tasks.iter().map(|seen| seen.task.clone()).collect();
    let points = points(cx, &rows).await?;
    let stops: Vec<Stop> = rows
        .iter()
        .map(|row| Stop {
            id: row.id,
            point: points.get(&row.area_id).copied(),
            appointed_at: row.appointed_at,
        })
        .collect();
    let mut tasks: HashMap<Uuid, SeenTask> =
        tasks.into_iter().map(|seen| (seen.task.id, seen)).collect();
    let legs = route::order(wanted.start, &stops, &wanted.before);
    Ok(legs
        .into_iter()
        .filter_map(|leg| Some((tasks.remove(&leg.id)?, leg)))
        .collect())
}
