//! What an absence and a shift may be.

use chrono::{DateTime, Duration, Utc};

use crate::error::Code;

/// How long ago an absence or shift may have begun when it is recorded.
const EARLIEST: Duration = Duration::days(31);

/// How far ahead one may reach.
const FURTHEST: Duration = Duration::days(366);

/// Checks an interval that is recorded at `now`: at least a part of it lies ahead.
pub fn check(
    (from_at, until_at): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<(), Code> {
    if until_at <= from_at {
        Err(Code::WindowInvalid)
    } else if until_at <= now || from_at < now - EARLIEST || until_at > now + FURTHEST {
        Err(Code::OutOfRange)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_ends_after_it_begins_and_reaches_into_the_next_year_at_most() {
        let now = DateTime::UNIX_EPOCH + Duration::days(1000);
        let check = |from: Duration, until: Duration| check((now + from, now + until), now);
        let day = Duration::days(1);
        assert_eq!(check(day, day), Err(Code::WindowInvalid));
        assert_eq!(check(-day, Duration::zero()), Err(Code::OutOfRange));
        assert_eq!(check(-day, Duration::minutes(1)), Ok(()));
        assert_eq!(check(day * -31, day), Ok(()));
        assert_eq!(check(day * -32, day), Err(Code::OutOfRange));
        assert_eq!(check(day, day * 366), Ok(()));
        assert_eq!(check(day, day * 367), Err(Code::OutOfRange));
    }
}
