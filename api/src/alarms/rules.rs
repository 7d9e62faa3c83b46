//! The life of an alarm, how it climbs, and whom to ring first.

use chrono::Duration;
use entity::enums::{AlarmKind, AlarmStatus, AreaKind};

use crate::error::Code;

/// How long an alarm waits for somebody before it climbs.
pub const PATIENCE: Duration = Duration::minutes(10);

/// The levels an alarm climbs after it was told up to the community.
const ABOVE: &[AreaKind] = &[AreaKind::Community, AreaKind::Street, AreaKind::District];

/// The level up to which it is told at once.
pub const FIRST: AreaKind = AreaKind::Community;

/// The level above, or the highest again.
#[must_use]
pub fn next_level(level: AreaKind) -> AreaKind {
    let at = ABOVE.iter().position(|known| *known == level);
    let next = at.and_then(|at| ABOVE.get(at + 1));
    next.copied().unwrap_or(AreaKind::District)
}

/// The numbers to ring before anything else.
#[must_use]
pub const fn numbers(kind: AlarmKind) -> &'static [&'static str] {
    match kind {
        AlarmKind::Medical => &["120"],
        AlarmKind::FireGas => &["119"],
        AlarmKind::NoAnswerConcern => &["120", "110"],
        AlarmKind::Other => &["110", "120"],
    }
}

/// Something a person does about an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Takes it on.
    Acknowledge,
    /// Settles it.
    Close,
}

impl Action {
    /// The state in which it can be done.
    #[must_use]
    pub const fn from(self) -> AlarmStatus {
        match self {
            Self::Acknowledge => AlarmStatus::Raised,
            Self::Close => AlarmStatus::Acknowledged,
        }
    }

    /// The state afterwards.
    #[must_use]
    pub const fn to(self) -> AlarmStatus {
        match self {
            Self::Acknowledge => AlarmStatus::Acknowledged,
            Self::Close => AlarmStatus::Closed,
        }
    }
}

/// Why an action was refused in a state; nothing where it is possible there.
#[must_use]
pub const fn explain(action: Action, status: AlarmStatus) -> Option<Code> {
    match (action, status) {
        (Action::Acknowledge, AlarmStatus::Raised) | (Action::Close, AlarmStatus::Acknowledged) => {
            None
        }
        (Action::Acknowledge, AlarmStatus::Acknowledged) => Some(Code::AlreadyAcknowledged),
        (Action::Close, AlarmStatus::Raised) => Some(Code::NotAcknowledged),
        (_, AlarmStatus::Closed) => Some(Code::AlreadyFinished),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_climbs_to_the_top_and_stays_there() {
        assert_eq!(next_level(FIRST), AreaKind::Street);
        assert_eq!(next_level(AreaKind::Street), AreaKind::District);
        assert_eq!(next_level(AreaKind::District), AreaKind::District);
    }

    #[test]
    fn it_is_acknowledged_once_and_closed_once() {
        use AlarmStatus as S;
        for (action, status, expected) in [
            (Action::Acknowledge, S::Raised, None),
            (
                Action::Acknowledge,
                S::Acknowledged,
                Some(Code::AlreadyAcknowledged),
            ),
            (Action::Acknowledge, S::Closed, Some(Code::AlreadyFinished)),
            (Action::Close, S::Raised, Some(Code::NotAcknowledged)),
            (Action::Close, S::Acknowledged, None),
            (Action::Close, S::Closed, Some(Code::AlreadyFinished)),
        ] {
            assert_eq!(explain(action, status), expected, "{action:?} {status:?}");
            assert_eq!(expected.is_none(), action.from() == status);
        }
    }
}
