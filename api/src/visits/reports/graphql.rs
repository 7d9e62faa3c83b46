//! Attempts and reports as phones see them, and send them.

use async_graphql::{ComplexObject, Context, Enum, InputObject, SimpleObject};

use super::report::Checklist;
use super::rows::{AttemptRow, ReportRow};
use super::rules;
use crate::access::protected::View;
use crate::error::{Code, Error, Result};
use crate::protected::{ProtectedString, opened};
use crate::residents::graphql::CareTier;
use crate::route::Point;
use crate::scalars::DateTime;
use crate::schema::{AtEdge as _, cx};
use crate::visits::graphql::{AttemptReason, VisitMethod, VisitOutcome};

/// How one part of an elder's life was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::Wellbeing")]
pub enum Wellbeing {
    /// As it should be 良好.
    Good,
    /// To be watched 需关注.
    Concern,
    /// Help is needed 较差.
    Poor,
}

/// How far it is known that the visitor was at the door; never a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::Arrival")]
pub enum Arrival {
    /// The code on the contact card inside the home was read.
    Code,
    /// The phone said it was within 200 m of the building.
    Near,
    /// The phone said it was further away.
    Far,
    /// Not known.
    Unknown,
}

/// How the parts of a person's life were found; what was not looked at is absent.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub struct WellbeingInput {
    /// Health.
    health: Option<Wellbeing>,
    /// Safety at home: electricity, gas, falls.
    home_safety: Option<Wellbeing>,
    /// Meals.
    meals: Option<Wellbeing>,
    /// Mood.
    mood: Option<Wellbeing>,
    /// Family and who looks after them.
    family: Option<Wellbeing>,
}

/// Where the phone is at this moment: compared once with the building's point, and kept nowhere.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct PositionInput {
    /// Degrees north, WGS 84.
    latitude: f64,
    /// Degrees east, WGS 84.
    longitude: f64,
}

impl From<WellbeingInput> for Checklist {
    fn from(input: WellbeingInput) -> Self {
        Self {
            health: input.health.map(Into::into),
            home_safety: input.home_safety.map(Into::into),
            meals: input.meals.map(Into::into),
            mood: input.mood.map(Into::into),
            family: input.family.map(Into::into),
        }
    }
}

impl PositionInput {
    /// The point, if it is one on the earth.
    pub fn into_point(self) -> Result<Point> {
        Point::new(self.latitude, self.longitude)
            .ok_or_else(|| Error::refused(Code::OutOfRange).on("position"))
    }
}

/// A try at a visit that met nobody.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct VisitAttempt {
    /// Why nobody was met.
    reason: AttemptReason,
    /// When, by the visitor's clock.
    occurred_at: DateTime,
    /// When it reached the server.
    recorded_at: DateTime,
    /// When the visitor meant to try again; absent when the task was given back.
    retry_at: Option<DateTime>,
    #[graphql(skip)]
    row: AttemptRow,
    #[graphql(skip)]
    view: View,
}

impl VisitAttempt {
    /// Shows an attempt.
    #[must_use]
    pub fn new(row: &AttemptRow, view: View) -> Self {
        Self {
            reason: row.reason.into(),
            occurred_at: DateTime(row.occurred_at),
            recorded_at: DateTime(row.recorded_at),
            retry_at: row.retry_at.map(DateTime),
            row: row.clone(),
            view,
        }
    }
}

#[ComplexObject]
impl VisitAttempt {
    /// What was noticed. Needs `RESIDENT_READ` or a live claim.
    async fn notes(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        let value = self
            .view
            .visit_notes(&cx(ctx).app.keys, self.row.notes_sealed.as_deref());
        let shown = value.map(|value| opened(ctx, "VisitTask", self.row.visit_task_id, value));
        Some(shown.at_edge(ctx))
    }
}

/// What was reported of a visit.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct VisitReport {
    /// 1 for the first report, one more after each return.
    revision: i32,
    /// What was found.
    outcome: VisitOutcome,
    /// How the household was met.
    method: VisitMethod,
    /// When the visit began, by the visitor's clock.
    started_at: Option<DateTime>,
    /// When the contact happened, by the visitor's clock.
    occurred_at: DateTime,
    /// When the visitor left, by the visitor's clock.
    ended_at: Option<DateTime>,
    /// When the report reached the server.
    recorded_at: DateTime,
    /// How far it is known that the visitor was there.
    arrival: Arrival,
    /// By how many seconds the visitor's clock was ahead; absent where the phone did not tell.
    clock_skew_seconds: Option<i32>,
    /// Whether that clock was more than five minutes off, so that a person looks at the report; up to a
    /// day, its times were set right.
    is_clock_off: bool,
    /// Health, as found.
    health: Option<Wellbeing>,
    /// Safety at home, as found.
    home_safety: Option<Wellbeing>,
    /// Meals, as found.
    meals: Option<Wellbeing>,
    /// Mood, as found.
    mood: Option<Wellbeing>,
    /// Family and who looks after them, as found.
    family: Option<Wellbeing>,
    /// The tier that the reporter proposes; `acceptProposedTier` gives it.
    proposed_tier: Option<CareTier>,
    #[graphql(skip)]
    row: ReportRow,
    #[graphql(skip)]
    view: View,
}

impl VisitReport {
    /// Shows a report to somebody who may know what was found.
    #[must_use]
    pub fn new(row: &ReportRow, view: View) -> Self {
        Self {
            revision: row.revision,
            outcome: row.outcome.into(),
            method: row.method.into(),
            started_at: row.started_at.map(DateTime),
            occurred_at: DateTime(row.occurred_at),
            ended_at: row.ended_at.map(DateTime),
            recorded_at: DateTime(row.recorded_at),
            arrival: row.arrival.into(),
            clock_skew_seconds: row.clock_skew_seconds,
            is_clock_off: row.clock_skew_seconds.is_some_and(rules::is_clock_off),
            health: row.health.map(Into::into),
            home_safety: row.home_safety.map(Into::into),
            meals: row.meals.map(Into::into),
            mood: row.mood.map(Into::into),
            family: row.family.map(Into::into),
            proposed_tier: row.proposed_tier.map(Into::into),
            row: row.clone(),
            view,
        }
    }
}

#[ComplexObject]
impl VisitReport {
    /// What else was said. Needs `RESIDENT_READ` or a live claim.
    async fn notes(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        Some(self.written(ctx, self.row.notes_sealed.as_deref()))
    }

    /// What is needed. Needs `RESIDENT_READ` or a live claim.
    async fn needs(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        Some(self.written(ctx, self.row.needs_sealed.as_deref()))
    }
}

impl VisitReport {
    fn written(
        &self,
        ctx: &Context<'_>,
        sealed: Option<&str>,
    ) -> async_graphql::Result<ProtectedString> {
        let value = self.view.visit_notes(&cx(ctx).app.keys, sealed);
        let shown = value.map(|value| opened(ctx, "VisitTask", self.row.visit_task_id, value));
        shown.at_edge(ctx)
    }
}
