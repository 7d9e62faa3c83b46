//! What a round must look like, and its life.

use chrono::{Datelike as _, Days, NaiveDate};
use entity::enums::{AreaKind, CertificationRoundStatus};

use crate::error::{Code, Error, Result};

/// The longest time from the day a round opens to the day it closes.
const LONGEST: Days = Days::new(366);

/// The most days of grace.
const MOST_GRACE: i32 = 90;

/// What ends a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Everybody is resolved.
    Close,
    /// It was a mistake.
    Void,
}

impl End {
    /// The state in which it can be done.
    #[must_use]
    pub const fn from(self) -> CertificationRoundStatus {
        match self {
            Self::Close | Self::Void => CertificationRoundStatus::Open,
        }
    }

    /// The state afterwards.
    #[must_use]
    pub const fn to(self) -> CertificationRoundStatus {
        match self {
            Self::Close => CertificationRoundStatus::Closed,
            Self::Void => CertificationRoundStatus::Voided,
        }
    }
}

/// The state in which a roster grows and its checks move.
pub const LIVE: CertificationRoundStatus = CertificationRoundStatus::Open;

/// The state in which another round may cover the same.
pub const ANNULLED: CertificationRoundStatus = CertificationRoundStatus::Voided;

/// The state after which only corrections are entered.
pub const FINAL: CertificationRoundStatus = CertificationRoundStatus::Closed;

/// Whether a round can be opened for an area of this kind.
#[must_use]
pub const fn is_fit(kind: AreaKind) -> bool {
    match kind {
        AreaKind::District | AreaKind::Street | AreaKind::Community => true,
        AreaKind::Compound | AreaKind::Grid | AreaKind::Building => false,
    }
}

/// Checks the kind of area at which checks are to be confirmed: a community at least.
pub fn check_level(kind: AreaKind) -> Result<()> {
    if is_fit(kind) {
        Ok(())
    } else {
        Err(Error::refused(Code::OutOfRange).on("confirmLevel"))
    }
}

/// Checks the days of a new round: it certifies this year or a neighbouring one, and closes within a year.
pub fn check_days(
    (year, grace_days): (i32, i32),
    closes_on: NaiveDate,
    today: NaiveDate,
) -> Result<()> {
    let out_of_range = |field| Err(Error::refused(Code::OutOfRange).on(field));
    if !(today.year() - 1..=today.year() + 1).contains(&year) {
        out_of_range("year")
    } else if !(0..=MOST_GRACE).contains(&grace_days) {
        out_of_range("graceDays")
    } else if closes_on < today {
        Err(Error::refused(Code::DayPast).on("closesOn"))
    } else if closes_on > today + LONGEST {
        out_of_range("closesOn")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_round_closes_within_a_year_and_not_yesterday() {
        let today = day("2026-03-02");
        let refused = |year, grace, closes| match check_days((year, grace), day(closes), today) {
            Err(Error::Refused(refusal)) => refusal.field,
            _ => None,
        };
        assert_eq!(refused(2026, 15, "2026-03-02"), None);
        assert_eq!(refused(2025, 0, "2027-03-03"), None);
        assert_eq!(refused(2024, 0, "2026-06-30"), Some("year"));
        assert_eq!(refused(i32::MIN + 2026, 0, "2026-06-30"), Some("year"));
        assert_eq!(refused(2026, 91, "2026-06-30"), Some("graceDays"));
        assert_eq!(refused(2026, -1, "2026-06-30"), Some("graceDays"));
        assert_eq!(refused(2026, 15, "2026-03-01"), Some("closesOn"));
        assert_eq!(refused(2026, 15, "2027-03-04"), Some("closesOn"));
    }

    #[test]
    fn rounds_stand_at_a_community_or_above() {
        assert!(is_fit(AreaKind::Community) && is_fit(AreaKind::District));
        assert!(!is_fit(AreaKind::Compound));
        assert!(
            check_level(AreaKind::Community).is_ok() && check_level(AreaKind::Compound).is_err()
        );
    }

    #[test]
    fn an_ended_round_stays_ended() {
        for end in [End::Close, End::Void] {
            assert_eq!(end.from(), LIVE);
            assert_ne!(end.to(), LIVE);
        }
    }
}
