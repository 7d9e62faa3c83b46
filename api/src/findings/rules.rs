//! What is a finding, what follows from it, and its life.

use chrono::{Duration, NaiveDate};
use entity::enums::{FindingStatus, VisitOutcome};

use crate::error::{Code, Error, Result};

/// How long a confirmation can be taken back.
pub const UNDOABLE: Duration = Duration::days(90);

/// The longest time until a hospital stay is looked at again.
const LONGEST_REST: Duration = Duration::days(366);

/// What follows from a confirmed finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// The enrolment rests until a review.
    Rests,
    /// The enrolment ends; the person lives.
    Leaves,
    /// The enrolment and the stay in the household end.
    Dies,
}

/// What follows from an outcome once it is confirmed; nothing from a contact.
#[must_use]
pub const fn consequence(outcome: VisitOutcome) -> Option<Consequence> {
    match outcome {
        VisitOutcome::SeenWell | VisitOutcome::NeedsHelp => None,
        VisitOutcome::InHospital => Some(Consequence::Rests),
        VisitOutcome::InInstitution | VisitOutcome::MovedAway | VisitOutcome::RefusesVisits => {
            Some(Consequence::Leaves)
        }
        VisitOutcome::Deceased => Some(Consequence::Dies),
    }
}

/// Why an enrolment ended or visits were called off, as it stands on record.
#[must_use]
pub fn reason(outcome: VisitOutcome, source: Option<&str>) -> String {
    let what = match outcome {
        VisitOutcome::Deceased => "去世",
        VisitOutcome::InInstitution => "入住机构",
        VisitOutcome::InHospital => "住院",
        VisitOutcome::MovedAway => "已搬离",
        VisitOutcome::RefusesVisits => "拒绝探访",
        VisitOutcome::SeenWell | VisitOutcome::NeedsHelp => "走访反馈",
    };
    source.map_or_else(|| what.to_owned(), |source| format!("{what}（{source}）"))
}

/// What a confirmation says besides.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    /// Whether the day was given.
    pub day: bool,
    /// Whether somebody is named who says so.
    pub source: bool,
    /// The first day on which it holds.
    pub on: NaiveDate,
    /// When it is looked at again.
    pub review_on: Option<NaiveDate>,
}

/// Checks that a confirmation says what its consequence needs.
pub fn check(consequence: Consequence, given: Given) -> Result<()> {
    let required = |field| Err(Error::refused(Code::Required).on(field));
    match (consequence, given.review_on) {
        (Consequence::Dies, _) if !given.day => required("onDate"),
        (Consequence::Dies, _) if !given.source => required("source"),
        (Consequence::Rests, None) => required("reviewOn"),
        (Consequence::Rests, Some(review)) if review <= given.on => {
            Err(Error::refused(Code::WindowInvalid).on("reviewOn"))
        }
        (Consequence::Rests, Some(review)) if review - given.on > LONGEST_REST => {
            Err(Error::refused(Code::OutOfRange).on("reviewOn"))
        }
        _ => Ok(()),
    }
}

/// Something a person does about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It holds.
    Confirm,
    /// It does not hold.
    Reject,
    /// It was confirmed, and did not hold.
    Undo,
}

impl Action {
    /// The state in which it can be done.
    #[must_use]
    pub const fn from(self) -> FindingStatus {
        match self {
            Self::Confirm | Self::Reject => FindingStatus::Proposed,
            Self::Undo => FindingStatus::Confirmed,
        }
    }

    /// The state afterwards.
    #[must_use]
    pub const fn to(self) -> FindingStatus {
        match self {
            Self::Confirm => FindingStatus::Confirmed,
            Self::Reject => FindingStatus::Rejected,
            Self::Undo => FindingStatus::Undone,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn refusal(consequence: Consequence, given: Given) -> Option<(Code, Option<&'static str>)> {
        match check(consequence, given) {
            Err(Error::Refused(refusal)) => Some((refusal.code, refusal.field)),
            _ => None,
        }
    }

    #[test]
    fn a_death_needs_its_day_and_who_says_so() {
        let given = |day_given, source| Given {
            day: day_given,
            source,
            on: day("2026-03-02"),
            review_on: None,
        };
        let dies = |given| refusal(Consequence::Dies, given);
        assert_eq!(
            dies(given(false, true)),
            Some((Code::Required, Some("onDate")))
        );
        assert_eq!(
            dies(given(true, false)),
            Some((Code::Required, Some("source")))
        );
        assert_eq!(dies(given(true, true)), None);
        assert_eq!(refusal(Consequence::Leaves, given(false, false)), None);
    }

    #[test]
    fn a_hospital_stay_is_looked_at_again_within_a_year() {
        let rests = |review: Option<&str>| {
            let given = Given {
                day: false,
                source: false,
                on: day("2026-03-02"),
                review_on: review.map(day),
            };
            refusal(Consequence::Rests, given)
        };
        assert_eq!(rests(None), Some((Code::Required, Some("reviewOn"))));
        assert_eq!(
            rests(Some("2026-03-02")),
            Some((Code::WindowInvalid, Some("reviewOn")))
        );
        assert_eq!(rests(Some("2026-03-03")), None);
        assert_eq!(rests(Some("2027-03-03")), None);
        assert_eq!(
            rests(Some("2027-03-04")),
            Some((Code::OutOfRange, Some("reviewOn")))
        );
    }

    #[test]
    fn whoever_was_met_is_no_finding() {
        for outcome in [VisitOutcome::SeenWell, VisitOutcome::NeedsHelp] {
            assert_eq!(consequence(outcome), None);
        }
        assert_eq!(consequence(VisitOutcome::Deceased), Some(Consequence::Dies));
        assert_eq!(
            reason(VisitOutcome::Deceased, Some("派出所")),
            "去世（派出所）"
        );
        assert_eq!(reason(VisitOutcome::MovedAway, None), "已搬离");
    }
}
