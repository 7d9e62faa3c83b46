//! The life of a wish.

use entity::enums::WishStatus;

/// The state of a wish that was written down.
pub const FIRST: WishStatus = WishStatus::Open;

/// Something that is done about a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A slot is booked for it, or somebody takes it on whole.
    Take,
    /// Its booking ended, or whoever had taken it on gives it back.
    GiveBack,
    /// Its doer has begun.
    Begin,
    /// Its doer has done it and proves it.
    Fulfil,
    /// The household agrees, or was silent.
    Close,
    /// The household complains.
    Complain,
    /// The household does not want it any more.
    Withdraw,
    /// Its last day has passed.
    Expire,
}

/// The life of a wish: action, state before, state after.
pub const LIFE: &[(Action, WishStatus, WishStatus)] = {
    use Action as A;
    use WishStatus as S;
    &[
        (A::Take, S::Open, S::Booked),
        (A::GiveBack, S::Booked, S::Open),
        (A::GiveBack, S::InProgress, S::Open),
        (A::Begin, S::Booked, S::InProgress),
        (A::Fulfil, S::Booked, S::Fulfilled),
        (A::Fulfil, S::InProgress, S::Fulfilled),
        (A::Close, S::Fulfilled, S::Closed),
        (A::Complain, S::Fulfilled, S::Open),
        (A::Complain, S::Closed, S::Open),
        (A::Withdraw, S::Open, S::Withdrawn),
        (A::Withdraw, S::Booked, S::Withdrawn),
        (A::Withdraw, S::InProgress, S::Withdrawn),
        (A::Expire, S::Open, S::Expired),
    ]
};

impl Action {
    /// The states in which it can be done, each with the state afterwards.
    pub fn steps(self) -> impl Iterator<Item = (WishStatus, WishStatus)> {
        let own = LIFE.iter().filter(move |(action, ..)| *action == self);
        own.map(|(_, from, to)| (*from, *to))
    }
}
