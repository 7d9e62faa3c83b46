//! The server's own step: late visits begin to climb, and what was seen to is settled.

use chrono::{DateTime, Utc};
use entity::enums::{
    AreaKind, CareTier, ChangeKind, EscalationCause, EscalationStatus, VisitOrigin, VisitStatus,
};
use entity::{care_enrolment, escalation, visit_task};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{
    Alias, Condition, Expr, ExprTrait as _, OnConflict, Order, Query, SelectStatement,
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _,
};
use uuid::Uuid;

use super::rules::{AT_RISK, LATEST};
use crate::changes::service::{self as changes, Changed};
use crate::context::App;
use crate::db::{Handle as _, Tx};
use crate::error::Result;
use crate::visits::rules as visits;

const REASON: &str = "the server's own clock lets late visits climb, wherever they are";

/// How many escalations one transaction begins.
const BATCH: u64 = 200;

/// Settles what was seen to, and begins what is late; says how many it touched.
///
/// Several servers may do so at once: a person has one open escalation at most.
pub(super) async fn begin_and_settle(app: &App) -> Result<usize> {
    let mut touched = 0;
    loop {
        let now = app.clock.now();
        let tx = app.db.begin().await?;
        let mut changed = settle(&tx, now).await?;
        changed.extend(late(&tx, now).await?);
        let begun = begin(app, &tx, now).await?;
        let found = begun.len();
        changed.extend(begun);
        changes::record_at(now, &tx, &changed).await?;
        tx.commit().await?;
        touched += changed.len();
        if found == 0 {
            return Ok(touched);
        }
    }
}

/// A visit that is late, or will be.
#[derive(Debug, FromQueryResult)]
struct Late {
    id: Uuid,
    resident_id: Uuid,
    area_id: Uuid,
    grid_id: Uuid,
    tier: CareTier,
    status: VisitStatus,
    starts_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
}

fn task(column: visit_task::Column) -> Expr {
    Expr::col((visit_task::Entity, column))
}

fn enrolment(column: care_enrolment::Column) -> Expr {
    Expr::col((care_enrolment::Entity, column))
}

/// That somebody has seen or spoken to `resident` since `from`.
fn contact(resident: Expr, from: Expr) -> SelectStatement {
    use visit_task::Column as T;
    let told = Alias::new("told");
    let column = |column: T| Expr::col((told.clone(), column));
    Query::select()
        .expr(Expr::value(1))
        .from_as(visit_task::Entity, told.clone())
        .and_where(column(T::ResidentId).eq(resident))
        .and_where(column(T::OccurredAt).gte(from))
        .and_where(column(T::Outcome).is_in(visits::CONTACTS.to_vec()))
        .and_where(column(T::Status).is_in(visits::TOLD.to_vec()))
        .to_owned()
}

async fn begin(app: &App, tx: &Tx, now: DateTime<Utc>) -> Result<Vec<Changed>> {
    let late = find(tx, now).await?;
    if late.is_empty() {
        return Ok(Vec::new());
    }
    let rows = late.iter().map(|visit| escalation::ActiveModel {
        id: Set(app.clock.new_id()),
        visit_task_id: Set(visit.id),
        resident_id: Set(visit.resident_id),
        area_id: Set(visit.area_id),
        grid_id: Set(visit.grid_id),
        tier: Set(visit.tier),
        cause: Set(match visit.status {
            VisitStatus::Missed => EscalationCause::Overdue,
            _ => EscalationCause::AtRisk,
        }),
        status: Set(EscalationStatus::Open),
        // Nobody has been told yet: the first climb tells the grid.
        level: Set(AreaKind::Building),
        starts_at: Set(visit.starts_at),
        since_at: Set(Ord::min(visit.due_at, now)),
        climbs_at: Set(Some(now)),
        taken_by: Set(None),
        taken_at: Set(None),
        settled_at: Set(None),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    });
    let begun = escalation::Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_with_returning(&tx.unscoped(REASON))
        .await?;
    let new =
        |row: &escalation::Model| Changed::new(ChangeKind::Escalation, row.id, Some(row.area_id));
    Ok(begun.iter().map(new).collect())
}

/// Visits of enrolled people that are late or will be, of which nobody was told: one for each person.
async fn find(tx: &Tx, now: DateTime<Utc>) -> Result<Vec<Late>> {
    use care_enrolment::Column as E;
    use visit_task::Column as T;
    let own = |column: escalation::Column| Expr::col((escalation::Entity, column));
    // What was at risk, was claimed and is missed after all begins anew.
    let told = own(escalation::Column::VisitTaskId).eq(task(T::Id)).and(
        own(escalation::Column::Cause)
            .eq(EscalationCause::Overdue)
            .or(task(T::Status).ne(VisitStatus::Missed)),
    );
    let open = own(escalation::Column::ResidentId)
        .eq(task(T::ResidentId))
        .and(own(escalation::Column::SettledAt).is_null());
    let known = Query::select()
        .expr(Expr::value(1))
        .from(escalation::Entity)
        .cond_where(Condition::any().add(told).add(open))
        .to_owned();
    let missed = task(T::Status)
        .eq(VisitStatus::Missed)
        .and(task(T::DueAt).gt(now - LATEST));
    let at_risk = task(T::Status)
        .eq(VisitStatus::Open)
        .and(task(T::DueAt).gt(now))
        .and(task(T::DueAt).lte(now + AT_RISK))
        .and(task(T::StartsAt).lte(now))
        .and(enrolment(E::Tier).eq(CareTier::HighRisk));
    let mut select = Query::select();
    for column in [
        T::Id,
        T::ResidentId,
        T::AreaId,
        T::GridId,
        T::Status,
        T::StartsAt,
        T::DueAt,
    ] {
        select.expr(task(column));
    }
    select
        .expr(enrolment(E::Tier))
        .from(visit_task::Entity)
        .inner_join(
            care_enrolment::Entity,
            enrolment(E::ResidentId).equals((visit_task::Entity, T::ResidentId)),
        )
        .and_where(enrolment(E::ToOn).is_null())
        .and_where(
            enrolment(E::PausedOn)
                .is_null()
                .or(task(T::Origin).eq(VisitOrigin::Review)),
        )
        .cond_where(Condition::any().add(missed).add(at_risk))
        .and_where(Expr::exists(known).not())
        .and_where(Expr::exists(contact(task(T::ResidentId), task(T::StartsAt))).not())
        .order_by((visit_task::Entity, T::DueAt), Order::Asc)
        .limit(BATCH);
    let rows = tx.unscoped(REASON).query_all(&select).await?;
    let mut late: Vec<Late> = Vec::with_capacity(rows.len());
    for row in &rows {
        let visit = Late::from_query_result(row, "")?;
        if late.iter().all(|one| one.resident_id != visit.resident_id) {
            late.push(visit);
        }
    }
    Ok(late)
}

/// What has been missed since it was told to be at risk is overdue.
async fn late(tx: &Tx, now: DateTime<Utc>) -> Result<Vec<Changed>> {
    use escalation::Column as C;
    let missed = Query::select()
        .column(visit_task::Column::Id)
        .from(visit_task::Entity)
        .and_where(visit_task::Column::Status.eq(VisitStatus::Missed))
        .and_where(task(visit_task::Column::Id).equals((escalation::Entity, C::VisitTaskId)))
        .to_owned();
    let rows = escalation::Entity::update_many()
        .col_expr(C::Cause, Expr::value(EscalationCause::Overdue))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::value(now))
        .filter(C::SettledAt.is_null())
        .filter(C::Cause.eq(EscalationCause::AtRisk))
        .filter(Expr::exists(missed))
        .exec_with_returning(&tx.unscoped(REASON))
        .await?;
    Ok(touched(&rows))
}

/// What needs nobody any more: the person was contacted, the visit that was at risk is claimed or called
/// off, or they are to be visited no more.
async fn settle(tx: &Tx, now: DateTime<Utc>) -> Result<Vec<Changed>> {
    use care_enrolment::Column as E;
    use escalation::Column as C;
    use visit_task::Column as T;
    let own = |column: C| Expr::col((escalation::Entity, column));
    let its_visit = Query::select()
        .expr(Expr::value(1))
        .from(visit_task::Entity)
        .and_where(task(T::Id).eq(own(C::VisitTaskId)))
        .to_owned();
    let review = its_visit
        .clone()
        .and_where(task(T::Origin).eq(VisitOrigin::Review))
        .to_owned();
    let enrolled = Query::select()
        .expr(Expr::value(1))
        .from(care_enrolment::Entity)
        .and_where(enrolment(E::ResidentId).eq(own(C::ResidentId)))
        .and_where(enrolment(E::ToOn).is_null())
        // Who rests waits for nobody, unless it is their review that is late.
        .and_where(enrolment(E::PausedOn).is_null().or(Expr::exists(review)))
        .to_owned();
    let waits = its_visit
        .clone()
        .and_where(task(T::Status).is_in([VisitStatus::Open, VisitStatus::Missed]))
        .to_owned();
    let done = Condition::any()
        .add(Expr::exists(contact(own(C::ResidentId), own(C::StartsAt))))
        .add(Expr::exists(enrolled).not())
        .add(Expr::exists(waits).not());
    let rows = escalation::Entity::update_many()
        .col_expr(C::Status, Expr::value(EscalationStatus::Settled))
        .col_expr(C::SettledAt, Expr::value(now))
        .col_expr(C::ClimbsAt, Expr::value(Option::<DateTime<Utc>>::None))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::value(now))
        .filter(C::SettledAt.is_null())
        .filter(done)
        .exec_with_returning(&tx.unscoped(REASON))
        .await?;
    Ok(touched(&rows))
}

fn touched(rows: &[escalation::Model]) -> Vec<Changed> {
    let kind = ChangeKind::Escalation;
    rows.iter()
        .map(|row| Changed::in_place(kind, row.id, Some(row.area_id)))
        .collect()
}
