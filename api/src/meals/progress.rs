//! Whose batches are whose, and reading them with how far they are.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{MealBatchStatus, VisitStatus};
use entity::{account, meal_batch, meal_list, visit_task};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, SelectStatement};
use sea_orm::{ColumnTrait as _, FromQueryResult, QueryResult};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::access::scope::{Arm, Reaches, Scoped, ScopedEntity, reach, select_columns};
use crate::context::Cx;
use crate::error::Result;
use crate::paging::{Page, Rows};
use crate::visits::load::{self, SeenTask};
use crate::visits::rules as life;

impl ScopedEntity for meal_batch::Entity {
    const AREA: meal_batch::Column = meal_batch::Column::AreaId;
    const GRID: meal_batch::Column = meal_batch::Column::GridId;
    const ID: meal_batch::Column = meal_batch::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<meal_batch::Column>] {
        match permission {
            // Its holder keeps sight of it whatever became of area or grant.
            Permission::VisitRead => &[Arm::Area, Arm::Mine(meal_batch::Column::ClaimedBy)],
            Permission::VisitCarryOut => &[Arm::Mine(meal_batch::Column::ClaimedBy)],
            Permission::VisitClaim | Permission::VisitReassign => &[Arm::Area],
            _ => &[],
        }
    }
}

/// Whoever sees a batch sees how far it is.
impl Reaches<visit_task::Entity> for meal_batch::Model {
    fn key(&self) -> Uuid {
        self.id
    }
    fn column() -> visit_task::Column {
        visit_task::Column::BatchId
    }
}

/// Which batches are wanted; absent means any.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In this area or below it.
    pub area: Option<Uuid>,
    /// Of this list.
    pub list: Option<Uuid>,
    /// Of this day.
    pub served_on: Option<NaiveDate>,
    /// Whose time has not passed and that nobody holds (true), or others (false).
    pub is_open: Option<bool>,
    /// Held by the actor (true) or not (false).
    pub mine: Option<bool>,
}

/// Where a batch stands in the list: the earliest end first.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Position {
    due_at: DateTime<Utc>,
    id: Uuid,
}

/// How far the doors of a batch are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// All but those that were called off.
    pub total: i64,
    /// Met and given.
    pub delivered: i64,
    /// Nobody met so far, or not where the meal was brought.
    pub tried: i64,
    /// Where nobody has been yet.
    pub open: i64,
    /// Where nobody has been in time.
    pub missed: i64,
}

/// What a screen asks for beyond the batches themselves.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// How far they are, and in which buildings.
    pub progress: bool,
    /// The doors, with what is asked of them.
    pub doors: Option<load::Columns>,
}

/// A batch as one reader sees it.
#[derive(Clone, Debug)]
pub struct SeenBatch {
    /// Its row.
    pub row: meal_batch::Model,
    /// What its list is called.
    pub list_name: String,
    /// The name of who holds or held it.
    pub claimant: Option<String>,
    /// How far it is, where asked for.
    pub progress: Progress,
    /// The buildings it goes to, where asked for.
    pub buildings: Vec<Uuid>,
    /// The doors that the reader may see, where asked for.
    pub doors: Vec<SeenTask>,
}

impl SeenBatch {
    /// Where it stands in the list.
    #[must_use]
    pub const fn position(&self) -> Position {
        Position {
            due_at: self.row.due_at,
            id: self.row.id,
        }
    }
}

impl FromQueryResult for SeenBatch {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, sea_orm::DbErr> {
        Ok(Self {
            row: meal_batch::Model::from_query_result(row, prefix)?,
            list_name: row.try_get(prefix, "list_name")?,
            claimant: row.try_get(prefix, "claimant")?,
            progress: Progress::default(),
            buildings: Vec::new(),
            doors: Vec::new(),
        })
    }
}

/// A page of the batches that the actor may see, the earliest end first. Needs `VISIT_READ`, or a claim.
pub async fn batches(
    cx: &Cx,
    filter: &Filter,
    page: &Page<Position>,
    columns: Columns,
) -> Result<Rows<SeenBatch>> {
    use meal_batch::Column as B;
    let order = if page.backward {
        Order::Desc
    } else {
        Order::Asc
    };
    let mut scoped = filtered(cx, filter)?;
    for (key, after) in [(page.after, true), (page.before, false)] {
        let Some(key) = key else { continue };
        let row = Expr::tuple([
            Expr::col((meal_batch::Entity, B::DueAt)),
            Expr::col((meal_batch::Entity, B::Id)),
        ]);
        let key = Expr::tuple([Expr::value(key.due_at), Expr::value(key.id)]);
        scoped = scoped.filter(if after { row.gt(key) } else { row.lt(key) });
    }
    let scoped = scoped
        .order_by(B::DueAt, order.clone())
        .order_by(B::Id, order)
        .limit(page.size + 1);
    let rows: Vec<SeenBatch> = scoped.into_rows(&cx.app.db, names).await?;
    let rows = Rows::new(rows, page);
    Ok(Rows {
        rows: filled(cx, rows.rows, columns).await?,
        ..rows
    })
}

/// How many batches the filter lets through.
pub async fn count(cx: &Cx, filter: &Filter) -> Result<u64> {
    filtered(cx, filter)?.count(&cx.app.db).await
}

/// One batch that the actor may see.
pub async fn batch(cx: &Cx, id: Uuid, columns: Columns) -> Result<Option<SeenBatch>> {
    let scoped = cx
        .actor()?
        .scoped::<meal_batch::Entity>(Permission::VisitRead)
        .id(id);
    let rows: Vec<SeenBatch> = scoped.into_rows(&cx.app.db, names).await?;
    Ok(filled(cx, rows, columns).await?.pop())
}

fn filtered<'a>(cx: &'a Cx, filter: &Filter) -> Result<Scoped<'a, meal_batch::Entity>> {
    use meal_batch::Column as B;
    let actor = cx.actor()?;
    let mut scoped = actor.scoped::<meal_batch::Entity>(Permission::VisitRead);
    if let Some(area) = filter.area {
        scoped = scoped.below(area);
    }
    if let Some(list) = filter.list {
        scoped = scoped.filter(B::MealListId.eq(list));
    }
    if let Some(day) = filter.served_on {
        scoped = scoped.filter(B::ServedOn.eq(day));
    }
    let open = B::Status
        .eq(MealBatchStatus::Open)
        .and(B::DueAt.gt(cx.app.clock.now()));
    let mine = B::ClaimedBy
        .is_not_null()
        .and(B::ClaimedBy.eq(actor.account));
    for (wanted, condition) in [(filter.is_open, open), (filter.mine, mine)] {
        match wanted {
            Some(true) => scoped = scoped.filter(condition),
            Some(false) => scoped = scoped.filter(condition.not()),
            None => {}
        }
    }
    Ok(scoped)
}

fn names(select: &mut SelectStatement) {
    use meal_batch::Column as B;
    select_columns::<meal_batch::Entity>(select, "");
    select
        .expr_as(
            Expr::col((meal_list::Entity, meal_list::Column::Name)),
            "list_name",
        )
        .expr_as(
            Expr::col((account::Entity, account::Column::Name)),
            "claimant",
        )
        .inner_join(
            meal_list::Entity,
            Expr::col((meal_list::Entity, meal_list::Column::Id))
                .equals((meal_batch::Entity, B::MealListId)),
        )
        .left_join(
            account::Entity,
            Expr::col((account::Entity, account::Column::Id))
                .equals((meal_batch::Entity, B::ClaimedBy)),
        );
}

#[derive(FromQueryResult)]
struct Count {
    batch_id: Uuid,
    area_id: Uuid,
    status: VisitStatus,
    doors: i64,
    tried: Option<i64>,
    met: Option<i64>,
}

/// Adds what is asked for: one statement for the progress of all batches, the few of a task list for doors.
async fn filled(cx: &Cx, mut batches: Vec<SeenBatch>, columns: Columns) -> Result<Vec<SeenBatch>> {
    use visit_task::Column as C;
    if columns.progress {
        let rows: Vec<meal_batch::Model> = batches.iter().map(|seen| seen.row.clone()).collect();
        let counts: Vec<Count> =
            reach::<_, visit_task::Entity, _>(&cx.app.db, &rows, progress).await?;
        for count in counts {
            let of = batches
                .iter_mut()
                .find(|seen| seen.row.id == count.batch_id);
            if let Some(seen) = of {
                seen.progress.add(&count);
                if !seen.buildings.contains(&count.area_id) {
                    seen.buildings.push(count.area_id);
                }
            }
        }
    }
    if let Some(columns) = columns.doors
        && !batches.is_empty()
    {
        let scoped = cx
            .actor()?
            .scoped::<visit_task::Entity>(Permission::VisitRead)
            .filter(C::BatchId.is_in(batches.iter().map(|seen| seen.row.id)))
            .order_by(C::AreaId, Order::Asc)
            .order_by(C::Id, Order::Asc);
        for door in load::tasks(cx, &cx.app.db, scoped, columns).await? {
            let batch = door.task.batch_id;
            let of = batches.iter_mut().find(|seen| Some(seen.row.id) == batch);
            if let Some(seen) = of {
                seen.doors.push(door);
            }
        }
    }
    Ok(batches)
}

fn progress(select: &mut SelectStatement) {
    use visit_task::Column as C;
    let one_if = |condition: Expr| -> Expr { Expr::case(condition, 1).finally(0).into() };
    let column = |column: C| Expr::col((visit_task::Entity, column));
    select
        .expr(column(C::BatchId))
        .expr(column(C::AreaId))
        .expr(column(C::Status))
        .expr_as(column(C::Id).count(), "doors")
        .expr_as(one_if(column(C::Attempts).gt(0)).sum(), "tried")
        .expr_as(
            one_if(column(C::Outcome).is_in(life::CONTACTS.to_vec())).sum(),
            "met",
        )
        .and_where(column(C::Status).is_not_in([life::Action::Cancel.transition().to]))
        .add_group_by([column(C::BatchId), column(C::AreaId), column(C::Status)])
        .order_by((visit_task::Entity, C::AreaId), Order::Asc);
}

impl Progress {
    fn add(&mut self, count: &Count) {
        self.total += count.doors;
        if life::TOLD.contains(&count.status) {
            let met = count.met.unwrap_or_default();
            self.delivered += met;
            self.tried += count.doors - met;
        } else if count.status == life::Action::Miss.transition().to {
            self.missed += count.doors;
        } else {
            let tried = count.tried.unwrap_or_default();
            self.tried += tried;
            self.open += count.doors - tried;
        }
    }
}
