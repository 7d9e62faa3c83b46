//! How a visit went, said by who holds its claim.

use chrono::{DateTime, Duration, Utc};
use entity::enums::{CareTier, VisitMethod, VisitOrigin, VisitOutcome, Wellbeing};
use entity::visit_task;
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, SimpleExpr};
use serde::Serialize;

use super::filing::{self, occurred};
use super::late;
use super::rules;
use crate::clock::{SHANGHAI, day_after};
use crate::context::Cx;
use crate::error::{Code, Error, Refusal, Result};
use crate::route::Point;
use crate::visits::rules::Action;
use crate::visits::service::Call;
use crate::visits::step::{Done, Moved, Step, Taken, holders};
use crate::write::{Begun, Outcome, Write};

pub(super) const MUTATION: &str = "reportVisitTask";

/// How the parts of a person's life were found; what was not looked at is absent.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Checklist {
    /// Health.
    pub health: Option<Wellbeing>,
    /// Safety at home.
    pub home_safety: Option<Wellbeing>,
    /// Meals.
    pub meals: Option<Wellbeing>,
    /// Mood.
    pub mood: Option<Wellbeing>,
    /// Family and who looks after them.
    pub family: Option<Wellbeing>,
}

impl Checklist {
    /// The worst of what was found.
    #[must_use]
    pub fn worst(self) -> Option<Wellbeing> {
        [
            self.health,
            self.home_safety,
            self.meals,
            self.mood,
            self.family,
        ]
        .into_iter()
        .flatten()
        .max()
    }
}

/// How a visit went.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What was found.
    pub outcome: VisitOutcome,
    /// How the household was met.
    pub method: VisitMethod,
    /// What else there is to say.
    pub notes: Option<String>,
    /// When it began, by the phone's clock; for a report straight from the claim.
    pub started_at: Option<DateTime<Utc>>,
    /// When it happened, by the phone's clock; now where absent.
    pub occurred_at: Option<DateTime<Utc>>,
    /// When the visitor left, by the phone's clock.
    pub ended_at: Option<DateTime<Utc>>,
    /// How the person's life was found.
    pub wellbeing: Checklist,
    /// What is needed.
    pub needs: Option<String>,
    /// The tier that the reporter proposes for the person.
    pub proposed_tier: Option<CareTier>,
    /// The code on the contact card inside the home.
    pub arrival_code: Option<String>,
    /// Where the phone is; compared once and forgotten, so no part of what tells calls apart.
    #[serde(skip)]
    pub position: Option<Point>,
    /// The phone's clock as it sends, by which its times are set right; a repeat sends another.
    #[serde(skip)]
    pub phone_time: Option<DateTime<Utc>>,
}

impl Report {
    /// When the contact was made.
    #[must_use]
    pub fn occurred_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.occurred_at.unwrap_or(now)
    }

    /// The report with its times set right, where the phone's clock is off and says so.
    #[must_use]
    pub(super) fn by_our_clock(&self, now: DateTime<Utc>) -> Self {
        let ahead = rules::ahead(self.phone_time, now);
        let right = |at: Option<DateTime<Utc>>| set_right(at, ahead);
        Self {
            started_at: right(self.started_at),
            occurred_at: right(self.occurred_at),
            ended_at: right(self.ended_at),
            ..self.clone()
        }
    }

    /// Checks its own values.
    pub(super) fn check(&self, now: DateTime<Utc>) -> Result<()> {
        let occurred_at = self.occurred_at(now);
        occurred(occurred_at, now, "occurredAt")?;
        if let Some(started_at) = self.started_at {
            occurred(started_at, now, "startedAt")?;
            if started_at > occurred_at {
                return Err(Error::refused(Code::WindowInvalid).on("startedAt"));
            }
        }
        if let Some(ended_at) = self.ended_at {
            occurred(ended_at, now, "endedAt")?;
            rules::check_ended(ended_at, self.started_at, occurred_at)
                .map_err(|code| Error::refused(code).on("endedAt"))?;
        }
        Ok(())
    }

    /// Adds to a step what the report changes of its task.
    pub(super) fn sets(&self, cx: &Cx, step: Step) -> Result<Step> {
        use visit_task::Column as C;
        let now = cx.app.clock.now();
        let occurred_at = self.occurred_at(now);
        Ok(step
            .checked(self.check(now))
            .set(C::ReportedBy, cx.actor()?.account)
            .set(C::ReportedAt, now)
            .set(C::OccurredAt, occurred_at)
            .set(C::Outcome, self.outcome)
            .set(C::Method, self.method)
            .set(C::StartedAt, started(self.started_at, occurred_at))
            .set(C::Occasion, occasion(occurred_at)))
    }
}

/// Reports a visit; it then waits for somebody else to verify it, above the reporter's own level.
///
/// Whoever had claimed the task and comes late is heard too, see [`late`]. Refused besides the
/// states: `TIME_IN_FUTURE`, `OUT_OF_RANGE`, `WINDOW_INVALID`, `CODE_INVALID`; of a late report
/// `WINDOW_PASSED`, `ALREADY_REPORTED`, `NO_LONGER_HERE`.
pub async fn report(cx: &Cx, call: Call, report: Report) -> Result<Outcome> {
    let told = report.by_our_clock(cx.app.clock.now());
    let step = told.sets(cx, holders(MUTATION, Action::Report, call))?;
    // As the phone said it: a repeat comes at another moment, and is the same call.
    let write = match Write::begin(cx, step.request(&report)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let refusal = match step.take(cx, &write).await? {
        Taken::Moved(task, fields) => {
            let done = Done::Now(Box::new(Moved {
                write,
                task: *task,
                mutation: MUTATION,
                fields,
            }));
            return filing::finish(cx, done, &told).await;
        }
        Taken::Before(id) => return Ok(Outcome::of(id)),
        Taken::Refused(refusal) => refusal,
    };
    match &refusal {
        Error::Refused(Refusal {
            code: Code::AlreadyFinished | Code::NotClaimedByYou | Code::NotFound,
            ..
        }) => late::report(cx, write, call, &told).await?.ok_or(refusal),
        _ => Err(refusal),
    }
}

/// What the visit was made for: one made on a day before its window began is a contact, but not what the
/// care rule asked for, which is asked for again.
fn occasion(occurred_at: DateTime<Utc>) -> SimpleExpr {
    use visit_task::Column as C;
    let early = C::Origin
        .is_in([VisitOrigin::Rule, VisitOrigin::Review])
        .and(C::StartsAt.gte(day_after(occurred_at, SHANGHAI)));
    CaseStatement::new()
        .case(early, Expr::value(Option::<String>::None))
        .finally(Expr::col(C::Occasion))
        .into()
}

/// A time by a clock that is so far ahead, by the server's.
pub(super) fn set_right(at: Option<DateTime<Utc>>, ahead: Duration) -> Option<DateTime<Utc>> {
    at.map(|at| at.checked_sub_signed(ahead).unwrap_or(at))
}

/// When the visit began: as reported, else as noted at the door, but never after the contact.
fn started(reported: Option<DateTime<Utc>>, occurred_at: DateTime<Utc>) -> SimpleExpr {
    let noted = Expr::col(visit_task::Column::StartedAt);
    match reported {
        Some(at) => Expr::value(at),
        None => CaseStatement::new()
            .case(noted.clone().lt(occurred_at), noted)
            .finally(Expr::value(occurred_at))
            .into(),
    }
}
