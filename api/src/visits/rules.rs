//! The life of a visit task, as one table, and why an action was refused.

use chrono::{DateTime, Duration, Utc};
use entity::enums::{VisitKind, VisitOutcome, VisitStatus};

use crate::error::Code;

/// Something a person does to a visit task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Take it on.
    Claim,
    /// Give it back, with a reason.
    Release,
    /// Hold it beyond the window.
    Renew,
    /// Say when one will be there.
    Appoint,
    /// A lead gives it to somebody.
    Reassign,
    /// A lead puts it back among the open ones.
    TakeBack,
    /// Be at the door.
    Start,
    /// Nobody met; the holder tries again.
    AttemptAndKeep,
    /// Nobody met; somebody else may try.
    AttemptAndReopen,
    /// Say how it went.
    Report,
    /// Say that it was done without a claim: a late report, a call in a round.
    Settle,
    /// Nobody met, without a claim; it stays open.
    AttemptUnclaimed,
    /// Accept the report.
    Verify,
    /// Ask for more.
    Return,
    /// Call it off, with a reason.
    Cancel,
    /// What had called it off is taken back.
    Restore,
    /// The server's own: the window has passed without a visit.
    Miss,
    /// The server's own: a returned report was not completed in time.
    Lapse,
}

/// One line of the life table.
#[derive(Clone, Copy, Debug)]
pub struct Transition {
    /// What is done.
    pub action: Action,
    /// In which states it can be done.
    pub from: &'static [VisitStatus],
    /// The state afterwards.
    pub to: VisitStatus,
}

const fn line(action: Action, from: &'static [VisitStatus], to: VisitStatus) -> Transition {
    Transition { action, from, to }
}

/// The life of a visit task. Services build their `WHERE status IN (…)` from it.
pub const LIFE: &[Transition] = {
    use Action as A;
    use VisitStatus as S;
    &[
        line(A::Claim, &[S::Open], S::Claimed),
        line(A::Release, &[S::Claimed, S::Started, S::Returned], S::Open),
        line(A::Renew, &[S::Claimed], S::Claimed),
        line(A::Appoint, &[S::Claimed], S::Claimed),
        line(
            A::Reassign,
            &[S::Open, S::Claimed, S::Started, S::Returned],
            S::Claimed,
        ),
        line(
            A::TakeBack,
            &[S::Open, S::Claimed, S::Started, S::Returned],
            S::Open,
        ),
        line(A::Start, &[S::Claimed], S::Started),
        line(A::AttemptAndKeep, &[S::Claimed, S::Started], S::Claimed),
        line(A::AttemptAndReopen, &[S::Claimed, S::Started], S::Open),
        line(
            A::Report,
            &[S::Claimed, S::Started, S::Returned],
            S::Reported,
        ),
        line(A::Settle, &[S::Open], S::Reported),
        line(A::AttemptUnclaimed, &[S::Open], S::Open),
        line(A::Verify, &[S::Reported], S::Verified),
        line(A::Return, &[S::Reported], S::Returned),
        line(
            A::Cancel,
            &[S::Open, S::Claimed, S::Started, S::Reported, S::Returned],
            S::Cancelled,
        ),
        line(A::Restore, &[S::Cancelled], S::Open),
        line(A::Miss, &[S::Open, S::Claimed, S::Started], S::Missed),
        line(A::Lapse, &[S::Returned], S::Open),
    ]
};

/// The state of a visit that is planned at `now`: nobody can make one whose window has passed.
#[must_use]
pub fn planned(due_at: DateTime<Utc>, now: DateTime<Utc>) -> VisitStatus {
    if due_at <= now {
        Action::Miss.transition().to
    } else {
        VisitStatus::Open
    }
}

/// The states in which a claim is live and opens what the visit needs.
pub const LIVE: &[VisitStatus] = &[
    VisitStatus::Claimed,
    VisitStatus::Started,
    VisitStatus::Returned,
];

/// The states in which a report of the visit stands.
pub const TOLD: &[VisitStatus] = &[
    VisitStatus::Reported,
    VisitStatus::Returned,
    VisitStatus::Verified,
];

/// The outcomes in which the person was seen or spoken to, so that the month counts as contacted. A finding
/// that they are elsewhere, dead or refuse is none: confirmed, it excludes them with a reason.
pub const CONTACTS: &[VisitOutcome] = &[VisitOutcome::SeenWell, VisitOutcome::NeedsHelp];

/// The states in which nobody has been at the door yet.
pub const NOT_BEGUN: &[VisitStatus] = &[VisitStatus::Open, VisitStatus::Claimed];

/// The states in which somebody holds the visit and has told nothing of it.
pub const UNTOLD: &[VisitStatus] = &[VisitStatus::Claimed, VisitStatus::Started];

/// The states in which the visit is still to be made, or its report to be completed.
pub const TO_BE_MADE: &[VisitStatus] = &[
    VisitStatus::Open,
    VisitStatus::Claimed,
    VisitStatus::Started,
    VisitStatus::Returned,
];

impl Action {
    /// The action's line in [`LIFE`].
    #[must_use]
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "a test holds that every action has its line"
    )]
    pub fn transition(self) -> &'static Transition {
        let mut lines = LIFE.iter().filter(|line| line.action == self);
        lines.next().expect("every action has a line in LIFE")
    }

    /// Whether only the holder of the claim may do it.
    #[must_use]
    pub const fn is_holders(self) -> bool {
        match self {
            Self::Release
            | Self::Renew
            | Self::Appoint
            | Self::Start
            | Self::AttemptAndKeep
            | Self::AttemptAndReopen
            | Self::Report => true,
            Self::Claim
            | Self::Settle
            | Self::AttemptUnclaimed
            | Self::Verify
            | Self::Return
            | Self::Cancel
            | Self::Reassign
            | Self::TakeBack
            | Self::Restore
            | Self::Miss
            | Self::Lapse => false,
        }
    }
}

impl Action {
    /// Whether it says who holds the task: of a door in a batch that is the batch's matter.
    #[must_use]
    pub const fn is_about_the_claim(self) -> bool {
        match self {
            Self::Claim
            | Self::Release
            | Self::Renew
            | Self::Reassign
            | Self::TakeBack
            | Self::AttemptAndReopen => true,
            Self::Appoint
            | Self::Start
            | Self::AttemptAndKeep
            | Self::Report
            | Self::Settle
            | Self::AttemptUnclaimed
            | Self::Verify
            | Self::Return
            | Self::Cancel
            | Self::Restore
            | Self::Miss
            | Self::Lapse => false,
        }
    }
}

/// Whether a claim opens protected fields at `now`.
#[must_use]
pub fn is_live(
    status: VisitStatus,
    lease_until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> bool {
    LIVE.contains(&status) && lease_until.is_none_or(|until| now < until)
}

/// What is known of a task when an action on it changed no row.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one fact, looked at by itself"
)]
pub struct Facts {
    /// Its state now.
    pub status: VisitStatus,
    /// Whether the actor holds its claim.
    pub mine: bool,
    /// Whether the actor wrote its report.
    pub own_report: bool,
    /// Whether its planned window has passed.
    pub window_passed: bool,
    /// Whether it still has the version the actor saw; true where none was given.
    pub version_fits: bool,
    /// Whether the actor may do this here at all.
    pub permitted: bool,
    /// Whether the actor's level is high enough for its report.
    pub level_fits: bool,
    /// Whether the actor holds as many live claims as are allowed.
    pub at_limit: bool,
    /// They have claimed as often today as they may.
    pub at_days_limit: bool,
    /// Whether it is a door of a batch.
    pub in_batch: bool,
}

/// What to answer when an action changed no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Explanation {
    /// It was done before by the same actor: success.
    AlreadyMine,
    /// It is refused for this reason.
    Refused(Code),
    /// Nothing stands against it now: another's step came between the two looks.
    Possible,
}

/// Names the refusal, in the order: already mine, permission, state, version, what is left.
#[must_use]
pub fn explain(action: Action, facts: Facts) -> Explanation {
    use Explanation::{AlreadyMine, Refused};
    use VisitStatus as S;
    let live = LIVE.contains(&facts.status);
    if facts.mine
        && match action {
            Action::Claim => live,
            Action::Start => facts.status == S::Started,
            _ => false,
        }
    {
        return AlreadyMine;
    }
    if !facts.permitted {
        return Refused(Code::NotPermitted);
    }
    if action.is_holders() && !facts.mine {
        return Refused(Code::NotClaimedByYou);
    }
    if !action.transition().from.contains(&facts.status) {
        return Refused(match (action, facts.status) {
            (_, S::Verified | S::Missed | S::Cancelled) => Code::AlreadyFinished,
            (
                Action::Claim | Action::Settle | Action::AttemptUnclaimed,
                S::Claimed | S::Started | S::Returned,
            ) => Code::AlreadyClaimed,
            (Action::Claim, _) => Code::NotOpen,
            (Action::Verify | Action::Return, _) => Code::NotReported,
            (_, S::Reported) => Code::AlreadyReported,
            (
                Action::Start
                | Action::Renew
                | Action::Appoint
                | Action::AttemptAndKeep
                | Action::AttemptAndReopen,
                _,
            ) => Code::AlreadyStarted,
            _ => Code::NotClaimedByYou,
        });
    }
    if facts.in_batch && action.is_about_the_claim() {
        return Refused(Code::ClaimedAsBatch);
    }
    let judges = matches!(action, Action::Verify | Action::Return);
    if judges && (facts.own_report || !facts.level_fits) {
        return Refused(Code::OwnReport);
    }
    if !facts.version_fits {
        return Refused(Code::VersionConflict);
    }
    if action == Action::Claim && facts.window_passed {
        return Refused(Code::WindowPassed);
    }
    if action == Action::Claim && facts.at_limit {
        return Refused(Code::ClaimLimit);
    }
    if action == Action::Claim && facts.at_days_limit {
        return Refused(Code::DailyClaimLimit);
    }
    Explanation::Possible
}

/// How many minutes a visit is expected to take at the door.
#[must_use]
pub const fn minutes(kind: VisitKind) -> i32 {
    match kind {
        VisitKind::MealDelivery => 10,
        VisitKind::HomeVisit | VisitKind::SafetyCheck | VisitKind::FestivalVisit => 30,
        VisitKind::PolicyBriefing => 20,
    }
}

/// The longest planned window.
pub const LONGEST_WINDOW: Duration = Duration::days(93);

/// How far ahead a visit may be planned.
pub const FURTHEST_PLAN: Duration = Duration::days(400);

/// The longest time for completing a returned report, for which the claim is live again.
pub const LONGEST_RETURN: Duration = Duration::days(14);

/// Checks a window that is planned at `now`.
pub fn check_window(
    starts_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Code> {
    if due_at <= starts_at {
        Err(Code::WindowInvalid)
    } else if due_at <= now {
        Err(Code::WindowPassed)
    } else if due_at - starts_at > LONGEST_WINDOW || due_at > now + FURTHEST_PLAN {
        Err(Code::OutOfRange)
    } else {
        Ok(())
    }
}

/// Checks the deadline of a return at `now`.
pub fn check_return(due_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Code> {
    if due_at <= now {
        Err(Code::WindowPassed)
    } else if due_at > now + LONGEST_RETURN {
        Err(Code::OutOfRange)
    } else {
        Ok(())
    }
}

/// How far ahead of the server a phone's clock may be.
pub const CLOCK_SKEW: Duration = Duration::minutes(10);

/// How long after the fact something may still be reported.
pub const LATEST_REPORT: Duration = Duration::days(31);

/// Checks an instant by the phone's clock against the server's.
pub fn check_occurred(at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Code> {
    if at > now + CLOCK_SKEW {
        Err(Code::TimeInFuture)
    } else if at < now - LATEST_REPORT {
        Err(Code::OutOfRange)
    } else {
        Ok(())
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
