//! When a report needs a person's eyes.

use chrono::{DateTime, Duration, Utc};
use entity::enums::{Arrival, VerificationMode, VisitOrigin, VisitOutcome, Wellbeing};
use serde::Serialize;

use crate::error::Code;

/// The longest time after which the server verifies by itself: a week, in hours.
pub const MOST_HOURS: i32 = 168;

/// What a rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Which reports a person must verify.
    pub mode: VerificationMode,
    /// Of a hundred, how many (`Sample`).
    pub percent: Option<i32>,
    /// After how many hours the server verifies (`Auto`).
    pub hours: Option<i32>,
}

impl Rule {
    /// Checks that the mode has its number, within bounds, and no other's.
    pub fn check(self) -> Result<(), (Code, &'static str)> {
        let (percent, hours) = match self.mode {
            VerificationMode::All => (None, None),
            VerificationMode::Sample => (Some(1..=99), None),
            VerificationMode::Auto => (None, Some(1..=MOST_HOURS)),
        };
        for (given, allowed, field) in [
            (self.percent, percent, "percent"),
            (self.hours, hours, "hours"),
        ] {
            match (given, allowed) {
                (None, None) => {}
                (None, Some(_)) => return Err((Code::Required, field)),
                (Some(number), Some(range)) if range.contains(&number) => {}
                (Some(_), _) => return Err((Code::OutOfRange, field)),
            }
        }
        Ok(())
    }

    /// When the server verifies a report made at `now`; none where a person must.
    ///
    /// `draw` is the report's own number below 100, which nobody can choose.
    #[must_use]
    pub fn verifies_at(self, draw: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self.mode {
            VerificationMode::All => None,
            VerificationMode::Sample => {
                self.percent.filter(|percent| draw >= *percent).map(|_| now)
            }
            VerificationMode::Auto => self.hours.map(|hours| now + Duration::hours(hours.into())),
        }
    }
}

/// What a report says that may ask for a person.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// What was found.
    pub outcome: VisitOutcome,
    /// The worst that was found of the person's life.
    pub worst: Option<Wellbeing>,
    /// Whether something is needed.
    pub has_needs: bool,
    /// How far it is known that the visitor was there.
    pub arrival: Arrival,
    /// Whether the phone's clock was off.
    pub is_clock_off: bool,
    /// Where the task comes from.
    pub origin: VisitOrigin,
    /// 1 for the first report, more after each return.
    pub revision: i32,
}

/// Whether a person must look at a report, whatever the rule.
#[must_use]
pub fn needs_person(facts: Facts) -> bool {
    facts.outcome != VisitOutcome::SeenWell
        || facts.worst == Some(Wellbeing::Poor)
        || facts.has_needs
        || facts.arrival == Arrival::Far
        || facts.is_clock_off
        || matches!(facts.origin, VisitOrigin::Late | VisitOrigin::Unplanned)
        // Somebody asked for more, and wants to see it.
        || facts.revision > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: Facts = Facts {
        outcome: VisitOutcome::SeenWell,
        worst: Some(Wellbeing::Concern),
        has_needs: false,
        arrival: Arrival::Unknown,
        is_clock_off: false,
        origin: VisitOrigin::Rule,
        revision: 1,
    };

    fn rule(mode: VerificationMode, percent: Option<i32>, hours: Option<i32>) -> Rule {
        Rule {
            mode,
            percent,
            hours,
        }
    }

    #[test]
    fn every_doubt_asks_for_a_person() {
        assert!(!needs_person(WELL));
        for facts in [
            Facts {
                outcome: VisitOutcome::Deceased,
                ..WELL
            },
            Facts {
                outcome: VisitOutcome::NeedsHelp,
                ..WELL
            },
            Facts {
                worst: Some(Wellbeing::Poor),
                ..WELL
            },
            Facts {
                has_needs: true,
                ..WELL
            },
            Facts {
                arrival: Arrival::Far,
                ..WELL
            },
            Facts {
                is_clock_off: true,
                ..WELL
            },
            Facts {
                origin: VisitOrigin::Late,
                ..WELL
            },
            Facts {
                origin: VisitOrigin::Unplanned,
                ..WELL
            },
            Facts {
                revision: 2,
                ..WELL
            },
        ] {
            assert!(needs_person(facts), "{facts:?}");
        }
    }

    #[test]
    fn a_sample_takes_as_many_of_a_hundred_as_it_says() {
        let now = DateTime::UNIX_EPOCH;
        let sample = rule(VerificationMode::Sample, Some(30), None);
        let by_person = (0..100).filter(|draw| sample.verifies_at(*draw, now).is_none());
        assert_eq!(by_person.count(), 30);
        assert_eq!(sample.verifies_at(30, now), Some(now));
        let auto = rule(VerificationMode::Auto, None, Some(48));
        assert_eq!(auto.verifies_at(0, now), Some(now + Duration::days(2)));
        let all = rule(VerificationMode::All, None, None);
        assert_eq!(all.verifies_at(99, now), None);
    }

    #[test]
    fn a_mode_has_its_own_number_and_no_other() {
        use VerificationMode as M;
        assert_eq!(rule(M::All, None, None).check(), Ok(()));
        assert_eq!(rule(M::Sample, Some(1), None).check(), Ok(()));
        assert_eq!(rule(M::Auto, None, Some(MOST_HOURS)).check(), Ok(()));
        for (wrong, expected) in [
            (rule(M::All, Some(1), None), (Code::OutOfRange, "percent")),
            (rule(M::Sample, None, None), (Code::Required, "percent")),
            (
                rule(M::Sample, Some(100), None),
                (Code::OutOfRange, "percent"),
            ),
            (
                rule(M::Sample, Some(9), Some(1)),
                (Code::OutOfRange, "hours"),
            ),
            (rule(M::Auto, None, Some(0)), (Code::OutOfRange, "hours")),
            (rule(M::Auto, None, Some(169)), (Code::OutOfRange, "hours")),
        ] {
            assert_eq!(wrong.check(), Err(expected), "{wrong:?}");
        }
    }
}
