//! Rules of days 周期规则: RFC 5545 without times of day, which are somebody else's columns.

use chrono::{DateTime, Duration, NaiveDate};
use rrule::{RRule, RRuleSet, Tz, Unvalidated};

use crate::clock::{SHANGHAI, begin_of};
use crate::error::{Code, Error, Result};

/// The parts of RFC 5545 rules that speak of days.
const PARTS: &[&str] = &[
    "FREQ",
    "INTERVAL",
    "BYDAY",
    "BYMONTHDAY",
    "BYMONTH",
    "BYSETPOS",
    "WKST",
];

/// More often than daily is no rule of days.
const FREQUENCIES: &[&str] = &["DAILY", "WEEKLY", "MONTHLY", "YEARLY"];

/// More days than any span that is asked for can hold.
const MOST_DAYS: u16 = 800;

/// Checks a rule that somebody sets: it names a day within a year of `anchor`.
///
/// Refused: `RECURRENCE_INVALID` on `recurrence`.
pub fn check(recurrence: &str, anchor: NaiveDate) -> Result<()> {
    let invalid = || Err(Error::refused(Code::RecurrenceInvalid).on("recurrence"));
    for part in recurrence.split(';') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        if !PARTS.contains(&name) || (name == "FREQ" && !FREQUENCIES.contains(&value)) {
            return invalid();
        }
    }
    let year = (anchor, anchor + Duration::days(366));
    if days(recurrence, anchor, year)?.is_empty() {
        return invalid();
    }
    Ok(())
}

/// The days of a rule from `first` to `last`, both included; none before `anchor`, from which intervals
/// ("every second week") are counted.
pub fn days(
    recurrence: &str,
    anchor: NaiveDate,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<Vec<NaiveDate>> {
    let set = recurring(recurrence, anchor)?
        .after(noon(first) - Duration::hours(1))
        .before(noon(last) + Duration::hours(1));
    let days = set.all(MOST_DAYS).dates;
    Ok(days.into_iter().map(|at| at.date_naive()).collect())
}

/// Midday, where rules of days are computed: far from where one day becomes the next.
fn noon(day: NaiveDate) -> DateTime<Tz> {
    (begin_of(day, SHANGHAI) + Duration::hours(12)).with_timezone(&Tz::Tz(SHANGHAI))
}

fn recurring(recurrence: &str, anchor: NaiveDate) -> Result<RRuleSet> {
    let invalid = |_| Error::refused(Code::RecurrenceInvalid).on("recurrence");
    let rule: RRule<Unvalidated> = recurrence.parse().map_err(invalid)?;
    rule.build(noon(anchor)).map_err(invalid)
}
