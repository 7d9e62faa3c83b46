//! What a round may be.

use chrono::{DateTime, Duration, Utc};
use entity::enums::{AreaKind, RoundCause};

use crate::error::Code;

/// The longest window of a round: after a major change somebody is there within a day.
#[must_use]
pub const fn longest(cause: RoundCause) -> Duration {
    match cause {
        RoundCause::MajorChange => Duration::hours(24),
        RoundCause::ExtremeWeather | RoundCause::Festival | RoundCause::Other => Duration::days(31),
    }
}

/// When the window of a round ends that nobody has set an end; only a major change has one.
#[must_use]
pub fn usual_end(cause: RoundCause, starts_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match cause {
        RoundCause::MajorChange => Some(starts_at + longest(cause)),
        RoundCause::ExtremeWeather | RoundCause::Festival | RoundCause::Other => None,
    }
}

/// How many people can be named.
pub const MOST_NAMED: usize = 100;

/// Whether rounds are started for areas of this kind: a community's people are visited in one step.
#[must_use]
pub const fn is_fit(kind: AreaKind) -> bool {
    match kind {
        AreaKind::Community | AreaKind::Compound | AreaKind::Grid | AreaKind::Building => true,
        AreaKind::District | AreaKind::Street => false,
    }
}

/// Checks a round's window.
pub fn check_window(
    cause: RoundCause,
    starts_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Code> {
    if due_at <= starts_at {
        Err(Code::WindowInvalid)
    } else if due_at <= now {
        Err(Code::WindowPassed)
    } else if due_at - starts_at > longest(cause) {
        Err(Code::OutOfRange)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_lies_ahead_and_lasts_a_month_or_after_a_major_change_a_day() {
        let day = |n| DateTime::UNIX_EPOCH + Duration::days(n);
        let check_window =
            |starts, due, now| super::check_window(RoundCause::Festival, starts, due, now);
        let within_a_day = |due| super::check_window(RoundCause::MajorChange, day(0), due, day(0));
        assert_eq!(within_a_day(day(1)), Ok(()));
        assert_eq!(
            within_a_day(day(1) + Duration::seconds(1)),
            Err(Code::OutOfRange)
        );
        assert_eq!(check_window(day(0), day(31), day(1)), Ok(()));
        assert_eq!(check_window(day(0), day(32), day(1)), Err(Code::OutOfRange));
        assert_eq!(
            check_window(day(0), day(1), day(1)),
            Err(Code::WindowPassed)
        );
        assert_eq!(
            check_window(day(2), day(2), day(1)),
            Err(Code::WindowInvalid)
        );
    }
}
