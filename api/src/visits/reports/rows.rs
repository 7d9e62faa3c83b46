//! Attempts and reports as they are read for the task they belong to.

use chrono::{DateTime, Utc};
use entity::enums::{Arrival, AttemptReason, CareTier, VisitMethod, VisitOutcome, Wellbeing};
use entity::{visit_attempt, visit_report};
use sea_orm::sea_query::{Expr, Order, SelectStatement};
use sea_orm::{DbErr, FromQueryResult, QueryResult};
use serde::Deserialize;
use uuid::Uuid;

use crate::access::scope::Hanging;
use crate::part::{Part, part};

part! {
    /// An attempt's columns, as they are shown.
    #[derive(Clone, Debug, Deserialize)]
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
    #[derive(Clone, Debug, Deserialize)]
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
                for column in [$entity::Column::$order, $entity::Column::Id] {
                    select.order_by(($entity::Entity, column), Order::Asc);
                }
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

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use entity::enums::Gender;
    use sea_orm::{ActiveEnum, Iterable};
    use serde::de::DeserializeOwned;
    use serde_json::json;

    use super::*;

    /// Nested rows are read by serde, rows of their own by sea-orm: both must know a value by the same word.
    fn are_read_alike<T>()
    where
        T: ActiveEnum<Value = String> + Iterable + DeserializeOwned + PartialEq + Debug,
    {
        for value in T::iter() {
            let word = value.to_value();
            assert_eq!(
                serde_json::from_value::<T>(json!(word)).ok(),
                Some(value),
                "{word}"
            );
        }
    }

    #[test]
    fn words_of_the_database_are_words_of_serde() {
        are_read_alike::<VisitOutcome>();
        are_read_alike::<VisitMethod>();
        are_read_alike::<Arrival>();
        are_read_alike::<Wellbeing>();
        are_read_alike::<CareTier>();
        are_read_alike::<AttemptReason>();
        are_read_alike::<Gender>();
    }
}
