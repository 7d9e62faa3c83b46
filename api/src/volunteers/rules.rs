//! How minutes of service are counted, and which values a record takes.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::enums::VisitMethod;

use crate::clock::{SHANGHAI, end_of};
use crate::error::{Code, Error, Result};

/// What counts of one visit at most, in minutes: whoever forgot to stop was not there for a day.
pub const LONGEST: i64 = 240;
/// What a call counts whose length nobody noted, in minutes.
const CALL: i64 = 10;
/// The longest training or correction, in minutes.
const MOST: i32 = 60_000;
/// The longest time of which a record lists its entries, in days: a leap year.
const LONGEST_DAYS: i64 = 366;

/// When a visit took place, as it was reported.
#[derive(Clone, Copy, Debug)]
pub struct Reported {
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When contact was made: decides the day to which it counts.
    pub occurred_at: DateTime<Utc>,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
    /// How contact was made.
    pub method: Option<VisitMethod>,
    /// How many minutes were expected.
    pub expected: i32,
}

/// From one whole minute since 1970 to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first minute.
    pub from: i64,
    /// The first minute after.
    pub to: i64,
}

/// What a visit counts, and what it does not since others covered it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Minutes that count.
    pub minutes: i64,
    /// Minutes of it that another visit counts.
    pub overlapping: i64,
}

/// The time that a visit took: what was reported, or what was expected up to the contact.
///
/// It holds the contact and lies within [`LONGEST`] minutes of it, whatever clocks told.
#[must_use]
pub fn span(visit: &Reported) -> Span {
    let occurred = minute(visit.occurred_at);
    let ended_at = visit.ended_at.filter(|end| *end >= visit.occurred_at);
    let end = ended_at.unwrap_or(visit.occurred_at);
    match visit.started_at {
        Some(start) if start < end && start <= visit.occurred_at => {
            let from = minute(start).max(occurred - LONGEST);
            Span {
                from,
                to: minute(end).min(from + LONGEST),
            }
        }
        _ => {
            let longest = match visit.method {
                Some(VisitMethod::InPerson) | None => LONGEST,
                Some(_) => CALL,
            };
            let minutes = i64::from(visit.expected).clamp(0, longest);
            Span {
                from: occurred - minutes,
                to: occurred,
            }
        }
    }
}

fn minute(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(60)
}

/// What each of one person's visits counts, in their order: a minute of several counts for the one that
/// began first.
#[must_use]
pub fn count(spans: &[Span]) -> Vec<Counted> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    // The longer first: a short visit within a long one is no reason to split the long one.
    order.sort_by_key(|at| (spans[*at].from, -spans[*at].to, *at));
    let mut counted = vec![Counted::default(); spans.len()];
    let mut covered = i64::MIN;
    for at in order {
        let Span { from, to } = spans[at];
        let minutes = (to - from.max(covered)).max(0);
        counted[at] = Counted {
            minutes,
            overlapping: to - from - minutes,
        };
        covered = covered.max(to);
    }
    counted
}

/// Hours with one digit, cut off: nobody gets more than was done.
#[must_use]
pub fn hours(minutes: i64) -> String {
    let sign = if minutes <= -6 { "-" } else { "" };
    let tenths = minutes.abs() / 6;
    format!("{sign}{}.{}", tenths / 10, tenths % 10)
}

/// Whole days, counted in Shanghai.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub from: NaiveDate,
    /// The first day after.
    pub to: NaiveDate,
}

impl Days {
    /// From a day to another, which does not belong to it: at least one, at most a year.
    pub fn of(from: NaiveDate, to: NaiveDate) -> Result<Self> {
        match (to - from).num_days() {
            ..=0 => Err(Error::refused(Code::WindowInvalid).on("toOn")),
            1..=LONGEST_DAYS => Ok(Self { from, to }),
            _ => Err(Error::refused(Code::OutOfRange).on("toOn")),
        }
    }

    /// Whether the day belongs to it.
    #[must_use]
    pub fn holds(self, day: NaiveDate) -> bool {
        self.from <= day && day < self.to
    }

    /// Between which instants contacts lie whose visits may overlap one of these days.
    #[must_use]
    pub fn around(self) -> (DateTime<Utc>, DateTime<Utc>) {
        let reach = Duration::minutes(2 * LONGEST);
        let midnight = |day: NaiveDate| end_of(day - Duration::days(1), SHANGHAI);
        (midnight(self.from) - reach, midnight(self.to) + reach)
    }
}

/// The minutes of a training: some, and not for ever.
pub fn check_training(minutes: i32) -> Result<()> {
    check(minutes > 0 && minutes <= MOST, "minutes")
}

/// The minutes of a correction: some, of either sign.
pub fn check_correction(minutes: i32) -> Result<()> {
    check(minutes != 0 && (-MOST..=MOST).contains(&minutes), "minutes")
}

/// A day that has come.
pub fn check_past(day: NaiveDate, today: NaiveDate, field: &'static str) -> Result<()> {
    check(day <= today, field)
}

fn check(fits: bool, field: &'static str) -> Result<()> {
    if fits {
        Ok(())
    } else {
        Err(Error::refused(Code::OutOfRange).on(field))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::TimeZone as _;
    use proptest::prelude::*;

    use super::*;

    fn at(hour: u32, minute: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 2, hour, minute, 0).unwrap()
    }

    fn visit(started: Option<(u32, u32)>, occurred: (u32, u32), ended: Option<(u32, u32)>) -> i64 {
        let span = span(&Reported {
            started_at: started.map(|(h, m)| at(h, m)),
            occurred_at: at(occurred.0, occurred.1),
            ended_at: ended.map(|(h, m)| at(h, m)),
            method: Some(VisitMethod::InPerson),
            expected: 30,
        });
        span.to - span.from
    }

    #[test]
    fn a_visit_counts_from_its_start_to_its_end() {
        assert_eq!(visit(Some((9, 0)), (9, 10), Some((9, 45))), 45);
        assert_eq!(visit(Some((9, 0)), (9, 10), None), 10, "to the contact");
        assert_eq!(
            visit(Some((9, 0)), (21, 0), None),
            LONGEST,
            "nobody stopped it"
        );
        assert_eq!(visit(Some((9, 0)), (9, 10), Some((20, 0))), LONGEST);
        assert_eq!(visit(None, (9, 10), None), 30, "as expected");
        assert_eq!(visit(Some((9, 10)), (9, 10), None), 30);
        assert_eq!(
            visit(Some((10, 0)), (9, 10), Some((11, 0))),
            30,
            "clocks that lie"
        );
        assert_eq!(
            visit(Some((1, 0)), (9, 0), Some((2, 0))),
            LONGEST,
            "ended before the contact"
        );
    }

    #[test]
    fn a_call_without_a_length_counts_ten_minutes_at_most() {
        let call = |expected| {
            let span = span(&Reported {
                started_at: None,
                occurred_at: at(9, 0),
                ended_at: None,
                method: Some(VisitMethod::Phone),
                expected,
            });
            span.to - span.from
        };
        assert_eq!((call(30), call(5)), (10, 5));
    }

    #[test]
    fn hours_are_cut_off_after_one_digit() {
        let cases = [
            (0, "0.0"),
            (5, "0.0"),
            (6, "0.1"),
            (90, "1.5"),
            (100, "1.6"),
        ];
        for (minutes, text) in cases {
            assert_eq!(hours(minutes), text);
        }
        assert_eq!((hours(-90).as_str(), hours(-5).as_str()), ("-1.5", "0.0"));
    }

    #[test]
    fn days_are_a_year_at_most() {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        assert!(Days::of(day(2026, 3, 1), day(2026, 3, 1)).is_err());
        assert!(
            Days::of(day(2028, 1, 1), day(2029, 1, 1)).is_ok(),
            "a leap year"
        );
        assert!(Days::of(day(2028, 1, 1), day(2029, 1, 2)).is_err());
        let march = Days::of(day(2026, 3, 1), day(2026, 4, 1)).unwrap();
        assert!(march.holds(day(2026, 3, 31)) && !march.holds(day(2026, 4, 1)));
    }

    /// Instants of a day by the second, so that minutes are cut off too.
    fn instant() -> impl Strategy<Value = DateTime<Utc>> {
        (0_i64..86_400).prop_map(|second| at(0, 0) + Duration::seconds(second))
    }

    fn reported() -> impl Strategy<Value = Reported> {
        let instants = (
            prop::option::of(instant()),
            instant(),
            prop::option::of(instant()),
        );
        let rest = (
            prop::option::of(prop::sample::select(vec![
                VisitMethod::InPerson,
                VisitMethod::Phone,
            ])),
            -10_i32..600,
        );
        (instants, rest).prop_map(
            |((started_at, occurred_at, ended_at), (method, expected))| Reported {
                started_at,
                occurred_at,
                ended_at,
                method,
                expected,
            },
        )
    }

    /// Spans, each with the minute of its contact.
    fn contacts() -> impl Strategy<Value = Vec<(Span, i64)>> {
        proptest::collection::vec(
            reported().prop_map(|visit| (span(&visit), minute(visit.occurred_at))),
            0..20,
        )
    }

    fn spans() -> impl Strategy<Value = Vec<Span>> {
        contacts().prop_map(|contacts| contacts.into_iter().map(|(span, _)| span).collect())
    }

    fn total(spans: &[Span]) -> i64 {
        count(spans).iter().map(|counted| counted.minutes).sum()
    }

    proptest! {
        #[test]
        fn every_minute_counts_once(spans in spans()) {
            let minutes: BTreeSet<i64> = spans.iter().flat_map(|span| span.from..span.to).collect();
            prop_assert_eq!(total(&spans), i64::try_from(minutes.len()).unwrap());
            for (span, counted) in spans.iter().zip(count(&spans)) {
                prop_assert_eq!(counted.minutes + counted.overlapping, span.to - span.from);
                prop_assert!(counted.minutes >= 0 && counted.overlapping >= 0);
            }
        }

        #[test]
        fn the_sum_does_not_depend_on_the_order(spans in spans(), seed in any::<u64>()) {
            let mut turned = spans.clone();
            if !turned.is_empty() {
                let by = usize::try_from(seed).unwrap_or(usize::MAX) % turned.len();
                turned.rotate_left(by);
            }
            prop_assert_eq!(total(&turned), total(&spans));
        }

        #[test]
        fn a_span_holds_its_contact_and_is_no_longer_than_the_longest(visit in reported()) {
            let (span, contact) = (span(&visit), minute(visit.occurred_at));
            prop_assert!(span.from <= contact && contact <= span.to);
            prop_assert!(span.to - span.from <= LONGEST);
        }

        /// A month is counted from what lies around it as the whole record is.
        #[test]
        fn a_part_counts_as_in_the_whole(
            contacts in contacts(),
            from in 0_i64..1440,
            length in 0_i64..300,
        ) {
            let from = minute(at(0, 0)) + from;
            let month = from..from + length;
            let around = from - 2 * LONGEST..from + length + 2 * LONGEST;
            let sum = |contacts: &[(Span, i64)]| -> i64 {
                let spans: Vec<Span> = contacts.iter().map(|(span, _)| *span).collect();
                let pairs = contacts.iter().zip(count(&spans));
                let within = pairs.filter(|((_, contact), _)| month.contains(contact));
                within.map(|(_, counted)| counted.minutes).sum()
            };
            let near: Vec<(Span, i64)> =
                contacts.iter().copied().filter(|(_, contact)| around.contains(contact)).collect();
            prop_assert_eq!(sum(&near), sum(&contacts));
        }
    }
}
