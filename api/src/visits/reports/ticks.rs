//! One door of a batch ticked: met and given, or nobody there.

use chrono::NaiveDate;
use uuid::Uuid;

use super::attempt::{self, one_more};
use super::contacts::Said;
use super::late::{self, Heard};
use super::{filing, rules};
use crate::changes::service::Changed;
use crate::clock::{SHANGHAI, local_date};
use crate::context::Cx;
use crate::error::{Code, Error, Refusal, Result};
use crate::visits::rules::Action;
use crate::visits::service::Call;
use crate::visits::step::{Taken, holders};
use crate::write::Write;
use entity::enums::ChangeKind;
use entity::visit_task;

/// How many doors are ticked in one call.
pub const MOST_DOORS: usize = rules::MOST_CONTACTS;

/// What came of a door.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Tick {
    /// The door.
    pub door: Uuid,
    /// A report, or a try that met nobody; the door stays with who holds the batch.
    pub said: Said,
}

/// Ticks a door on its day within an open write, and says what is to be announced. Only who holds it; a
/// report of who held it is heard late, as everywhere.
///
/// Refused: the states of a report, `OUT_OF_RANGE` on another day, `TIME_IN_FUTURE`.
pub async fn tick(
    cx: &Cx,
    write: &Write,
    mutation: &'static str,
    (tick, served_on): (&Tick, NaiveDate),
) -> Result<Vec<Changed>> {
    let now = cx.app.clock.now();
    let said = match &tick.said {
        Said::Report(report) => Said::Report(Box::new(report.by_our_clock(now))),
        Said::Attempt(attempt) => Said::Attempt(attempt.by_our_clock(now)),
    };
    let at = match &said {
        Said::Report(report) => report.occurred_at(now),
        Said::Attempt(attempt) => attempt.occurred_at.unwrap_or(now),
    };
    if local_date(at, SHANGHAI) != served_on {
        return Err(Error::refused(Code::OutOfRange));
    }
    let call = Call::within(tick.door);
    let id = cx.app.clock.new_id();
    match &said {
        Said::Report(report) => {
            report.check(now)?;
            let step = report.sets(cx, holders(mutation, Action::Report, call))?;
            let heard = match step.take(cx, write).await? {
                Taken::Moved(task, fields) => Heard {
                    task: *task,
                    fields,
                    is_new: false,
                },
                Taken::Before(_) => return Ok(Vec::new()),
                Taken::Refused(refusal) => {
                    hear_late(cx, write, tick.door, (report, refusal)).await?
                }
            };
            filing::file(cx, write.tx(), &heard.task, (id, report)).await?;
            Ok(heard.changed())
        }
        Said::Attempt(attempt) => {
            attempt.check(now)?;
            let step = one_more(holders(mutation, Action::AttemptAndKeep, call))
                .set(visit_task::Column::RetryAt, attempt.retry_at);
            let task = match step.take(cx, write).await? {
                Taken::Moved(task, _) => task,
                Taken::Before(_) => return Ok(Vec::new()),
                Taken::Refused(refusal) => return Err(refusal),
            };
            attempt::note(cx, write.tx(), (id, task.id), attempt).await?;
            let place = Some(task.area_id);
            Ok(vec![Changed::in_place(
                ChangeKind::VisitTask,
                task.id,
                place,
            )])
        }
    }
}

/// A report that comes after its claim has lapsed, where the door's claim was the actor's.
async fn hear_late(
    cx: &Cx,
    write: &Write,
    door: Uuid,
    (report, refusal): (&super::Report, Error),
) -> Result<Heard> {
    match &refusal {
        Error::Refused(Refusal {
            code: Code::AlreadyFinished | Code::NotClaimedByYou | Code::NotFound,
            ..
        }) => late::hear(cx, write, door, report).await?.ok_or(refusal),
        _ => Err(refusal),
    }
}
