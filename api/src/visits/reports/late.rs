//! A report that comes after its claim has lapsed is kept and linked, never lost.
//!
//! Where the task is open again it is settled by the report. Otherwise (missed, or in other hands) the
//! report becomes a task of its own that follows it, in the state REPORTED. So does one on a task that was
//! called off meanwhile, unless the person had died before, or it was reported already. Only who had claimed the
//! task is heard, about a time within the claim or the task's window.

use chrono::{DateTime, Utc};
use entity::enums::{ChangeKind, VisitOrigin};
use entity::{resident, visit_claim, visit_task};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use super::contact::{Place, reported_row, settling};
use super::report::{MUTATION, Report};
use super::{filing, rules};
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::clock::{SHANGHAI, local_date};
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::visits::rules::Action;
use crate::visits::service::Call;
use crate::visits::step::Taken;
use crate::write::{Outcome, Write};

const REASON: &str =
    "a late report belongs to who had claimed its task, whatever they are granted now";

/// A late report that was heard: the task that it settled, or became.
pub(super) struct Heard {
    pub task: visit_task::Model,
    pub fields: Vec<&'static str>,
    /// Whether it became a task of its own.
    pub is_new: bool,
}

impl Heard {
    /// What is announced of it.
    pub(super) fn changed(&self) -> Vec<Changed> {
        let (kind, place) = (ChangeKind::VisitTask, Some(self.task.area_id));
        if !self.is_new {
            return vec![Changed::in_place(kind, self.task.id, place)];
        }
        // The missed one changes too: it shows what follows it.
        let original = self.task.follows_id;
        let follows = original.map(|id| Changed::in_place(kind, id, place));
        let new = Changed::new(kind, self.task.id, place);
        std::iter::once(new).chain(follows).collect()
    }
}

/// Hears a report on a task that the actor had claimed, and files it; absent where they never had, or the
/// ordinary refusal stands.
pub(super) async fn report(
    cx: &Cx,
    write: Write,
    call: Call,
    report: &Report,
) -> Result<Option<Outcome>> {
    let Some(heard) = hear(cx, &write, call.task.uuid(), report).await? else {
        return Ok(None);
    };
    let task = &heard.task;
    let filed = filing::file(cx, write.tx(), task, (cx.app.clock.new_id(), report)).await;
    if let Err(error) = filed {
        drop(write);
        return Err(filing::counted(cx, task.household_id, error).await?);
    }
    let act = Act {
        action: MUTATION,
        subject_kind: "VisitTask",
        subject_id: task.id,
        area_id: Some(task.area_id),
        reason: None,
        fields: heard.fields.join(","),
        details: None,
    };
    write.record_all(cx, act, &heard.changed()).await?;
    let outcome = Outcome::of(task.id);
    write.commit(&outcome).await?;
    Ok(Some(outcome))
}

/// Moves or makes the task that a late report is about; its papers are still to be filed.
pub(super) async fn hear(
    cx: &Cx,
    write: &Write,
    id: Uuid,
    report: &Report,
) -> Result<Option<Heard>> {
    let me = cx.actor()?.account;
    let tx = write.tx();
    let Some(original) = held(tx, id).await? else {
        return Ok(None);
    };
    let claims = claims(tx, original.id, me).await?;
    let mine = original.claimed_by == Some(me);
    if claims.is_empty() && !mine || !rules::is_late(original.status, mine) {
        return Ok(None);
    }
    let is_called_off = original.status == Action::Cancel.transition().to;
    if is_called_off && original.reported_by == Some(me) {
        return Ok(None);
    }
    let now = cx.app.clock.now();
    report.check(now)?;
    if is_called_off && died_before(tx, &original, report.occurred_at(now)).await? {
        return Err(Error::refused(Code::NoLongerHere).on("visitTaskId"));
    }
    let began = claims.iter().map(|claim| claim.claimed_at).min();
    let first = began.map_or(original.starts_at, |at| at.min(original.starts_at));
    let last = original
        .lease_until
        .map_or(original.due_at, |lease| lease.max(original.due_at));
    if !(first..=last).contains(&report.occurred_at(now)) {
        return Err(Error::refused(Code::WindowPassed).on("occurredAt"));
    }
    if is_known(tx, original.id, me).await? {
        return Err(Error::refused(Code::AlreadyReported).on("visitTaskId"));
    }
    let settling = settling(cx, MUTATION, Call::within(original.id), report)?;
    if let Taken::Moved(task, fields) = settling.take(cx, write).await? {
        return Ok(Some(Heard {
            task: *task,
            fields,
            is_new: false,
        }));
    }
    follow(cx, write, original, report).await.map(Some)
}

/// The task, held until the end so that two late reports of one claim come one after the other.
async fn held(tx: &Tx, id: Uuid) -> Result<Option<visit_task::Model>> {
    Ok(visit_task::Entity::find_by_id(id)
        .lock_exclusive()
        .one(&tx.unscoped(REASON))
        .await?)
}

/// The claims that an account had on a task, the first one first.
async fn claims(tx: &Tx, task: Uuid, account: Uuid) -> Result<Vec<visit_claim::Model>> {
    Ok(visit_claim::Entity::find()
        .filter(visit_claim::Column::VisitTaskId.eq(task))
        .filter(visit_claim::Column::AccountId.eq(account))
        .order_by_asc(visit_claim::Column::ClaimedAt)
        .all(&tx.unscoped(REASON))
        .await?)
}

/// Whether the person to be visited had died before the day of the visit.
async fn died_before(tx: &Tx, task: &visit_task::Model, at: DateTime<Utc>) -> Result<bool> {
    let Some(resident) = task.resident_id else {
        return Ok(false);
    };
    let dead = resident::Entity::find_by_id(resident)
        .filter(resident::Column::DeceasedOn.lt(local_date(at, SHANGHAI)))
        .count(&tx.unscoped(REASON))
        .await?;
    Ok(dead > 0)
}

/// Whether the account has reported late on this task before.
async fn is_known(tx: &Tx, original: Uuid, account: Uuid) -> Result<bool> {
    let known = visit_task::Entity::find()
        .filter(visit_task::Column::FollowsId.eq(original))
        .filter(visit_task::Column::Origin.eq(VisitOrigin::Late))
        .filter(visit_task::Column::ReportedBy.eq(account))
        .count(&tx.unscoped(REASON))
        .await?;
    Ok(known > 0)
}

/// Writes the report as a task of its own that follows the one it was claimed as.
async fn follow(
    cx: &Cx,
    write: &Write,
    original: visit_task::Model,
    report: &Report,
) -> Result<Heard> {
    let place = Place {
        household: original.household_id,
        resident: original.resident_id,
        area: original.area_id,
        grid: original.grid_id,
    };
    let mut row = reported_row(cx, report, (original.kind, VisitOrigin::Late), place)?;
    row.starts_at = Set(original.starts_at);
    row.due_at = Set(original.due_at);
    row.lease_until = Set(Some(original.due_at));
    row.instructions = Set(original.instructions);
    row.enrolment_id = Set(original.enrolment_id);
    row.round_id = Set(original.round_id);
    row.tier = Set(original.tier);
    row.minutes = Set(original.minutes);
    row.follows_id = Set(Some(original.id));
    Ok(Heard {
        task: row.insert(&write.tx().unscoped(REASON)).await?,
        fields: vec!["status", "follows_id"],
        is_new: true,
    })
}
