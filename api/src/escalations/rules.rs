//! How long an escalation waits at a level, and at which hours people are told.

use chrono::{DateTime, Duration, NaiveTime, TimeDelta, Utc};
use entity::enums::CareTier;

use crate::clock::{SHANGHAI, begin_of, local_date};

/// How near the end of its window an unclaimed visit of a high-risk elder is told.
pub const AT_RISK: Duration = Duration::hours(24);

/// How long after its window a missed visit can still begin an escalation.
pub const LATEST: Duration = Duration::days(7);

/// How much waking time a level has, by tier: a high-risk elder reaches every level within a day.
#[must_use]
pub const fn patience(tier: CareTier) -> Duration {
    match tier {
        CareTier::HighRisk => Duration::hours(4),
        CareTier::Key => Duration::hours(8),
        CareTier::General => Duration::hours(14),
    }
}

/// How much waking time whoever took it on has until it climbs again.
pub const TAKEN: Duration = Duration::hours(14);

/// The hours in which nobody is told of anything but alarms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// From this hour of the evening.
    pub from_hour: u32,
    /// Until this hour of the morning; the same as the evening's: never.
    pub until_hour: u32,
}

impl Quiet {
    /// `at`, or the end of the quiet hours it falls into.
    #[must_use]
    pub fn waking(self, at: DateTime<Utc>) -> DateTime<Utc> {
        if !self.covers(at) {
            return at;
        }
        let today = local_date(at, SHANGHAI);
        let morning = begin_of(today, SHANGHAI) + hours(self.until_hour);
        if at < morning {
            morning
        } else {
            morning + Duration::days(1)
        }
    }

    /// When so much waking time has passed since `at`.
    #[must_use]
    pub fn after(self, at: DateTime<Utc>, mut waking: Duration) -> DateTime<Utc> {
        let mut at = self.waking(at);
        if self.from_hour == self.until_hour {
            return at + waking;
        }
        loop {
            let evening = self.evening(at);
            if at + waking <= evening {
                return at + waking;
            }
            waking -= evening - at;
            at = self.waking(evening);
        }
    }

    /// The next beginning of quiet hours after a waking instant.
    fn evening(self, at: DateTime<Utc>) -> DateTime<Utc> {
        let evening = begin_of(local_date(at, SHANGHAI), SHANGHAI) + hours(self.from_hour);
        if evening > at {
            evening
        } else {
            evening + Duration::days(1)
        }
    }

    fn covers(self, at: DateTime<Utc>) -> bool {
        let time = at.with_timezone(&SHANGHAI).time();
        let since_midnight = time - NaiveTime::MIN;
        let (from, until) = (hours(self.from_hour), hours(self.until_hour));
        if from <= until {
            (from..until).contains(&since_midnight)
        } else {
            since_midnight >= from || since_midnight < until
        }
    }
}

fn hours(hours: u32) -> TimeDelta {
    Duration::hours(i64::from(hours))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NIGHT: Quiet = Quiet {
        from_hour: 21,
        until_hour: 7,
    };

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}:00+08:00").parse().unwrap()
    }

    #[test]
    fn nobody_is_woken() {
        for (told, shown) in [
            ("2026-03-02T06:59", "2026-03-02T07:00"),
            ("2026-03-02T07:00", "2026-03-02T07:00"),
            ("2026-03-02T20:59", "2026-03-02T20:59"),
            ("2026-03-02T21:00", "2026-03-03T07:00"),
            ("2026-03-02T23:59", "2026-03-03T07:00"),
            ("2026-02-28T23:59", "2026-03-01T07:00"),
        ] {
            assert_eq!(NIGHT.waking(at(told)), at(shown), "{told}");
        }
        let noon = Quiet {
            from_hour: 12,
            until_hour: 14,
        };
        assert_eq!(noon.waking(at("2026-03-02T13:00")), at("2026-03-02T14:00"));
        assert_eq!(noon.waking(at("2026-03-02T23:00")), at("2026-03-02T23:00"));
        let never = Quiet {
            from_hour: 9,
            until_hour: 9,
        };
        assert_eq!(never.waking(at("2026-03-02T09:00")), at("2026-03-02T09:00"));
    }

    #[test]
    fn sleep_is_no_time_to_act() {
        let after = |begin, hours| NIGHT.after(at(begin), Duration::hours(hours));
        assert_eq!(after("2026-03-02T09:00", 4), at("2026-03-02T13:00"));
        assert_eq!(after("2026-03-02T19:00", 4), at("2026-03-03T09:00"));
        assert_eq!(after("2026-03-02T23:00", 4), at("2026-03-03T11:00"));
        assert_eq!(after("2026-03-02T07:00", 14), at("2026-03-02T21:00"));
        assert_eq!(after("2026-03-02T08:00", 28), at("2026-03-04T08:00"));
        let never = Quiet {
            from_hour: 0,
            until_hour: 0,
        };
        assert_eq!(
            never.after(at("2026-03-02T23:00"), Duration::hours(4)),
            at("2026-03-03T03:00")
        );
    }

    /// Grid, compound, community: whatever the hour, all three within a day.
    #[test]
    fn a_high_risk_elder_reaches_the_community_within_a_day() {
        for minute in 0..(24 * 60) {
            let missed = at("2026-03-02T00:00") + Duration::minutes(minute);
            let grid = NIGHT.waking(missed);
            let compound = NIGHT.after(grid, patience(CareTier::HighRisk));
            let community = NIGHT.after(compound, patience(CareTier::HighRisk));
            assert!(
                NIGHT.waking(community) - missed <= Duration::hours(24),
                "{missed}"
            );
        }
    }
}
