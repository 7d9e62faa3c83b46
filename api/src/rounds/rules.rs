//! What a round may be.

use chrono::{DateTime, Duration, Utc};
use entity::enums::AreaKind;

use crate::error::Code;

/// The longest window of a round.
pub const LONGEST: Duration = Duration::days(31);

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
    starts_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Code> {
    if due_at <= starts_at {
        Err(Code::WindowInvalid)
    } else if due_at <= now {
        Err(Code::WindowPassed)
    } else if due_at - starts_at > LONGEST {
        Err(Code::OutOfRange)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_lies_ahead_and_lasts_a_month_at_most() {
        let day = |n| DateTime::UNIX_EPOCH + Duration::days(n);
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
