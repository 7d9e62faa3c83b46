//! Months, and figures that add up.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, Utc};
use entity::enums::{CoverageOutcome, CoverageReason};
use serde::Serialize;

use crate::clock::{SHANGHAI, end_of, local_date};
use crate::error::{Code, Error, Result};

/// A month of the calendar in Shanghai.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// Its first day.
    pub first: NaiveDate,
}

impl Month {
    /// Reads `2026-03`.
    pub fn parse(text: &str, field: &'static str) -> Result<Self> {
        let first = format!("{text}-01").parse::<NaiveDate>();
        match first {
            Ok(first) if text.len() == 7 && (2000..=2100).contains(&first.year()) => {
                Ok(Self { first })
            }
            _ => Err(Error::refused(Code::MonthInvalid).on(field)),
        }
    }

    /// The first day of the next month.
    #[must_use]
    pub fn next(self) -> NaiveDate {
        self.first + Months::new(1)
    }

    /// Its first instant, and the first that is no longer in it.
    #[must_use]
    pub fn instants(self) -> (DateTime<Utc>, DateTime<Utc>) {
        let midnight = |day: NaiveDate| end_of(day - Days::new(1), SHANGHAI);
        (midnight(self.first), midnight(self.next()))
    }

    /// The day on which it is looked at: its last, or today while it runs.
    #[must_use]
    pub fn seen_on(self, now: DateTime<Utc>) -> NaiveDate {
        Ord::min(self.next() - Days::new(1), local_date(now, SHANGHAI))
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_over(self, now: DateTime<Utc>) -> bool {
        self.next() <= local_date(now, SHANGHAI)
    }
}

/// How many people a figure counts, and what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    /// Contacted, a report verified.
    pub verified: u64,
    /// Contacted, every report waiting to be verified.
    pub waiting: u64,
    /// Contacted in person.
    pub in_person: u64,
    /// Excluded, by reason.
    pub excluded: BTreeMap<CoverageReason, u64>,
    /// Missed.
    pub missed: u64,
}

/// Of what one version of a closed month says something else than another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Fact {
    /// What became of the person, or whether they count at all.
    Outcome,
    /// Why they are excluded.
    Reason,
    /// Whether a contact was verified.
    Verified,
    /// Whether a contact was in person.
    InPerson,
    /// Where they belong.
    Place,
}

/// How many people were found alike.
#[derive(Clone, Copy, Debug)]
pub struct Alike {
    /// What became of them.
    pub outcome: CoverageOutcome,
    /// Why they are excluded.
    pub reason: Option<CoverageReason>,
    /// Whether a contact was verified.
    pub verified: bool,
    /// Whether a contact was in person.
    pub in_person: bool,
    /// How many.
    pub people: u64,
}

impl Figure {
    /// Everybody.
    #[must_use]
    pub fn roster(&self) -> u64 {
        self.contacted() + self.excluded_in_all() + self.missed
    }

    /// Contacted, verified or not.
    #[must_use]
    pub const fn contacted(&self) -> u64 {
        self.verified + self.waiting
    }

    /// Excluded, for whatever reason.
    #[must_use]
    pub fn excluded_in_all(&self) -> u64 {
        self.excluded.values().sum()
    }

    /// Contacted, but never in person.
    #[must_use]
    pub const fn remote(&self) -> u64 {
        self.contacted() - self.in_person
    }

    /// Adds people to the count.
    pub fn add(&mut self, alike: Alike) {
        match alike.outcome {
            CoverageOutcome::Contacted => {
                if alike.verified {
                    self.verified += alike.people;
                } else {
                    self.waiting += alike.people;
                }
                if alike.in_person {
                    self.in_person += alike.people;
                }
            }
            CoverageOutcome::Excluded => {
                let reason = alike.reason.unwrap_or(CoverageReason::Ended);
                *self.excluded.entry(reason).or_default() += alike.people;
            }
            CoverageOutcome::Missed => self.missed += alike.people,
        }
    }
}

/// What became of somebody: a contact counts before a reason to leave them out.
#[must_use]
pub const fn outcome(contacted: bool, reason: Option<CoverageReason>) -> CoverageOutcome {
    match (contacted, reason) {
        (true, _) => CoverageOutcome::Contacted,
        (false, Some(_)) => CoverageOutcome::Excluded,
        (false, None) => CoverageOutcome::Missed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_and_end_in_shanghai() {
        let february = Month::parse("2028-02", "month").unwrap();
        let (first, end) = february.instants();
        assert_eq!(first.to_rfc3339(), "2028-01-31T16:00:00+00:00");
        assert_eq!(end.to_rfc3339(), "2028-02-29T16:00:00+00:00");
        assert_eq!(february.seen_on(end).to_string(), "2028-02-29");
        assert!(!february.is_over(end - chrono::Duration::milliseconds(1)));
        assert!(february.is_over(end));
    }

    #[test]
    fn what_is_no_month_is_refused() {
        for wrong in [
            "",
            "2026",
            "2026-13",
            "2026-3",
            "2026-03-01",
            "1999-12",
            "二月",
        ] {
            assert!(Month::parse(wrong, "month").is_err(), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_figure_adds_up(people in proptest::collection::vec(
            (proptest::bool::ANY, 0..5_u8, proptest::bool::ANY, proptest::bool::ANY, 1..50_u64), 0..40)) {
            let mut figure = Figure::default();
            let mut all = 0;
            for (contacted, reason, verified, in_person, people) in people {
                let reason = [None, Some(CoverageReason::Deceased), Some(CoverageReason::Ended),
                    Some(CoverageReason::Paused), Some(CoverageReason::CalledOff)][usize::from(reason)];
                figure.add(Alike { outcome: outcome(contacted, reason), reason, verified, in_person, people });
                all += people;
            }
            proptest::prop_assert_eq!(figure.roster(), all);
            proptest::prop_assert_eq!(figure.contacted(), figure.in_person + figure.remote());
        }
    }
}
