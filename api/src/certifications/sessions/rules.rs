//! What a session or slot must look like, and its life.

use chrono::{DateTime, Duration, Utc};
use entity::enums::{CertificationChannel, CertificationSessionStatus};

use crate::error::{Code, Error, Result};

/// The longest time from beginning to end.
const LONGEST: Duration = Duration::hours(24);

/// How far ahead one is planned.
const FURTHEST: Duration = Duration::days(400);

/// The most places that are counted.
const MOST_PLACES: i32 = 500;

/// The state in which places are given.
pub const LIVE: CertificationSessionStatus = CertificationSessionStatus::Planned;

/// The state of one that was called off; who was certified there before stays certified.
pub const ANNULLED: CertificationSessionStatus = CertificationSessionStatus::Cancelled;

/// What ends a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It was held: whoever did not come is to be certified as before.
    Close,
    /// It is called off.
    Cancel,
}

impl End {
    /// The state in which it can be done.
    #[must_use]
    pub const fn from(self) -> CertificationSessionStatus {
        match self {
            Self::Close | Self::Cancel => LIVE,
        }
    }

    /// The state afterwards.
    #[must_use]
    pub const fn to(self) -> CertificationSessionStatus {
        match self {
            Self::Close => CertificationSessionStatus::Held,
            Self::Cancel => ANNULLED,
        }
    }
}

/// What a new session says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    /// By what those who come are certified.
    pub channel: CertificationChannel,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// How many can come; any number where absent.
    pub capacity: Option<i32>,
}

/// Checks a new session: one for many at once may have any number of places, a slot tells how many.
pub fn check(given: Given, now: DateTime<Utc>) -> Result<()> {
    let refused = |code, field| Err(Error::refused(code).on(field));
    match given.channel {
        CertificationChannel::Session | CertificationChannel::Appointment => {}
        CertificationChannel::Home
        | CertificationChannel::Video
        | CertificationChannel::Online
        | CertificationChannel::Letter => return refused(Code::OutOfRange, "channel"),
    }
    if given.channel == CertificationChannel::Appointment && given.capacity.is_none() {
        return refused(Code::Required, "capacity");
    }
    let places = 1..=MOST_PLACES;
    if given
        .capacity
        .is_some_and(|places_given| !places.contains(&places_given))
    {
        refused(Code::OutOfRange, "capacity")
    } else if given.starts_at < now {
        refused(Code::DayPast, "startsAt")
    } else if given.starts_at > now + FURTHEST {
        refused(Code::OutOfRange, "startsAt")
    } else if given.ends_at <= given.starts_at {
        refused(Code::WindowInvalid, "endsAt")
    } else if given.ends_at > given.starts_at + LONGEST {
        refused(Code::OutOfRange, "endsAt")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn slot(minutes: (i64, i64), capacity: Option<i32>) -> Given {
        Given {
            channel: CertificationChannel::Appointment,
            starts_at: NOW + Duration::minutes(minutes.0),
            ends_at: NOW + Duration::minutes(minutes.1),
            capacity,
        }
    }

    fn refused(given: Given) -> Option<(Code, &'static str)> {
        match check(given, NOW) {
            Err(Error::Refused(refusal)) => refusal.field.map(|field| (refusal.code, field)),
            _ => None,
        }
    }

    #[test]
    fn a_slot_has_places_and_a_session_may_have_any_number() {
        assert_eq!(refused(slot((0, 30), Some(1))), None);
        assert_eq!(refused(slot((0, 30), Some(500))), None);
        for capacity in [0, -1, 501] {
            let expected = Some((Code::OutOfRange, "capacity"));
            assert_eq!(refused(slot((0, 30), Some(capacity))), expected);
        }
        let unlimited = slot((0, 30), None);
        assert_eq!(refused(unlimited), Some((Code::Required, "capacity")));
        let session = Given {
            channel: CertificationChannel::Session,
            ..unlimited
        };
        assert_eq!(refused(session), None);
        let home = Given {
            channel: CertificationChannel::Home,
            ..unlimited
        };
        assert_eq!(refused(home), Some((Code::OutOfRange, "channel")));
    }

    #[test]
    fn it_lies_ahead_and_ends_within_a_day() {
        let day = 24 * 60;
        for (minutes, expected) in [
            ((0, day), None),
            ((-1, 30), Some((Code::DayPast, "startsAt"))),
            (
                (400 * day + 1, 401 * day),
                Some((Code::OutOfRange, "startsAt")),
            ),
            ((30, 30), Some((Code::WindowInvalid, "endsAt"))),
            ((30, 29), Some((Code::WindowInvalid, "endsAt"))),
            ((0, day + 1), Some((Code::OutOfRange, "endsAt"))),
        ] {
            assert_eq!(refused(slot(minutes, Some(1))), expected, "{minutes:?}");
        }
    }

    #[test]
    fn an_ended_session_stays_ended() {
        for end in [End::Close, End::Cancel] {
            assert_eq!(end.from(), LIVE);
            assert_ne!(end.to(), LIVE);
        }
        assert_eq!(End::Cancel.to(), ANNULLED);
    }
}
