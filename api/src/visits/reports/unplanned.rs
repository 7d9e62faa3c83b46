//! A visit that nobody planned, recorded afterwards.

use entity::enums::VisitKind;
use serde::Serialize;
use uuid::Uuid;

use super::contact::{self, Recorded};
use super::report::Report;
use super::{filing, rules};
use crate::access::policy::Permission;
use crate::audit::service::Act;
use crate::care_plans::book::RuleBook;
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::visits::step::lock_account;
use crate::write::{Begun, Outcome, Request, Write};

const MUTATION: &str = "recordUnplannedVisit";

/// What was done for whom.
#[derive(Clone, Debug, Serialize)]
pub struct Unplanned {
    /// Who was visited.
    pub resident: Uuid,
    /// What kind of visit it was.
    pub kind: VisitKind,
    /// How it went.
    pub report: Report,
}

/// Records a visit that nobody had claimed. Needs `VISIT_RECORD` where the person lives, and of
/// volunteers a claim on a task of the household in the last 31 days.
///
/// Refused: `NOT_FOUND`, `NO_LONGER_HERE`, `CODE_INVALID`, what `limits` refuses and what a report's
/// times are refused for; a visit more than seven days ago is `OUT_OF_RANGE`.
pub async fn record(cx: &Cx, visit: Unplanned, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new(MUTATION, key, &visit)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::VisitRecord)?;
    let now = cx.app.clock.now();
    let told = visit.report.by_our_clock(now);
    let occurred_at = told.occurred_at(now);
    // One after the other, so that the count of today's holds.
    lock_account(write.tx(), actor.account).await?;
    let person = contact::person(cx, &write, visit.resident, occurred_at).await?;
    told.check(now)?;
    if occurred_at < now - rules::LATEST_UNPLANNED {
        return Err(Error::refused(Code::OutOfRange).on("occurredAt"));
    }
    let book = RuleBook::read(write.tx()).await?;
    let report = (cx.app.clock.new_id(), Some(visit.kind), &told);
    match contact::record(cx, &write, &book, &person, report).await {
        Ok(recorded) => finish(cx, write, &recorded).await,
        Err(error) => {
            drop(write);
            Err(filing::counted(cx, person.household(), error).await?)
        }
    }
}

async fn finish(cx: &Cx, write: Write, recorded: &Recorded) -> Result<Outcome> {
    let task = &recorded.task;
    let place = Some(task.area_id);
    let act = Act {
        action: MUTATION,
        subject_kind: "VisitTask",
        subject_id: task.id,
        area_id: place,
        reason: None,
        fields: "status".to_owned(),
        details: None,
    };
    write.record(cx, act, recorded.changed()).await?;
    let outcome = Outcome::of(task.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}
