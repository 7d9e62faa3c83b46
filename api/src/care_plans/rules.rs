//! What a care rule says: pure computations on days, and the rules that hold where none was set.

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use entity::bits::Bits;
use entity::enums::{CareTier, VisitKind, VisitMethod};

use crate::clock::{SHANGHAI, end_of};
use crate::error::{Code, Error, Result};
use crate::recurrence;

/// How often, how and when elders of one tier are visited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Days on which a visit is due, as an RFC 5545 rule without DTSTART.
    pub recurrence: String,
    /// The day from which intervals ("every second week") are counted.
    pub anchor: NaiveDate,
    /// Kind of the tasks it makes.
    pub kind: VisitKind,
    /// Kinds of visit that count as a contact.
    pub kinds: Bits<VisitKind>,
    /// Methods that count as a contact.
    pub methods: Bits<VisitMethod>,
    /// Days before the due day on which the window begins.
    pub days_before: i32,
    /// Days after the due day on which the window ends, at their end.
    pub days_after: i32,
    /// Begin of the preferred time of day, in minutes after midnight.
    pub from_minute: Option<i32>,
    /// End of the preferred time of day, in minutes after midnight.
    pub to_minute: Option<i32>,
}

/// The longest window: no visit may be put off for longer than a quarter.
pub const LONGEST_WINDOW: i32 = 92;

/// A Monday from which the defaults count.
const EPOCH: NaiveDate = match NaiveDate::from_ymd_opt(2024, 1, 1) {
    Some(monday) => monday,
    None => NaiveDate::MIN,
};

impl Rule {
    /// Whether a visit of this kind by this method counts as a contact.
    #[must_use]
    pub fn counts(&self, kind: VisitKind, method: VisitMethod) -> bool {
        self.kinds.contains(kind) && self.methods.contains(method)
    }

    /// The rule where a community has set none: weekly in person for high risk, monthly in person for
    /// the key tier, quarterly by any method for the general one.
    #[must_use]
    pub fn default_of(tier: CareTier) -> Self {
        use VisitMethod as M;
        let in_person = [M::InPerson].into_iter().collect();
        let any = [M::InPerson, M::Phone, M::Video, M::Neighbour, M::Hotline]
            .into_iter()
            .collect();
        let (recurrence, methods, days_after) = match tier {
            CareTier::HighRisk => ("FREQ=WEEKLY;BYDAY=MO", in_person, 6),
            CareTier::Key => ("FREQ=MONTHLY;BYMONTHDAY=1", in_person, 27),
            CareTier::General => ("FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY=1", any, 83),
        };
        Self {
            recurrence: recurrence.to_owned(),
            anchor: EPOCH,
            kind: VisitKind::HomeVisit,
            kinds: [
                VisitKind::HomeVisit,
                VisitKind::SafetyCheck,
                VisitKind::FestivalVisit,
            ]
            .into_iter()
            .collect(),
            methods,
            days_before: 0,
            days_after,
            from_minute: None,
            to_minute: None,
        }
    }

    /// The due days from `first` to `last`, both included; none before the anchor.
    pub fn due_days(&self, first: NaiveDate, last: NaiveDate) -> Result<Vec<NaiveDate>> {
        recurrence::days(&self.recurrence, self.anchor, (first, last))
    }

    /// The first and last day of the window of a due day.
    #[must_use]
    pub fn days_of(&self, due_on: NaiveDate) -> (NaiveDate, NaiveDate) {
        let days = |count: i32| Days::new(u64::try_from(count).unwrap_or_default());
        (
            due_on - days(self.days_before),
            due_on + days(self.days_after),
        )
    }

    /// The window of a due day: from the begin of its first day to the end of its last, or between the
    /// preferred times of day.
    #[must_use]
    pub fn window(&self, due_on: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
        let (first, last) = self.days_of(due_on);
        let minutes = |minute: i32| Duration::minutes(minute.into());
        let starts_at = midnight(first) + minutes(self.from_minute.unwrap_or(0));
        let due_at = midnight(last) + minutes(self.to_minute.unwrap_or(24 * 60));
        (starts_at, due_at)
    }

    /// Checks a rule that somebody sets.
    pub fn check(&self) -> Result<()> {
        let refused = |code, field| Err(Error::refused(code).on(field));
        recurrence::check(&self.recurrence, self.anchor)?;
        if self.kinds.is_empty() {
            return refused(Code::Required, "kinds");
        }
        if self.methods.is_empty() {
            return refused(Code::Required, "methods");
        }
        // What the rule plans must be able to fulfil it.
        if !self.kinds.contains(self.kind) {
            return refused(Code::OutOfRange, "kind");
        }
        if !(0..=LONGEST_WINDOW).contains(&self.days_before) {
            return refused(Code::OutOfRange, "daysBefore");
        }
        if !(0..=LONGEST_WINDOW).contains(&self.days_after)
            || self.days_before + self.days_after > LONGEST_WINDOW
        {
            return refused(Code::OutOfRange, "daysAfter");
        }
        let minutes = |minute: Option<i32>| minute.is_none_or(|m| (0..=24 * 60).contains(&m));
        if !minutes(self.from_minute) {
            return refused(Code::OutOfRange, "fromMinute");
        }
        let (starts_at, due_at) = self.window(self.anchor);
        if !minutes(self.to_minute) || due_at <= starts_at {
            return refused(Code::WindowInvalid, "toMinute");
        }
        Ok(())
    }
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    end_of(day - Days::new(1), SHANGHAI)
}

/// Of an enrolment that began on `from_on`: whether a window that was running then still counts, which
/// it does while at least half of its days remain.
#[must_use]
pub fn counts_from(from_on: NaiveDate, (first, last): (NaiveDate, NaiveDate)) -> bool {
    let length = (last - first).num_days() + 1;
    let left = (last - from_on).num_days() + 1;
    left * 2 >= length
}

/// How urgent the visits of a tier are.
#[must_use]
pub const fn priority(tier: CareTier) -> i32 {
    match tier {
        CareTier::HighRisk => 20,
        CareTier::Key => 10,
        CareTier::General => 0,
    }
}

/// The name of a visit that a rule makes for a due day, so that it is made once.
#[must_use]
pub fn occasion(enrolment: uuid::Uuid, due_on: NaiveDate) -> String {
    format!("rule:{enrolment}:{due_on}")
}

/// The name of a visit on the review day of a pause.
#[must_use]
pub fn review_occasion(enrolment: uuid::Uuid, review_on: NaiveDate) -> String {
    format!("review:{enrolment}:{review_on}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rule(recurrence: &str) -> Rule {
        Rule {
            recurrence: recurrence.to_owned(),
            days_after: 0,
            ..Rule::default_of(CareTier::HighRisk)
        }
    }

    fn due(recurrence: &str, first: &str, last: &str) -> Vec<String> {
        let days = rule(recurrence).due_days(day(first), day(last)).unwrap();
        days.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn due_days_are_those_of_the_calendar() {
        assert_eq!(
            due("FREQ=WEEKLY;BYDAY=MO", "2026-03-01", "2026-03-16"),
            ["2026-03-02", "2026-03-09", "2026-03-16"]
        );
        assert_eq!(
            due(
                "FREQ=MONTHLY;BYMONTHDAY=8,18,28",
                "2026-02-08",
                "2026-03-07"
            ),
            ["2026-02-08", "2026-02-18", "2026-02-28"]
        );
        // Months without a 31st have none; 2028 is a leap year.
        assert_eq!(
            due("FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-01", "2026-05-31"),
            ["2026-01-31", "2026-03-31", "2026-05-31"]
        );
        assert_eq!(
            due("FREQ=MONTHLY;BYMONTHDAY=-1", "2028-01-31", "2028-03-01"),
            ["2028-01-31", "2028-02-29"]
        );
        // Every second week, from the anchor, a Monday.
        assert_eq!(
            due(
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
                "2024-01-01",
                "2024-01-31"
            ),
            ["2024-01-01", "2024-01-15", "2024-01-29"]
        );
    }

    #[test]
    fn a_window_holds_whole_days_in_shanghai() {
        let weekly = Rule::default_of(CareTier::HighRisk);
        let (starts_at, due_at) = weekly.window(day("2026-03-02"));
        assert_eq!(starts_at.to_rfc3339(), "2026-03-01T16:00:00+00:00");
        assert_eq!(due_at.to_rfc3339(), "2026-03-08T16:00:00+00:00");
        let morning = Rule {
            from_minute: Some(8 * 60 + 30),
            to_minute: Some(11 * 60),
            ..rule("FREQ=DAILY")
        };
        let (starts_at, due_at) = morning.window(day("2028-02-29"));
        assert_eq!(starts_at.to_rfc3339(), "2028-02-29T00:30:00+00:00");
        assert_eq!(due_at.to_rfc3339(), "2028-02-29T03:00:00+00:00");
    }

    #[test]
    fn the_defaults_can_be_set_as_rules() {
        for tier in [CareTier::HighRisk, CareTier::Key, CareTier::General] {
            Rule::default_of(tier).check().unwrap();
        }
    }

    #[test]
    fn what_is_no_rule_of_days_is_refused() {
        for wrong in [
            "",
            "FREQ=HOURLY",
            "FREQ=WEEKLY;BYHOUR=3",
            "FREQ=WEEKLY;COUNT=3",
            "FREQ=MONTHLY;BYMONTHDAY=32",
            "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
            "DTSTART:20260101",
            "每周一",
        ] {
            let refused = rule(wrong).check();
            assert!(
                matches!(refused, Err(Error::Refused(refusal))
                    if refusal.code == Code::RecurrenceInvalid),
                "{wrong}: {refused:?}"
            );
        }
    }

    #[test]
    fn half_a_window_is_enough_for_who_is_new() {
        let window = (day("2026-03-01"), day("2026-03-28"));
        assert!(counts_from(day("2026-02-10"), window));
        assert!(counts_from(day("2026-03-15"), window));
        assert!(!counts_from(day("2026-03-16"), window));
    }
}
