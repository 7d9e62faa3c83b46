//! The life of a hand that is lent.

use entity::enums::HandStatus;

/// The state of whoever has come.
pub const FIRST: HandStatus = HandStatus::Joined;

/// The states of those whose part goes on: a wish has one doer among them, and nobody twice.
pub const CARRIED: [HandStatus; 2] = [HandStatus::Joined, HandStatus::Served];

/// The states of those who have not left.
pub const LENT: [HandStatus; 3] = [HandStatus::Joined, HandStatus::Served, HandStatus::Verified];

/// How many hands one call verifies.
pub const MOST: usize = 100;

/// How long a hand can have served, in minutes.
pub const LONGEST: i32 = 24 * 60;

/// Something that is done about a hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// They give it back, or did not come.
    Leave,
    /// The wish is fulfilled.
    Serve,
    /// Their minutes count.
    Verify,
    /// The household complains: what they did does not count.
    Undo,
}

/// The life of a hand: action, state before, state after.
pub const LIFE: &[(Action, HandStatus, HandStatus)] = {
    use Action as A;
    use HandStatus as S;
    &[
        (A::Leave, S::Joined, S::Left),
        (A::Serve, S::Joined, S::Served),
        (A::Verify, S::Served, S::Verified),
        (A::Undo, S::Served, S::Left),
    ]
};

impl Action {
    /// The state in which it can be done and the one afterwards.
    #[must_use]
    pub const fn step(self) -> (HandStatus, HandStatus) {
        match self {
            Self::Leave => (HandStatus::Joined, HandStatus::Left),
            Self::Serve => (HandStatus::Joined, HandStatus::Served),
            Self::Verify => (HandStatus::Served, HandStatus::Verified),
            Self::Undo => (HandStatus::Served, HandStatus::Left),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_leads_where_its_life_says() {
        for (action, from, to) in LIFE {
            assert_eq!(action.step(), (*from, *to));
        }
        assert_eq!(LIFE.len(), 4);
    }
}
