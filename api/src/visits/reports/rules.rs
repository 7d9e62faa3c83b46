//! Bounds of what is reported, by the phone's clock.

use chrono::{DateTime, Duration, Utc};
use entity::enums::VisitStatus;

use crate::error::Code;

/// The longest visit: what is longer was not ended when it ended, and would give hours to nobody's work.
pub const LONGEST_VISIT: Duration = Duration::hours(12);

/// By how much a phone's clock may be off before its times are doubted.
pub const CLOCK_OFF: Duration = Duration::minutes(5);

/// By how much a clock that tells its time may be off, so that its times can be set right.
pub const MOST_OFF: Duration = Duration::days(1);

/// How long after the fact a visit that nobody planned may be recorded.
pub const LATEST_UNPLANNED: Duration = Duration::days(7);

/// How many such visits one person records in a day.
pub const UNPLANNED_A_DAY: u64 = 10;

/// How long there is to meet a need that a report names, where nothing else is said.
pub const FOLLOW_UP: Duration = Duration::days(3);

/// How long a claim lets its holder reach a household for such a visit.
pub const REACH: Duration = Duration::days(31);

/// How many calls a round has at most.
pub const MOST_CONTACTS: usize = 50;

/// States of a task on which somebody who had claimed it may still report, as a task of its own. Who was
/// on the way when it was called off has been there all the same.
pub const TAKES_LATE: &[VisitStatus] = &[
    VisitStatus::Open,
    VisitStatus::Claimed,
    VisitStatus::Started,
    VisitStatus::Reported,
    VisitStatus::Returned,
    VisitStatus::Verified,
    VisitStatus::Missed,
    VisitStatus::Cancelled,
];

/// Whether a report on a task in this state comes late: its claim, held by the reporter before, has
/// lapsed, somebody else holds it, or it was called off.
#[must_use]
pub fn is_late(status: VisitStatus, mine: bool) -> bool {
    if mine {
        matches!(status, VisitStatus::Missed | VisitStatus::Cancelled)
    } else {
        TAKES_LATE.contains(&status)
    }
}

/// By how many seconds a phone that sends its clock is ahead.
#[must_use]
pub fn skew_seconds(phone: DateTime<Utc>, now: DateTime<Utc>) -> i32 {
    let seconds = (phone - now).num_seconds();
    i32::try_from(seconds).unwrap_or(if seconds < 0 { i32::MIN } else { i32::MAX })
}

/// Whether a clock is so far off that the times it told are doubted.
#[must_use]
pub fn is_clock_off(skew_seconds: i32) -> bool {
    i64::from(skew_seconds).abs() > CLOCK_OFF.num_seconds()
}

/// How far ahead a phone's clock is whose times are to be set right: none where it does not tell, is
/// believed, or is so far off that nothing it says can be.
#[must_use]
pub fn ahead(phone: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Duration {
    let ahead = phone.map_or_else(Duration::zero, |phone| phone - now);
    if ahead.abs() > CLOCK_OFF && ahead.abs() <= MOST_OFF {
        ahead
    } else {
        Duration::zero()
    }
}

/// Checks the end of a visit against its begin and its contact.
pub fn check_ended(
    ended_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    occurred_at: DateTime<Utc>,
) -> Result<(), Code> {
    if ended_at < occurred_at {
        Err(Code::WindowInvalid)
    } else if ended_at - started_at.unwrap_or(occurred_at) > LONGEST_VISIT {
        Err(Code::OutOfRange)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(n: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::minutes(n)
    }

    #[test]
    fn a_visit_ends_after_its_contact_and_within_twelve_hours() {
        assert_eq!(check_ended(minute(30), Some(minute(0)), minute(30)), Ok(()));
        assert_eq!(
            check_ended(minute(29), Some(minute(0)), minute(30)),
            Err(Code::WindowInvalid)
        );
        assert_eq!(check_ended(minute(720), None, minute(0)), Ok(()));
        assert_eq!(
            check_ended(minute(721), Some(minute(0)), minute(30)),
            Err(Code::OutOfRange)
        );
    }

    #[test]
    fn a_clock_five_minutes_off_is_believed() {
        let now = minute(1000);
        assert_eq!(skew_seconds(now + Duration::minutes(5), now), 300);
        assert!(!is_clock_off(300) && !is_clock_off(-300));
        assert!(is_clock_off(301) && is_clock_off(-301) && is_clock_off(i32::MIN));
        assert_eq!(skew_seconds(DateTime::<Utc>::MIN_UTC, now), i32::MIN);
    }

    #[test]
    fn times_are_set_right_up_to_a_day() {
        let now = minute(3000);
        let ahead = |minutes| ahead(Some(now + Duration::minutes(minutes)), now).num_minutes();
        assert_eq!((ahead(5), ahead(-5)), (0, 0));
        assert_eq!((ahead(6), ahead(-6)), (6, -6));
        assert_eq!((ahead(1440), ahead(1441), ahead(-1441)), (1440, 0, 0));
        assert_eq!(super::ahead(None, now), Duration::zero());
    }

    #[test]
    fn a_holder_reports_late_only_what_was_missed_or_called_off() {
        use VisitStatus as S;
        assert!(is_late(S::Missed, true) && is_late(S::Missed, false));
        assert!(is_late(S::Open, false) && is_late(S::Verified, false));
        assert!(!is_late(S::Reported, true) && !is_late(S::Verified, true));
        assert!(is_late(S::Cancelled, true) && is_late(S::Cancelled, false));
    }
}
