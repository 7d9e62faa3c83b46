//! Batches and doors as the server makes them, opens them again and calls them off.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::enums::{ChangeKind, VisitKind, VisitOrigin, VisitStatus};
use entity::{finding, finding_visit_task, meal_batch, resident, visit_task};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, QuerySelect as _,
};
use uuid::Uuid;

use super::generate::REASON;
use super::roster::Row;
use super::rules::{Action, NOT_SERVED};
use crate::access::scope::copied;
use crate::care_plans::generate::{SERVER, ensure_server};
use crate::care_plans::rules::priority;
use crate::changes::service::Changed;
use crate::context::App;
use crate::db::{Handle as _, Tx};
use crate::error::Result;
use crate::findings::rules as findings;
use crate::visits::claims::batches::{Taking, adopt};
use crate::visits::rules::{self as life, Action as Step};

/// Begin and end of a meal.
pub type Window = (DateTime<Utc>, DateTime<Utc>);

/// What is to be done to the batches and doors of a list.
#[derive(Default)]
pub struct Work {
    /// Batches to make.
    pub new_batches: Vec<meal_batch::ActiveModel>,
    /// Doors to make.
    pub new_doors: Vec<visit_task::ActiveModel>,
    /// Doors to call off.
    pub called_off: Vec<Uuid>,
    /// Doors to open again.
    pub restored: Vec<Uuid>,
    /// Batches whose window becomes another.
    pub shifted: Vec<(Uuid, Window)>,
    /// Batches to call off or to open again.
    pub batches: Vec<(Uuid, Action)>,
    /// Batches with open doors that somebody holds: those are theirs.
    pub held: Vec<(Uuid, Taking)>,
}

/// A door that was made before.
#[derive(Clone, Debug)]
pub struct Door {
    /// The task.
    pub id: Uuid,
    /// What it was made for.
    pub occasion: String,
    status: VisitStatus,
    by_server: bool,
}

impl Door {
    /// Whether nobody has been there yet, so that it can be called off.
    pub fn can_be_called_off(&self) -> bool {
        life::NOT_BEGUN.contains(&self.status)
    }

    /// Whether nobody holds it.
    pub fn is_open(&self) -> bool {
        Step::Claim.transition().from.contains(&self.status)
    }

    /// Whether the list or a finding has called it off, and no person by hand.
    pub fn was_called_off(&self) -> bool {
        self.is_cancelled() && self.by_server
    }

    /// Whether somebody was or is there.
    pub fn is_begun(&self) -> bool {
        !self.is_cancelled() && !self.can_be_called_off()
    }

    fn is_cancelled(&self) -> bool {
        self.status == Step::Cancel.transition().to
    }
}

#[derive(FromQueryResult)]
struct Stored {
    id: Uuid,
    batch_id: Uuid,
    occasion: String,
    status: VisitStatus,
    cancel_reason: Option<String>,
}

/// The doors of batches, by batch.
pub async fn of(tx: &Tx, batches: &[meal_batch::Model]) -> Result<HashMap<Uuid, Vec<Door>>> {
    use visit_task::Column as C;
    let stored = visit_task::Entity::find()
        .select_only()
        .columns([C::Id, C::BatchId, C::Occasion, C::Status, C::CancelReason])
        .filter(C::BatchId.is_in(batches.iter().map(|batch| batch.id)))
        .filter(C::Occasion.is_not_null())
        .into_model::<Stored>()
        .all(&tx.unscoped(REASON))
        .await?;
    let off = stored.iter().filter(|door| door.cancel_reason.is_some());
    let off: Vec<Uuid> = off.map(|door| door.id).collect();
    let by_finding = reasons(tx, &off).await?;
    let mut doors: HashMap<Uuid, Vec<Door>> = HashMap::new();
    for door in stored {
        let by_server = door
            .cancel_reason
            .is_some_and(|why| why == NOT_SERVED || by_finding.contains(&(door.id, why)));
        doors.entry(door.batch_id).or_default().push(Door {
            by_server,
            id: door.id,
            occasion: door.occasion,
            status: door.status,
        });
    }
    Ok(doors)
}

/// The doors that findings have called off, each with the reason that stands at it unless somebody else
/// has called it off since.
async fn reasons(tx: &Tx, doors: &[Uuid]) -> Result<HashSet<(Uuid, String)>> {
    if doors.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = finding_visit_task::Entity::find()
        .filter(finding_visit_task::Column::VisitTaskId.is_in(doors.iter().copied()))
        .find_also_related(finding::Entity)
        .all(&tx.unscoped(REASON))
        .await?;
    let rows = rows.into_iter();
    Ok(rows
        .filter_map(|(row, finding)| {
            let finding = finding?;
            let why = findings::reason(finding.outcome, finding.remark.as_deref());
            Some((row.visit_task_id, why))
        })
        .collect())
}

/// A new door.
pub fn row(
    app: &App,
    who: &Row,
    occasion: String,
    (batch, (starts_at, due_at)): (Uuid, Window),
) -> visit_task::ActiveModel {
    let now = app.clock.now();
    let kind = VisitKind::MealDelivery;
    visit_task::ActiveModel {
        id: Set(app.clock.new_id()),
        kind: Set(kind),
        status: Set(life::planned(due_at, now)),
        household_id: Set(who.household_id),
        resident_id: Set(Some(who.resident_id)),
        area_id: Set(who.area_id),
        grid_id: Set(who.grid_id),
        starts_at: Set(starts_at),
        due_at: Set(due_at),
        priority: Set(who.tier.map(priority).unwrap_or_default()),
        planned_by: Set(SERVER),
        verify_level: Set(0),
        attempts: Set(0),
        origin: Set(VisitOrigin::Meal),
        occasion: Set(Some(occasion)),
        enrolment_id: Set(who.enrolment_id),
        batch_id: Set(Some(batch)),
        tier: Set(who.tier),
        minutes: Set(life::minutes(kind)),
        renewals: Set(0),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    }
}

/// Does the work, and says what is to be announced.
pub async fn carry_out(app: &App, tx: &Tx, work: Work) -> Result<Vec<Changed>> {
    let now = app.clock.now();
    let mut changed = batches(tx, now, &work).await?;
    changed.extend(call_off(tx, now, work.called_off).await?);
    changed.extend(restore(tx, now, work.restored).await?);
    if !work.new_batches.is_empty() {
        let made = meal_batch::Entity::insert_many(work.new_batches)
            .exec_with_returning(&tx.unscoped(REASON))
            .await?;
        let made = made.iter();
        changed.extend(
            made.map(|batch| Changed::new(ChangeKind::MealBatch, batch.id, Some(batch.area_id))),
        );
    }
    if !work.new_doors.is_empty() {
        ensure_server(app, tx).await?;
        let made = visit_task::Entity::insert_many(work.new_doors)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_with_returning(&tx.unscoped(REASON))
            .await?;
        let made = made.iter();
        changed.extend(
            made.map(|door| Changed::new(ChangeKind::VisitTask, door.id, Some(door.area_id))),
        );
    }
    for held in work.held {
        changed.extend(adopt(tx, now, held).await?);
    }
    Ok(changed)
}

/// Batches that are called off, opened again, or get another window with their doors.
async fn batches(tx: &Tx, now: DateTime<Utc>, work: &Work) -> Result<Vec<Changed>> {
    use meal_batch::Column as B;
    use visit_task::Column as C;
    let mut moved = Vec::new();
    let changing = |id: Uuid| {
        meal_batch::Entity::update_many()
            .col_expr(B::Version, Expr::col(B::Version).add(1))
            .col_expr(B::UpdatedAt, Expr::value(now))
            .filter(B::Id.eq(id))
    };
    for (id, action) in &work.batches {
        let (from, to) = action.transition();
        let rows = changing(*id)
            .col_expr(B::Status, Expr::value(to))
            .col_expr(B::ClaimedBy, Expr::value(Option::<Uuid>::None))
            .col_expr(B::ClaimedAt, Expr::value(Option::<DateTime<Utc>>::None))
            .col_expr(B::AssignedBy, Expr::value(Option::<Uuid>::None))
            .filter(B::Status.is_in(from.iter().copied()))
            .exec_with_returning(&tx.unscoped(REASON))
            .await?;
        moved.extend(rows);
    }
    let mut changed = Vec::new();
    for (id, (starts_at, due_at)) in &work.shifted {
        let rows = changing(*id)
            .col_expr(B::StartsAt, Expr::value(*starts_at))
            .col_expr(B::DueAt, Expr::value(*due_at))
            .exec_with_returning(&tx.unscoped(REASON))
            .await?;
        moved.extend(rows);
        let lease: SimpleExpr =
            Expr::case(Expr::col(C::LeaseUntil).is_null(), Expr::col(C::LeaseUntil))
                .finally(Expr::value(*due_at))
                .into();
        let doors = visit_task::Entity::update_many()
            .col_expr(C::StartsAt, Expr::value(*starts_at))
            .col_expr(C::DueAt, Expr::value(*due_at))
            .col_expr(C::LeaseUntil, lease)
            .col_expr(C::Version, Expr::col(C::Version).add(1))
            .col_expr(C::UpdatedAt, Expr::value(now))
            .filter(C::BatchId.eq(*id))
            .filter(C::Status.is_in(Step::Miss.transition().from.to_vec()))
            .exec_with_returning(&tx.unscoped(REASON))
            .await?;
        changed.extend(told(&doors));
    }
    changed.extend(
        moved
            .iter()
            .map(|batch| Changed::in_place(ChangeKind::MealBatch, batch.id, Some(batch.area_id))),
    );
    Ok(changed)
}

/// Calls off those of the doors where nobody has been meanwhile.
async fn call_off(tx: &Tx, now: DateTime<Utc>, doors: Vec<Uuid>) -> Result<Vec<Changed>> {
    use visit_task::Column as C;
    if doors.is_empty() {
        return Ok(Vec::new());
    }
    let off = visit_task::Entity::update_many()
        .col_expr(C::Status, Expr::value(Step::Cancel.transition().to))
        .col_expr(C::CancelReason, Expr::value(NOT_SERVED))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::value(now))
        .filter(C::Id.is_in(doors))
        .filter(C::Status.is_in(life::NOT_BEGUN.to_vec()))
        .exec_with_returning(&tx.unscoped(REASON))
        .await?;
    Ok(told(&off))
}

/// Opens doors again, where their people live by now, in the window that their batch has by now.
async fn restore(tx: &Tx, now: DateTime<Utc>, doors: Vec<Uuid>) -> Result<Vec<Changed>> {
    use resident::Column as R;
    use visit_task::Column as C;
    if doors.is_empty() {
        return Ok(Vec::new());
    }
    let life = Step::Restore.transition();
    let place =
        |column| copied::<resident::Entity, visit_task::Entity>(column, R::Id, C::ResidentId);
    let window = |column| {
        let id = meal_batch::Column::Id;
        copied::<meal_batch::Entity, visit_task::Entity>(column, id, C::BatchId)
    };
    let mut update = visit_task::Entity::update_many()
        .col_expr(C::Status, Expr::value(life.to))
        .col_expr(C::CancelReason, Expr::value(Option::<String>::None))
        .col_expr(C::HouseholdId, place(R::HouseholdId))
        .col_expr(C::AreaId, place(R::AreaId))
        .col_expr(C::GridId, place(R::GridId))
        .col_expr(C::StartsAt, window(meal_batch::Column::StartsAt))
        .col_expr(C::DueAt, window(meal_batch::Column::DueAt))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::value(now));
    for (column, value) in crate::visits::claims::batches::unclaimed() {
        update = update.col_expr(column, value);
    }
    let open = update
        .filter(C::Id.is_in(doors))
        .filter(C::Status.is_in(life.from.to_vec()))
        .exec_with_returning(&tx.unscoped(REASON))
        .await?;
    Ok(told(&open))
}

fn told(doors: &[visit_task::Model]) -> Vec<Changed> {
    let doors = doors.iter();
    doors
        .map(|door| Changed::in_place(ChangeKind::VisitTask, door.id, Some(door.area_id)))
        .collect()
}
