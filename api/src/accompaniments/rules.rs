//! The life of an accompaniment, and what a volunteer is shown of it.

use chrono::{DateTime, Utc};
use entity::enums::AccompanimentStatus;

use crate::clock::{SHANGHAI, day_after};
use crate::error::Code;

/// The state of whoever is asked.
pub const FIRST: AccompanimentStatus = AccompanimentStatus::Asked;

/// The states in which somebody may still come.
pub const LIVE: [AccompanimentStatus; 2] =
    [AccompanimentStatus::Asked, AccompanimentStatus::Accepted];

/// Something done about an accompaniment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The volunteer comes along.
    Accept,
    /// The volunteer does not, or no longer.
    Decline,
    /// It is at another time, or another is to be met: the volunteer is asked again.
    Move,
    /// Nobody is needed.
    Cancel,
    /// It was made.
    End,
}

/// The life of an accompaniment: action, states before, state after.
pub const LIFE: &[(Action, &[AccompanimentStatus], AccompanimentStatus)] = {
    use AccompanimentStatus as S;
    use Action as A;
    &[
        (A::Accept, &[S::Asked], S::Accepted),
        (A::Decline, &LIVE, S::Declined),
        (A::Move, &LIVE, S::Asked),
        (A::Cancel, &LIVE, S::Cancelled),
        (A::End, &LIVE, S::Over),
    ]
};

impl Action {
    /// The states in which it can be done.
    #[must_use]
    pub fn from(self) -> &'static [AccompanimentStatus] {
        let own = LIFE.iter().find(|(action, ..)| *action == self);
        own.map_or(&[], |(_, from, _)| from)
    }

    /// The state afterwards.
    #[must_use]
    pub const fn to(self) -> AccompanimentStatus {
        match self {
            Self::Accept => AccompanimentStatus::Accepted,
            Self::Decline => AccompanimentStatus::Declined,
            Self::Move => AccompanimentStatus::Asked,
            Self::Cancel => AccompanimentStatus::Cancelled,
            Self::End => AccompanimentStatus::Over,
        }
    }
}

/// When name and address of an accompaniment are shown no more: when its day is over.
#[must_use]
pub fn closes_at(at: DateTime<Utc>) -> DateTime<Utc> {
    day_after(at, SHANGHAI)
}

/// How much a volunteer is shown of whom they are asked to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Name, address, and whom to meet.
    All,
    /// What one must know to decide: the name masked, and whom to ask.
    Masked,
    /// Nothing.
    Nothing,
}

/// What is shown at `now`.
#[must_use]
pub fn shown(status: AccompanimentStatus, closes_at: DateTime<Utc>, now: DateTime<Utc>) -> Shown {
    match status {
        _ if now >= closes_at => Shown::Nothing,
        AccompanimentStatus::Asked => Shown::Masked,
        AccompanimentStatus::Accepted => Shown::All,
        AccompanimentStatus::Declined
        | AccompanimentStatus::Cancelled
        | AccompanimentStatus::Over => Shown::Nothing,
    }
}

/// What is known of an accompaniment that did not move.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Where it stands.
    pub status: AccompanimentStatus,
    /// Whether its day is over.
    pub past: bool,
    /// Whether the same was said before.
    pub same: bool,
}

/// Why an answer moved nothing: none where it was given before, a code otherwise.
#[must_use]
pub fn explain(action: Action, facts: Facts) -> Option<Code> {
    if facts.status == action.to() && facts.same {
        None
    } else if facts.past || !LIVE.contains(&facts.status) {
        Some(Code::AlreadyEnded)
    } else {
        Some(Code::VersionConflict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_leads_where_its_life_says() {
        for (action, from, to) in LIFE {
            assert_eq!((action.from(), action.to()), (*from, *to));
            assert!(from.iter().all(|state| LIVE.contains(state)));
        }
        assert!(LIVE.contains(&FIRST));
    }

    #[test]
    fn it_is_shown_until_its_day_is_over() {
        use AccompanimentStatus as S;
        // Nine in the morning in Shanghai; its day ends at four in the afternoon in UTC.
        let at: DateTime<Utc> = "2026-03-05T01:00:00Z".parse().unwrap();
        let closes = closes_at(at);
        assert_eq!(closes.to_rfc3339(), "2026-03-05T16:00:00+00:00");
        let last = closes - chrono::Duration::milliseconds(1);
        assert_eq!(shown(S::Asked, closes, last), Shown::Masked);
        assert_eq!(shown(S::Accepted, closes, last), Shown::All);
        for status in [S::Asked, S::Accepted] {
            assert_eq!(shown(status, closes, closes), Shown::Nothing);
        }
        for status in [S::Declined, S::Cancelled, S::Over] {
            assert_eq!(shown(status, closes, at), Shown::Nothing, "{status:?}");
        }
    }

    #[test]
    fn what_moved_nothing_has_its_reason() {
        use AccompanimentStatus as S;
        let told = |status, past, same| explain(Action::Accept, Facts { status, past, same });
        assert_eq!(told(S::Accepted, false, true), None);
        assert_eq!(told(S::Cancelled, false, false), Some(Code::AlreadyEnded));
        assert_eq!(told(S::Asked, true, false), Some(Code::AlreadyEnded));
        assert_eq!(told(S::Asked, false, true), Some(Code::VersionConflict));
    }
}
