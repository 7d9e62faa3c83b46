//! A round of calls in one step: each settles what the person's visit was for, or is noted on it.

pub mod graphql;

use entity::enums::ChangeKind;
use entity::{visit_attempt, visit_report, visit_task};
use sea_orm::EntityTrait as _;
use serde::Serialize;
use uuid::Uuid;

use super::attempt::{self, Attempt, one_more};
use super::contact::{self, Person};
use super::report::Report;
use super::rules;
use crate::access::policy::Permission;
use crate::audit::service::Act;
use crate::care_plans::book::RuleBook;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::{Code, Error, Result};
use crate::visits::rules::Action;
use crate::visits::service::Call;
use crate::visits::step::{Step, Taken, holders, lock_account};
use crate::write::{Begun, Outcome, Request, Write};

const MUTATION: &str = "recordContacts";
const REASON: &str = "whether an actor's own record was written before";

/// One call or visit of a round.
#[derive(Clone, Debug, Serialize)]
pub struct Contact {
    /// The id the phone chose for it, so that a repeat is the same record.
    pub id: Option<Uuid>,
    /// Who was called.
    pub resident: Uuid,
    /// What came of it.
    pub said: Said,
}

/// What came of a call.
#[derive(Clone, Debug, Serialize)]
pub enum Said {
    /// Somebody answered.
    Report(Box<Report>),
    /// Nobody did.
    Attempt(Attempt),
}

/// Records up to 50 calls, each by itself: one that is refused leaves the others as they are. Needs
/// `VISIT_RECORD` where the people live.
///
/// The outcome has one id and one code for each, in their order: the task, or nil and why it was
/// refused (`NOT_FOUND`, `NO_LONGER_HERE`, `NO_TASK`, `ID_TAKEN`, `OUT_OF_RANGE`, `TIME_IN_FUTURE`,
/// `WINDOW_INVALID`, `DAILY_LIMIT`, `AGE_UNFIT`, `TRAINING_MISSING`). Refused as a whole: `OUT_OF_RANGE`.
pub async fn record(cx: &Cx, contacts: Vec<Contact>, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new(MUTATION, key, &contacts)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::VisitRecord)?;
    if contacts.is_empty() || contacts.len() > rules::MOST_CONTACTS {
        return Err(Error::refused(Code::OutOfRange).on("contacts"));
    }
    lock_account(write.tx(), actor.account).await?;
    let book = RuleBook::read(write.tx()).await?;
    // In the order of their ids, so that two rounds that hold the same people do not wait for each other.
    let mut order: Vec<usize> = (0..contacts.len()).collect();
    order.sort_by_key(|at| contacts[*at].resident);
    let mut outcome = Outcome {
        ids: vec![Uuid::nil(); contacts.len()],
        codes: vec![None; contacts.len()],
    };
    let mut changed = Vec::new();
    for at in order {
        match one(cx, &write, &book, &contacts[at]).await {
            Ok((task, change)) => {
                outcome.ids[at] = task;
                changed.extend(change);
            }
            Err(Error::Refused(refusal)) => outcome.codes[at] = Some(refusal.code),
            Err(error) => return Err(error),
        }
    }
    if changed.is_empty() {
        return Ok(outcome);
    }
    let act = Act {
        action: MUTATION,
        subject_kind: "Account",
        subject_id: actor.account,
        area_id: None,
        reason: None,
        fields: "contacts".to_owned(),
        details: serde_json::to_string(&outcome.ids).ok(),
    };
    write.record_all(cx, act, &changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Records one; nothing is announced of what was recorded before.
async fn one(
    cx: &Cx,
    write: &Write,
    book: &RuleBook,
    contact: &Contact,
) -> Result<(Uuid, Option<Changed>)> {
    if let Some(id) = contact.id {
        if id.get_version_num() != 7 {
            return Err(Error::refused(Code::UuidInvalid));
        }
        if let Some(task) = known(cx, write, id).await? {
            return Ok((task, None));
        }
    }
    let now = cx.app.clock.now();
    let id = contact.id.unwrap_or_else(|| cx.app.clock.new_id());
    match &contact.said {
        Said::Report(report) => {
            let report = &report.by_our_clock(now);
            let occurred_at = report.occurred_at(now);
            let person = contact::person(cx, write, contact.resident, occurred_at).await?;
            report.check(now)?;
            if occurred_at < now - rules::LATEST_UNPLANNED {
                return Err(Error::refused(Code::OutOfRange));
            }
            let recorded = contact::record(cx, write, book, &person, (id, None, report)).await?;
            Ok((recorded.task.id, Some(recorded.changed())))
        }
        Said::Attempt(attempt) => {
            let attempt = &attempt.by_our_clock(now);
            let occurred_at = attempt.occurred_at.unwrap_or(now);
            let person = contact::person(cx, write, contact.resident, occurred_at).await?;
            attempt.check(now)?;
            let task = noted(cx, write, &person, (id, attempt)).await?;
            let place = Some(task.area_id);
            let changed = Changed::in_place(ChangeKind::VisitTask, task.id, place);
            Ok((task.id, Some(changed)))
        }
    }
}

/// The task of a record that the actor has written under this id before; another's is refused.
async fn known(cx: &Cx, write: &Write, id: Uuid) -> Result<Option<Uuid>> {
    let connection = write.tx().unscoped(REASON);
    let report = visit_report::Entity::find_by_id(id)
        .one(&connection)
        .await?;
    let attempt = visit_attempt::Entity::find_by_id(id)
        .one(&connection)
        .await?;
    let written = report
        .map(|row| (row.account_id, row.visit_task_id))
        .or(attempt.map(|row| (row.account_id, row.visit_task_id)));
    match written {
        Some((account, task)) if account == cx.actor()?.account => Ok(Some(task)),
        Some(_) => Err(Error::refused(Code::IdTaken)),
        None => Ok(None),
    }
}

/// Notes an attempt on the person's visit whose window it fell into: `NO_TASK` without one.
async fn noted(
    cx: &Cx,
    write: &Write,
    person: &Person,
    (id, attempt): (Uuid, &Attempt),
) -> Result<visit_task::Model> {
    let at = attempt.occurred_at.unwrap_or(cx.app.clock.now());
    let waiting = contact::waiting(cx, write, person, at).await?;
    for task in waiting.iter().filter(|task| task.batch_id.is_none()) {
        let call = Call::within(task.id);
        let step = match (task.claimed_by, attempt.retry_at) {
            (None, _) => Step::new(
                MUTATION,
                Action::AttemptUnclaimed,
                Permission::VisitRecord,
                call,
            ),
            (Some(_), Some(at)) => {
                holders(MUTATION, Action::AttemptAndKeep, call).set(visit_task::Column::RetryAt, at)
            }
            (Some(_), None) => holders(MUTATION, Action::AttemptAndReopen, call).unclaimed(),
        };
        if let Taken::Moved(task, _) = one_more(step).take(cx, write).await? {
            attempt::note(cx, write.tx(), (id, task.id), attempt).await?;
            return Ok(*task);
        }
    }
    Err(Error::refused(Code::NoTask))
}
