//! Lists of visit tasks: filters, orders, pages.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::enums::{VisitKind, VisitStatus};
use entity::visit_task;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Order, SelectStatement};
use sea_orm::{ColumnTrait as _, DbErr, FromQueryResult, QueryResult};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::load::{self, Columns, SeenTask};
use super::routes::near::{self, Near};
use super::rules;
use super::states::{self, has_status, is_in_hand};
use crate::access::policy::Permission;
use crate::access::scope::Scoped;
use crate::clock::{SHANGHAI, day_after};
use crate::context::Cx;
use crate::error::{Error, Result, Stop};
use crate::paging::{Page, Rows};

/// Which tasks are wanted; absent means any.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In one of these states.
    pub status: Vec<VisitStatus>,
    /// Of one of these kinds.
    pub kind: Vec<VisitKind>,
    /// Whose window ends at or after this.
    pub due_from: Option<DateTime<Utc>>,
    /// Whose window ends before this.
    pub due_before: Option<DateTime<Utc>>,
    /// In this area or below it.
    pub area: Option<Uuid>,
    /// Claimed by the actor (true) or not (false).
    pub mine: Option<bool>,
    /// In a building within this radius.
    pub near: Option<Near>,
    /// A door of this batch of meals.
    pub batch: Option<Uuid>,
}

impl Filter {
    /// Whether nothing but a span of windows narrows the open tasks: so each grid has an index of them.
    fn is_of_open_alone(&self) -> bool {
        self.status == [VisitStatus::Open]
            && self.kind.is_empty()
            && (self.area, self.mine, self.batch) == (None, None, None)
    }

    /// Whether doors of batches that nobody can claim one by one are asked for.
    fn asks_for_doors(&self) -> bool {
        self.batch.is_some() || self.kind.contains(&VisitKind::MealDelivery)
    }
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The earliest end of window first.
    #[default]
    Due,
    /// The most urgent first, then the earliest end of window.
    Priority,
    /// The nearest building first, then the earliest end of window; needs a radius.
    Distance,
}

impl Sort {
    /// Marks the cursors of this order.
    #[must_use]
    pub const fn tag(self) -> u8 {
        match self {
            Self::Due => 1,
            Self::Priority => 2,
            Self::Distance => 3,
        }
    }
}

/// Where a task stands in every order.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Position {
    priority: i32,
    due_at: DateTime<Utc>,
    id: Uuid,
    /// Only in a list of what is near.
    metres: Option<i64>,
}

impl Position {
    /// The position of a task.
    #[must_use]
    pub const fn of(task: &SeenTask) -> Self {
        Self {
            priority: task.task.priority,
            due_at: task.task.due_at,
            id: task.task.id,
            metres: task.metres,
        }
    }

    /// Where it stands by distance.
    #[must_use]
    pub fn by_distance(self) -> (i64, DateTime<Utc>, Uuid) {
        (self.metres.unwrap_or_default(), self.due_at, self.id)
    }
}

/// One page of the tasks the actor may see. Needs `VISIT_READ`, or a claim.
pub async fn list(
    cx: &Cx,
    filter: &Filter,
    sort: Sort,
    page: &Page<Position>,
    columns: Columns,
) -> Result<Rows<SeenTask>> {
    let Some(near) = filter.near else {
        if sort == Sort::Distance {
            return Err(Error::Stopped(Stop::BadUserInput, Some("orderBy")));
        }
        let mut scoped = paged(filtered(cx, filter)?, sort, page);
        if sort == Sort::Due && filter.is_of_open_alone() {
            scoped = scoped.merged_by_grid();
        }
        let rows = load::tasks(cx, &cx.app.db, scoped, columns).await?;
        return Ok(Rows::new(rows, page));
    };
    let nearby = near::buildings(cx, near).await?;
    let scoped = near::within(filtered(cx, filter)?, &nearby);
    if sort == Sort::Distance {
        return near::list(cx, scoped, &nearby, page, columns).await;
    }
    let rows = load::tasks(cx, &cx.app.db, paged(scoped, sort, page), columns).await?;
    Ok(Rows::new(near::measured(rows, &nearby), page))
}

/// How many tasks the filter lets through.
pub async fn count(cx: &Cx, filter: &Filter) -> Result<u64> {
    let scoped = filtered(cx, filter)?;
    let scoped = match filter.near {
        Some(near) => near::within(scoped, &near::buildings(cx, near).await?),
        None => scoped,
    };
    scoped.count(&cx.app.db).await
}

/// Where a task stands by the end of its window.
#[derive(Debug)]
struct Ends(DateTime<Utc>, Uuid);

impl FromQueryResult for Ends {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        Ok(Self(row.try_get_by_index(0)?, row.try_get_by_index(1)?))
    }
}

/// What the actor can do today: their own live claims, open tasks whose window has begun or begins
/// today, and reports that wait for somebody like them to verify.
///
/// Three lists, each read by an index of its own, of which the first are merged.
pub async fn worklist(cx: &Cx, page: &Page<Position>, columns: Columns) -> Result<Rows<SeenTask>> {
    use visit_task::Column as C;
    let actor = cx.actor()?;
    let (db, now) = (&cx.app.db, cx.app.clock.now());
    let mut lists = Vec::new();
    if actor.ever(Permission::VisitClaim) {
        let open = actor
            .scoped::<visit_task::Entity>(Permission::VisitClaim)
            .filter(has_status(VisitStatus::Open))
            // Meals are claimed in batches.
            .filter(C::BatchId.is_null())
            .filter(C::StartsAt.lt(day_after(now, SHANGHAI)))
            .filter(C::DueAt.gt(now))
            .merged_by_grid();
        lists.push(open);
    }
    if actor.ever(Permission::VisitVerify) {
        let told = actor
            .scoped::<visit_task::Entity>(Permission::VisitVerify)
            .filter(has_status(VisitStatus::Reported))
            .filter(is_in_hand())
            .filter(C::ReportedBy.ne(actor.account));
        lists.push(told);
    }
    // Last: what is taken on meanwhile is on one of them in any case.
    let own = actor
        .scoped::<visit_task::Entity>(Permission::VisitCarryOut)
        .filter(C::Status.is_in(rules::LIVE.to_vec()));
    lists.push(own);
    let mut ends = BTreeMap::new();
    for list in lists {
        let list = paged(list, Sort::Due, page);
        let select = |select: &mut SelectStatement| {
            select.exprs([C::DueAt, C::Id].map(|column| Expr::col((visit_task::Entity, column))));
        };
        let rows: Vec<Ends> = list.into_rows(db, select).await?;
        ends.extend(rows.into_iter().map(|Ends(due_at, id)| (id, due_at)));
    }
    let mut ends: Vec<(DateTime<Utc>, Uuid)> = ends.into_iter().map(|(id, at)| (at, id)).collect();
    ends.sort_unstable();
    if page.backward {
        ends.reverse();
    }
    ends.truncate(usize::try_from(page.size + 1).unwrap_or(usize::MAX));
    let ids: Vec<Uuid> = ends.into_iter().map(|(_, id)| id).collect();
    let scoped = actor
        .scoped::<visit_task::Entity>(Permission::VisitRead)
        .ids(&ids);
    let mut rows = load::tasks(cx, db, scoped, columns).await?;
    rows.sort_unstable_by_key(|row| (row.task.due_at, row.task.id));
    if page.backward {
        rows.reverse();
    }
    Ok(Rows::new(rows, page))
}

fn filtered<'a>(cx: &'a Cx, filter: &Filter) -> Result<Scoped<'a, visit_task::Entity>> {
    use visit_task::Column as C;
    let actor = cx.actor()?;
    let mut scoped = actor.scoped::<visit_task::Entity>(Permission::VisitRead);
    match filter.status.as_slice() {
        [] => {}
        [one] => {
            scoped = scoped.filter(has_status(*one));
            if *one == VisitStatus::Open {
                // Nobody holds an open task, so the actor's own rows add nothing.
                scoped = scoped.by_area_only();
            }
        }
        many => scoped = scoped.filter(C::Status.is_in(many.to_vec())),
    }
    let mut states = filter.status.iter();
    if !filter.status.is_empty() && states.all(|state| states::IN_HAND.contains(state)) {
        scoped = scoped.filter(is_in_hand());
    }
    if !filter.kind.is_empty() {
        scoped = scoped.filter(C::Kind.is_in(filter.kind.clone()));
    }
    if let Some(batch) = filter.batch {
        scoped = scoped.filter(C::BatchId.eq(batch));
    }
    if !filter.asks_for_doors() {
        scoped = match filter.status.as_slice() {
            [VisitStatus::Open] => scoped.filter(C::BatchId.is_null()),
            some if !some.is_empty() && !some.contains(&VisitStatus::Open) => scoped,
            _ => scoped.filter(C::BatchId.is_null().or(C::Status.ne(VisitStatus::Open))),
        };
    }
    if let Some(from) = filter.due_from {
        scoped = scoped.filter(C::DueAt.gte(from));
    }
    if let Some(before) = filter.due_before {
        scoped = scoped.filter(C::DueAt.lt(before));
    }
    if let Some(area) = filter.area {
        scoped = scoped.below(area);
    }
    match filter.mine {
        Some(true) => scoped = scoped.filter(C::ClaimedBy.eq(actor.account)),
        Some(false) => {
            scoped = scoped.filter(
                Condition::any()
                    .add(C::ClaimedBy.is_null())
                    .add(C::ClaimedBy.ne(actor.account)),
            );
        }
        None => {}
    }
    Ok(scoped)
}

/// Cuts the page out of the list, reading one row more to know whether there are any.
fn paged<'a>(
    mut scoped: Scoped<'a, visit_task::Entity>,
    sort: Sort,
    page: &Page<Position>,
) -> Scoped<'a, visit_task::Entity> {
    use visit_task::Column as C;
    if let Some(after) = page.after {
        scoped = scoped.filter(beyond(sort, after, true));
    }
    if let Some(before) = page.before {
        scoped = scoped.filter(beyond(sort, before, false));
    }
    let (up, down) = if page.backward {
        (Order::Desc, Order::Asc)
    } else {
        (Order::Asc, Order::Desc)
    };
    if sort == Sort::Priority {
        scoped = scoped.order_by(C::Priority, down);
    }
    scoped
        .order_by(C::DueAt, up.clone())
        .order_by(C::Id, up)
        .limit(page.size + 1)
}

/// Rows after (or before) a position in the list's order.
fn beyond(sort: Sort, at: Position, after: bool) -> Condition {
    use visit_task::Column as C;
    let row = Expr::tuple([
        Expr::col((visit_task::Entity, C::DueAt)),
        Expr::col((visit_task::Entity, C::Id)),
    ]);
    let key = Expr::tuple([Expr::value(at.due_at), Expr::value(at.id)]);
    let later = if after { row.gt(key) } else { row.lt(key) };
    match sort {
        // Distance is no column: such pages are cut elsewhere.
        Sort::Due | Sort::Distance => Condition::all().add(later),
        Sort::Priority => {
            let further = if after {
                C::Priority.lt(at.priority)
            } else {
                C::Priority.gt(at.priority)
            };
            Condition::any()
                .add(further)
                .add(Condition::all().add(C::Priority.eq(at.priority)).add(later))
        }
    }
}
