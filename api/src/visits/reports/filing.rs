//! The papers of a report: its row, how far the visitor was there, and who verifies it.

use chrono::{DateTime, Utc};
use entity::enums::{AreaKind, Arrival};
use entity::{area, visit_report, visit_task};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryTrait as _};
use uuid::Uuid;

use super::report::Report;
use super::rules;
use crate::access::policy::{self, Permission};
use crate::access::scope::{Reaches, highest_level, reach, select_columns};
use crate::access::sealed::{self, Field};
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Refusal, Result};
use crate::findings::propose::{Found, propose};
use crate::route::Point;
use crate::visits::arrival;
use crate::visits::cards;
use crate::visits::step::Done;
use crate::visits::verification::{job, rules::Facts};
use crate::write::Outcome;

const REASON: &str = "written with the task that was just reported";

/// Files the report of a task that has just moved, and finishes the write.
pub(super) async fn finish(cx: &Cx, done: Done, report: &Report) -> Result<Outcome> {
    let Done::Now(moved) = &done else {
        return done.finish(cx, None).await;
    };
    let id = cx.app.clock.new_id();
    match file(cx, moved.write.tx(), &moved.task, (id, report)).await {
        Ok(()) => done.finish(cx, None).await,
        Err(error) => {
            let household = moved.task.household_id;
            drop(done);
            Err(counted(cx, household, error).await?)
        }
    }
}

/// Counts a wrong code of a contact card, once the report's own write is undone.
pub(super) async fn counted(cx: &Cx, household: Uuid, error: Error) -> Result<Error> {
    if let Error::Refused(Refusal {
        code: Code::CodeInvalid,
        ..
    }) = error
    {
        cards::count_wrong(cx, household).await?;
    }
    Ok(error)
}

/// Writes a report with this key on a task that is reported already, and decides who verifies it.
pub(super) async fn file(
    cx: &Cx,
    tx: &Tx,
    task: &visit_task::Model,
    (id, report): (Uuid, &Report),
) -> Result<()> {
    let now = cx.app.clock.now();
    let arrival = arrived(cx, tx, task, report).await?;
    let skew = report
        .phone_time
        .map(|phone| rules::skew_seconds(phone, now));
    let known = job::known(tx, task).await?;
    let revision = known.reports.saturating_add(1);
    let row = visit_report::ActiveModel {
        id: Set(id),
        visit_task_id: Set(task.id),
        revision: Set(revision),
        account_id: Set(cx.actor()?.account),
        outcome: Set(report.outcome),
        method: Set(report.method),
        notes_sealed: Set(sealed_notes(cx, report.notes.as_deref())?),
        started_at: Set(task.started_at),
        occurred_at: Set(report.occurred_at(now)),
        recorded_at: Set(now),
        ended_at: Set(report.ended_at),
        arrival: Set(arrival),
        clock_skew_seconds: Set(skew),
        health: Set(report.wellbeing.health),
        home_safety: Set(report.wellbeing.home_safety),
        meals: Set(report.wellbeing.meals),
        mood: Set(report.wellbeing.mood),
        family: Set(report.wellbeing.family),
        needs_sealed: Set(sealed_notes(cx, report.needs.as_deref())?),
        proposed_tier: Set(report.proposed_tier),
    };
    let facts = Facts {
        outcome: report.outcome,
        worst: report.wellbeing.worst(),
        has_needs: report.needs.is_some() || report.proposed_tier.is_some(),
        arrival,
        is_clock_off: skew.is_some_and(rules::is_clock_off),
        origin: task.origin,
        revision,
    };
    let due = job::due(cx, tx, task, (facts, known)).await?;
    let update = visit_task::Entity::update_many()
        .set(visit_task::ActiveModel {
            verify_level: Set(verify_level(cx, task.area_id)?),
            auto_verify_at: Set(due),
            ended_at: Set(report.ended_at),
            arrival: Set(Some(arrival)),
            clock_skew_seconds: Set(skew),
            ..Default::default()
        })
        .filter(visit_task::Column::Id.eq(task.id));
    let insert = visit_report::Entity::insert(row).into_query();
    tx.unscoped(REASON)
        .execute_all(vec![insert], Some(update.into_query()))
        .await?;
    let found = Found {
        outcome: report.outcome,
        at: report.occurred_at(now),
        is_told_again: revision > 1,
    };
    propose(cx, tx, task, found).await
}

/// The level above the reporter's own; in the community office another person is enough.
fn verify_level(cx: &Cx, area: Uuid) -> Result<i32> {
    let own = highest_level(cx.actor()?, Permission::VisitVerify, area);
    Ok(own.map_or(0, |level| {
        Ord::min(level + 1, policy::level(AreaKind::Community))
    }))
}

/// How far it is known that the visitor was there: by the card's code, else by the distance.
async fn arrived(cx: &Cx, tx: &Tx, task: &visit_task::Model, report: &Report) -> Result<Arrival> {
    if let Some(code) = &report.arrival_code {
        cards::check(cx, tx, task.household_id, code).await?;
        return Ok(Arrival::Code);
    }
    let building = match report.position {
        Some(_) => building(tx, task).await?,
        None => None,
    };
    Ok(arrival::compared(report.position, building))
}

/// The building where a task is carried out stands where it stands for whoever sees the task.
impl Reaches<area::Entity> for visit_task::Model {
    fn key(&self) -> Uuid {
        self.area_id
    }
    fn column() -> area::Column {
        area::Column::Id
    }
}

async fn building(tx: &Tx, task: &visit_task::Model) -> Result<Option<Point>> {
    let areas: Vec<area::Model> =
        reach::<_, area::Entity, _>(tx, std::slice::from_ref(task), |select| {
            select_columns::<area::Entity>(select, "");
        })
        .await?;
    let building = areas.first().filter(|area| {
        // The point of a grid says nothing about a door.
        area.kind == AreaKind::Building
    });
    Ok(building.and_then(|area| Point::new(area.latitude?, area.longitude?)))
}

/// Checks an instant by the phone's clock.
pub(super) fn occurred(at: DateTime<Utc>, now: DateTime<Utc>, field: &'static str) -> Result<()> {
    crate::visits::rules::check_occurred(at, now).map_err(|code| Error::refused(code).on(field))
}

/// Seals what was written of a visit.
pub(super) fn sealed_notes(cx: &Cx, notes: Option<&str>) -> Result<Option<String>> {
    notes
        .map(|notes| sealed::seal(&cx.app.keys, Field::VisitNotes, notes))
        .transpose()
}
