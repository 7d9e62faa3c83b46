//! Time and new ids, injected so that tests can set them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, SubsecRound, TimeZone, Utc};
use chrono_tz::Tz;
use uuid::{NoContext, Timestamp, Uuid};

/// The time zone of every area of the reference community.
pub const SHANGHAI: Tz = chrono_tz::Asia::Shanghai;

/// Where the program reads the time and takes new ids from.
///
/// Instants are whole milliseconds, so that what is written is what is read back from either database.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Milliseconds since 1970 of a clock that only moves when told; the system's clock where absent.
    manual: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands at `at` until [`Clock::advance`] moves it.
    #[must_use]
    pub fn manual(at: DateTime<Utc>) -> Self {
        Self {
            manual: Some(Arc::new(AtomicI64::new(at.timestamp_millis()))),
        }
    }

    /// Moves a manual clock (and every clone of it); the system's clock is not moved.
    pub fn advance(&self, by: Duration) {
        if let Some(manual) = &self.manual {
            manual.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
        }
    }

    /// Now, in whole milliseconds.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.manual {
            Some(manual) => DateTime::from_timestamp_millis(manual.load(Ordering::SeqCst))
                .unwrap_or(DateTime::UNIX_EPOCH),
            #[expect(
                clippy::disallowed_methods,
                reason = "the one place that reads the system's clock"
            )]
            None => Utc::now().trunc_subsecs(3),
        }
    }

    /// Today's date in `zone`.
    #[must_use]
    pub fn today(&self, zone: Tz) -> NaiveDate {
        local_date(self.now(), zone)
    }

    /// A new UUIDv7 that carries this clock's time (RFC 9562 §5.7).
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        let now = self.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        Uuid::new_v7(Timestamp::from_unix(
            NoContext,
            seconds,
            now.timestamp_subsec_nanos(),
        ))
    }
}

/// The calendar date on which `at` falls in `zone`.
#[must_use]
pub fn local_date(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    zone.from_utc_datetime(&at.naive_utc()).date_naive()
}

/// The first instant of the day after `at` in `zone`.
#[must_use]
pub fn day_after(at: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    end_of(local_date(at, zone), zone)
}

/// The instant at which `day` is over in `zone`: the next midnight there.
#[must_use]
pub fn end_of(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    begin_of(day + Duration::days(1), zone)
}

/// The instant at which `day` begins in `zone`: midnight there.
#[must_use]
pub fn begin_of(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    zone.from_local_datetime(&midnight)
        .earliest()
        .map_or_else(|| midnight.and_utc(), |midnight| midnight.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_shanghai_not_in_utc() {
        let clock = Clock::manual(Utc.with_ymd_and_hms(2026, 3, 31, 15, 59, 59).unwrap());
        assert_eq!(clock.today(SHANGHAI).to_string(), "2026-03-31");
        clock.advance(Duration::seconds(1));
        assert_eq!(clock.today(SHANGHAI).to_string(), "2026-04-01");
    }

    #[test]
    fn ids_carry_the_clocks_time_and_differ() {
        let clock = Clock::manual(Utc.with_ymd_and_hms(2026, 3, 31, 16, 0, 0).unwrap());
        let (first, second) = (clock.new_id(), clock.new_id());
        assert_ne!(first, second);
        let (seconds, _) = first.get_timestamp().unwrap().to_unix();
        assert_eq!(i64::try_from(seconds).unwrap(), clock.now().timestamp());
    }
}
