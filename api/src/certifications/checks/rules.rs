//! The life of a check, what each channel requires, and why an action is refused.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::enums::{AttachmentKind, CertificationChannel, CheckOutcome, CheckStatus};

use crate::error::{Code, Error, Result};

/// How many checks one mutation takes.
pub const MOST: usize = 100;

/// How far ahead a check is scheduled.
const FURTHEST: Duration = Duration::days(400);

/// How long ago a check was made that is recorded now.
const EARLIEST: Duration = Duration::days(366);

/// The state of whoever comes to a roster.
pub const FIRST: CheckStatus = CheckStatus::Pending;

/// The state of whoever is expected at a time.
pub const PLANNED: CheckStatus = CheckStatus::Scheduled;

/// The end that a check reaches by being checked.
pub const RESOLVED_BY_CHECK: CheckStatus = CheckStatus::Confirmed;

/// That a check has not reached an end, in the words of the index over such checks.
pub const UNRESOLVED: &str = "certification_check.status NOT IN ('CONFIRMED', 'SETTLED')";

/// Something a person does about a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Plans time, channel and person.
    Schedule,
    /// Takes the time back.
    Unschedule,
    /// Says who is to do it.
    Assign,
    /// Notes that nobody was met.
    Attempt,
    /// Notes that nobody was met before a later day was planned.
    EarlierAttempt,
    /// Certifies.
    Check,
    /// Sends back for more.
    Return,
    /// Confirms what another checked.
    Confirm,
    /// Settles without a check.
    Settle,
    /// Asks somebody to come along.
    Accompany,
    /// Passes it to the station that takes it on, or back: what was planned falls.
    PassOn,
}

/// The life of a check: action, state before, state after.
pub const LIFE: &[(Action, CheckStatus, CheckStatus)] = {
    use Action as A;
    use CheckStatus as S;
    &[
        (A::Schedule, S::Pending, S::Scheduled),
        (A::Schedule, S::Scheduled, S::Scheduled),
        (A::Schedule, S::Returned, S::Scheduled),
        (A::Unschedule, S::Scheduled, S::Pending),
        (A::Assign, S::Pending, S::Pending),
        (A::Assign, S::Scheduled, S::Scheduled),
        (A::Assign, S::Returned, S::Returned),
        (A::Attempt, S::Pending, S::Pending),
        (A::Attempt, S::Scheduled, S::Pending),
        (A::Attempt, S::Returned, S::Returned),
        (A::EarlierAttempt, S::Scheduled, S::Scheduled),
        (A::Check, S::Pending, S::Checked),
        (A::Check, S::Scheduled, S::Checked),
        (A::Check, S::Returned, S::Checked),
        (A::Return, S::Checked, S::Returned),
        (A::Confirm, S::Checked, S::Confirmed),
        (A::Settle, S::Pending, S::Settled),
        (A::Settle, S::Scheduled, S::Settled),
        (A::Settle, S::Checked, S::Settled),
        (A::Settle, S::Returned, S::Settled),
        (A::Accompany, S::Scheduled, S::Scheduled),
        (A::PassOn, S::Pending, S::Pending),
        (A::PassOn, S::Scheduled, S::Pending),
        (A::PassOn, S::Returned, S::Returned),
    ]
};

impl Action {
    /// The states in which it can be done, each with the state afterwards.
    pub fn steps(self) -> impl Iterator<Item = (CheckStatus, CheckStatus)> {
        let own = LIFE.iter().filter(move |(action, ..)| *action == self);
        own.map(|(_, from, to)| (*from, *to))
    }

    /// Whether it takes somebody else than who checked.
    #[must_use]
    pub const fn is_anothers(self) -> bool {
        matches!(self, Self::Confirm | Self::Settle)
    }
}

/// Whether a check has reached an end.
#[must_use]
pub const fn is_resolved(status: CheckStatus) -> bool {
    match status {
        CheckStatus::Confirmed | CheckStatus::Settled => true,
        CheckStatus::Pending
        | CheckStatus::Scheduled
        | CheckStatus::Checked
        | CheckStatus::Returned => false,
    }
}

/// What proves a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// A photo of the person.
    Photo,
    /// A photo of the person, or of what they signed.
    SignatureOrPhoto,
    /// A picture of the video call.
    Screenshot,
    /// The number under which the app keeps it.
    Number,
    /// The answered letter, photographed or scanned, and its number.
    Scan,
}

/// What a channel requires as proof.
#[must_use]
pub const fn evidence(channel: CertificationChannel) -> Evidence {
    match channel {
        CertificationChannel::Home | CertificationChannel::Appointment => Evidence::Photo,
        CertificationChannel::Session => Evidence::SignatureOrPhoto,
        CertificationChannel::Video => Evidence::Screenshot,
        CertificationChannel::Online => Evidence::Number,
        CertificationChannel::Letter => Evidence::Scan,
    }
}

/// Whether a proof is filed under a number that must be told.
#[must_use]
pub const fn has_number(evidence: Evidence) -> bool {
    match evidence {
        Evidence::Number | Evidence::Scan => true,
        Evidence::Photo | Evidence::SignatureOrPhoto | Evidence::Screenshot => false,
    }
}

/// What a record says besides.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    /// How the person was certified.
    pub channel: CertificationChannel,
    /// What was found.
    pub outcome: CheckOutcome,
    /// Whether the proof's number is told.
    pub number: bool,
    /// Whether somebody is named who says so.
    pub source: bool,
    /// The day of death or of the move, or from which benefits end.
    pub holds_on: Option<NaiveDate>,
}

/// Checks that a record says what its channel and its outcome need.
pub fn check(given: Given) -> Result<()> {
    let required = |field| Err(Error::refused(Code::Required).on(field));
    if has_number(evidence(given.channel)) && !given.number {
        return required("reference");
    }
    match given.outcome {
        CheckOutcome::Alive if given.holds_on.is_some() => {
            Err(Error::refused(Code::OutOfRange).on("holdsOn"))
        }
        CheckOutcome::Alive => Ok(()),
        CheckOutcome::Deceased | CheckOutcome::MovedAway | CheckOutcome::BenefitEnded => {
            match (given.holds_on, given.source) {
                (None, _) => required("holdsOn"),
                (Some(_), false) => required("source"),
                (Some(_), true) => Ok(()),
            }
        }
    }
}

/// Checks when something happened: not to come, and within the last year.
pub fn check_past(at: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    /// Phones' clocks are a little wrong.
    const SKEW: Duration = Duration::minutes(5);
    if at > now + SKEW {
        Err(Error::refused(Code::TimeInFuture).on("occurredAt"))
    } else if at < now - EARLIEST {
        Err(Error::refused(Code::OutOfRange).on("occurredAt"))
    } else {
        Ok(())
    }
}

/// Checks when something is planned for: to come, and not too far.
pub fn check_future(at: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    if at < now {
        Err(Error::refused(Code::DayPast).on("scheduledFor"))
    } else if at > now + FURTHEST {
        Err(Error::refused(Code::OutOfRange).on("scheduledFor"))
    } else {
        Ok(())
    }
}

/// The kinds of file of which one must be added before somebody who was found alive is confirmed; none where the
/// proof is no file. Of the dead and of whoever moved away there is who says so.
#[must_use]
pub const fn files(evidence: Evidence) -> &'static [AttachmentKind] {
    use AttachmentKind as K;
    match evidence {
        Evidence::Photo | Evidence::SignatureOrPhoto | Evidence::Screenshot => &[K::Jpeg, K::Png],
        Evidence::Scan => &[K::Jpeg, K::Png, K::Pdf],
        Evidence::Number => &[],
    }
}

/// What is known of a check that did not move.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one fact")]
pub struct Facts {
    /// Where it stands.
    pub status: CheckStatus,
    /// Whether the actor did the same before.
    pub done_by_me: bool,
    /// Whether the actor is who checked it.
    pub own_check: bool,
    /// Whether the actor may do it where the check is, granted high enough.
    pub permitted: bool,
    /// Whether another station makes the check, so that the actor may not.
    pub handed_over: bool,
    /// Whether the round is open.
    pub round_open: bool,
    /// Whether the version is the one the actor saw.
    pub version_fits: bool,
}

/// Why nothing moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Explanation {
    /// The actor did it before.
    AlreadyMine,
    /// Nothing stands in the way any more.
    Possible,
    /// It is refused.
    Refused(Code),
}

/// Names why an action moved nothing.
#[must_use]
pub fn explain(action: Action, facts: Facts) -> Explanation {
    let is_there = action.steps().all(|(_, to)| to == facts.status);
    let can = action.steps().any(|(from, _)| from == facts.status);
    if is_there && facts.done_by_me {
        return Explanation::AlreadyMine;
    }
    if !facts.permitted {
        return Explanation::Refused(Code::NotPermitted);
    }
    if facts.handed_over {
        return Explanation::Refused(Code::HandedOver);
    }
    if is_resolved(facts.status) {
        return Explanation::Refused(Code::AlreadySettled);
    }
    if !facts.round_open {
        return Explanation::Refused(Code::RoundNotOpen);
    }
    if !can {
        return Explanation::Refused(match action {
            Action::Confirm | Action::Return => Code::NotChecked,
            Action::Accompany => Code::NoHomeVisit,
            Action::Schedule
            | Action::Unschedule
            | Action::Assign
            | Action::Attempt
            | Action::EarlierAttempt
            | Action::Check
            | Action::Settle
            | Action::PassOn => Code::AlreadyChecked,
        });
    }
    if action.is_anothers() && facts.own_check {
        return Explanation::Refused(Code::OwnCheck);
    }
    if !facts.version_fits {
        return Explanation::Refused(Code::VersionConflict);
    }
    Explanation::Possible
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
