//! The schema's own scalars.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{
    DateTime as ChronoDateTime, Datelike as _, NaiveDate, SecondsFormat, SubsecRound as _, Utc,
};
use serde::{Deserialize, Serialize};

/// An instant in UTC, e.g. `2026-03-31T16:00:00.000Z`; other offsets are accepted and converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateTime(pub ChronoDateTime<Utc>);

/// An instant (RFC 3339), given out in UTC with milliseconds.
#[Scalar(
    name = "DateTime",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339"
)]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        ChronoDateTime::parse_from_rfc3339(text)
            .map(|at| Self(at.to_utc().trunc_subsecs(3)))
            .map_err(|_| InputValueError::custom("not an RFC 3339 instant"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// A calendar date in the area's time zone, e.g. `2026-03-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Date(pub NaiveDate);

/// A calendar date in the area's time zone (ISO 8601), e.g. `2026-03-31`; from 1900 to 2199.
#[Scalar(
    name = "Date",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6"
)]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        date(text)
            .map(Self)
            .ok_or_else(|| InputValueError::custom("not a date like 2026-03-31"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A date written out in full, which chrono alone would not ask for: four digits, two and two.
fn date(text: &str) -> Option<NaiveDate> {
    let is_written_out = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let day = is_written_out.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d"));
    day?.ok().filter(|day| (1900..=2199).contains(&day.year()))
}

/// A UUID, e.g. `0197a1c2-7f00-7000-8000-000000000001`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uuid(pub uuid::Uuid);

/// A UUID (RFC 9562) in its hyphenated form.
#[Scalar(
    name = "UUID",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc9562"
)]
impl ScalarType for Uuid {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        uuid::Uuid::try_parse(text)
            .map(Self)
            .map_err(|_| InputValueError::custom("not a UUID"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_out_in_full() {
        for good in ["2026-03-31", "1900-01-01", "2199-12-31", "2024-02-29"] {
            assert_eq!(date(good).map(|day| day.to_string()).as_deref(), Some(good));
        }
        for bad in [
            "26-03-01",
            "2026-3-5",
            "+262142-12-31",
            "02026-03-1",
            "2026-02-29",
            "1899-12-31",
            "2200-01-01",
            "2026/03/31",
            "2026-03-31 ",
            " 2026-3-31",
            "２026-3-1",
            "",
        ] {
            assert_eq!(date(bad), None, "{bad}");
        }
    }
}
