//! Times that collide, ways that are too long, and ages.

use chrono::{DateTime, Datelike as _, Duration, NaiveDate, Utc};
use uuid::Uuid;

use crate::route::{self, Point};

/// How often a lease is renewed at most.
pub const MOST_RENEWALS: i32 = 2;

/// By how much a renewal lengthens a lease.
pub const RENEWAL: Duration = Duration::days(1);

/// How long a visit stays open again after a returned report was not completed, at least.
pub const REOPENED: Duration = Duration::days(3);

/// How many visits are reassigned in one call.
pub const MOST_REASSIGNED: usize = 50;

/// A visit that somebody has promised for a time.
#[derive(Clone, Copy, Debug)]
pub struct Appointment {
    /// The task.
    pub task: Uuid,
    /// When one will be there.
    pub at: DateTime<Utc>,
    /// How long the visit takes, in minutes.
    pub minutes: i32,
    /// Where its building stands.
    pub point: Option<Point>,
}

impl Appointment {
    fn ends(&self) -> DateTime<Utc> {
        self.at + Duration::minutes(self.minutes.into())
    }

    /// Whether the way on foot from one to the other takes longer than the time between them.
    #[must_use]
    pub fn is_tight(&self, other: &Self) -> bool {
        let (Some(from), Some(to)) = (self.point, other.point) else {
            return false;
        };
        let between = if self.at <= other.at {
            other.at - self.ends()
        } else {
            self.at - other.ends()
        };
        between < Duration::minutes(route::minutes(from.metres_to(to)))
    }
}

/// The age in whole years on a day.
#[must_use]
pub fn age_on(born_on: NaiveDate, day: NaiveDate) -> i32 {
    let years = day.year() - born_on.year();
    if (day.month(), day.day()) < (born_on.month(), born_on.day()) {
        years - 1
    } else {
        years
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64, minutes: i32, north: f64) -> Appointment {
        Appointment {
            task: Uuid::nil(),
            at: DateTime::UNIX_EPOCH + Duration::minutes(minute),
            minutes,
            point: Point::new(32.0 + north, 118.0),
        }
    }

    #[test]
    fn a_way_is_tight_when_walking_takes_longer_than_there_is() {
        // 0.01° are 1112 m: 18 minutes on foot.
        assert!(at(0, 30, 0.0).is_tight(&at(47, 30, 0.01)));
        assert!(!at(0, 30, 0.0).is_tight(&at(48, 30, 0.01)));
        assert!(at(47, 30, 0.01).is_tight(&at(0, 30, 0.0)));
        let nowhere = Appointment {
            point: None,
            ..at(30, 30, 0.0)
        };
        assert!(!at(0, 30, 0.0).is_tight(&nowhere));
    }

    #[test]
    fn one_is_a_year_older_on_the_birthday() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(age_on(day("2008-03-02"), day("2026-03-01")), 17);
        assert_eq!(age_on(day("2008-03-02"), day("2026-03-02")), 18);
        // Born on a leap day, one is older on the first of March of other years.
        assert_eq!(age_on(day("2008-02-29"), day("2026-02-28")), 17);
        assert_eq!(age_on(day("2008-02-29"), day("2026-03-01")), 18);
    }
}
