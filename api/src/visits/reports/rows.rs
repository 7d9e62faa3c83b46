//! Attempts and reports as they are read for the task they belong to.

use chrono::{DateTime, Utc};
use entity::enums::{Arrival, AttemptReason, CareTier, VisitMethod, VisitOutcome, Wellbeing};
use entity::{visit_attempt, visit_report};
use sea_orm::sea_query::{Expr, Order, SelectStatement};
use sea_orm::{DbErr, FromQueryResult, QueryResult};
use uuid::Uuid;

use crate::access::scope::Hanging;
use crate::part::{Part, part};

part! {
    /// An attempt's columns, as they are shown.
    #[derive(Clone, Debug)]
    pub struct AttemptRow of visit_attempt {
        visit_task_id: Uuid = VisitTaskId,
        reason: AttemptReason = Reason,
        occurred_at: DateTime<Utc> = OccurredAt,
        recorded_at: DateTime<Utc> = RecordedAt,
        retry_at: Option<DateTime<Utc>> = RetryAt,
        notes_sealed: Option<String> = NotesSealed,
    }
}

part! {
    /// A report's columns, as they are shown.
    #[derive(Clone, Debug)]
    pub struct ReportRow of visit_report {
        visit_task_id: Uuid = VisitTaskId,
        revision: i32 = Revision,
        account_id: Uuid = AccountId,
        outcome: VisitOutcome = Outcome,
        method: VisitMethod = Method,
        notes_sealed: Option<String> = NotesSealed,
        started_at: Option<DateTime<Utc>> = StartedAt,
        occurred_at: DateTime<Utc> = OccurredAt,
        recorded_at: DateTime<Utc> = RecordedAt,
        ended_at: Option<DateTime<Utc>> = EndedAt,
        arrival: Arrival = Arrival,
        clock_skew_seconds: Option<i32> = ClockSkewSeconds,
        health: Option<Wellbeing> = Health,
        home_safety: Option<Wellbeing> = HomeSafety,
        meals: Option<Wellbeing> = Meals,
        mood: Option<Wellbeing> = Mood,
        family: Option<Wellbeing> = Family,
        needs_sealed: Option<String> = NeedsSealed,
        proposed_tier: Option<CareTier> = ProposedTier,
    }
}

/// Both hang on a task, the oldest first.
macro_rules! hangs {
    ($row:ident of $entity:ident by $order:ident) => {
        impl FromQueryResult for $row {
            fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
                Self::read(row, 0)
            }
        }

        impl Hanging for $row {
            type Entity = $entity::Entity;

            fn shape(select: &mut SelectStatement) {
                let order = ($entity::Entity, $entity::Column::$order);
                select.order_by(order, Order::Asc);
            }

            fn select(select: &mut SelectStatement) {
                <Self as Part>::select(select);
            }

            fn json() -> Expr {
                <Self as Part>::json()
            }

            fn on(&self) -> Uuid {
                self.visit_task_id
            }
        }
    };
}

hangs!(AttemptRow of visit_attempt by OccurredAt);
hangs!(ReportRow of visit_report by Revision);
