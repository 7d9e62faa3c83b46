//! What an offer or a package must look like, and its life.

use chrono::NaiveDate;
use entity::circumstances::Circumstance;
use entity::enums::OfferStatus;

use crate::error::{Code, Error, Result};

/// Something that is done about an offer or a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Everybody it is meant for sees it.
    Publish,
    /// Nobody but those who write it sees it any more.
    Withdraw,
}

/// The life of an offer or a package: action, state before, state after.
pub const LIFE: &[(Action, OfferStatus, OfferStatus)] = {
    use Action as A;
    use OfferStatus as S;
    &[
        (A::Publish, S::Draft, S::Published),
        (A::Publish, S::Ended, S::Published),
        (A::Withdraw, S::Draft, S::Ended),
        (A::Withdraw, S::Published, S::Ended),
    ]
};

/// The state of what was just written down.
pub const FIRST: OfferStatus = OfferStatus::Draft;

/// The state in which everybody sees it.
pub const SHOWN: OfferStatus = OfferStatus::Published;

/// The state of what was withdrawn: it makes no slots.
pub const OVER: OfferStatus = OfferStatus::Ended;

impl Action {
    /// The states in which it can be done.
    pub fn from(self) -> impl Iterator<Item = OfferStatus> {
        let own = LIFE.iter().filter(move |(action, ..)| *action == self);
        own.map(|(_, from, _)| *from)
    }

    /// The state afterwards, whatever it was before.
    #[must_use]
    pub const fn to(self) -> OfferStatus {
        match self {
            Self::Publish => SHOWN,
            Self::Withdraw => OVER,
        }
    }
}

/// The most areas in which an offer stands, and offers that a package shows.
pub const MOST: usize = 50;

/// The highest price of one booking, in fen.
const HIGHEST_PRICE: i32 = 1_000_000;
/// The longest booking, in minutes.
const LONGEST: i32 = 24 * 60;
/// The most helpers at one booking.
const MOST_HANDS: i32 = 20;
/// The longest time before a slot after which nothing is cancelled, in minutes.
const LONGEST_CUTOFF: i32 = 14 * 24 * 60;
/// The times for which a place is held for who waits, in minutes.
const HELD: std::ops::RangeInclusive<i32> = 10..=3 * 24 * 60;

/// What an offer says in numbers and days.
#[derive(Clone, Debug)]
pub struct Given {
    /// Price of one booking, in fen.
    pub price_fen: i32,
    /// Age that somebody must have reached.
    pub min_age: Option<i32>,
    /// Circumstances of which somebody must have one.
    pub circumstances: Vec<Circumstance>,
    /// Length of one booking, in minutes.
    pub minutes: i32,
    /// Helpers at one booking.
    pub hands: i32,
    /// How long before the slot nothing is cancelled any more, in minutes.
    pub cutoff_minutes: i32,
    /// How long a place is held for who waits, in minutes.
    pub confirm_minutes: i32,
    /// First and last day of its slots.
    pub valid: (NaiveDate, Option<NaiveDate>),
}

/// Checks what an offer says. Nobody may learn from an offer who belongs to a family-planning special family.
pub fn check(given: &Given) -> Result<()> {
    let refused = |code, field| Err(Error::refused(code).on(field));
    let (from_on, until_on) = given.valid;
    if !(0..=HIGHEST_PRICE).contains(&given.price_fen) {
        refused(Code::OutOfRange, "priceFen")
    } else if given.min_age.is_some_and(|age| !(1..=120).contains(&age)) {
        refused(Code::OutOfRange, "minAge")
    } else if given.circumstances.contains(&Circumstance::SpecialFamily) {
        refused(Code::OutOfRange, "circumstances")
    } else if !(1..=LONGEST).contains(&given.minutes) {
        refused(Code::OutOfRange, "minutes")
    } else if !(0..=MOST_HANDS).contains(&given.hands) {
        refused(Code::OutOfRange, "hands")
    } else if !(0..=LONGEST_CUTOFF).contains(&given.cutoff_minutes) {
        refused(Code::OutOfRange, "cutoffMinutes")
    } else if !HELD.contains(&given.confirm_minutes) {
        refused(Code::OutOfRange, "confirmMinutes")
    } else if until_on.is_some_and(|until| until < from_on) {
        refused(Code::WindowInvalid, "validUntilOn")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given() -> Given {
        let day: NaiveDate = "2026-03-02".parse().unwrap();
        Given {
            price_fen: 0,
            min_age: Some(80),
            circumstances: vec![Circumstance::LivesAlone],
            minutes: 60,
            hands: 2,
            cutoff_minutes: 0,
            confirm_minutes: 10,
            valid: (day, Some(day)),
        }
    }

    fn refused(change: impl FnOnce(&mut Given)) -> Option<&'static str> {
        let mut given = given();
        change(&mut given);
        match check(&given) {
            Err(Error::Refused(refusal)) => refusal.field,
            _ => None,
        }
    }

    #[test]
    fn what_no_offer_can_say_is_refused() {
        assert_eq!(refused(|_| ()), None);
        assert_eq!(refused(|one| one.price_fen = 1_000_000), None);
        assert_eq!(refused(|one| one.price_fen = -1), Some("priceFen"));
        assert_eq!(refused(|one| one.price_fen = 1_000_001), Some("priceFen"));
        assert_eq!(refused(|one| one.min_age = Some(0)), Some("minAge"));
        assert_eq!(refused(|one| one.min_age = None), None);
        assert_eq!(refused(|one| one.minutes = 0), Some("minutes"));
        assert_eq!(refused(|one| one.hands = 21), Some("hands"));
        assert_eq!(
            refused(|one| one.cutoff_minutes = -1),
            Some("cutoffMinutes")
        );
        assert_eq!(
            refused(|one| one.confirm_minutes = 9),
            Some("confirmMinutes")
        );
        let before = |one: &mut Given| one.valid.1 = one.valid.0.pred_opt();
        assert_eq!(refused(before), Some("validUntilOn"));
        let special = |one: &mut Given| one.circumstances.push(Circumstance::SpecialFamily);
        assert_eq!(refused(special), Some("circumstances"));
    }

    #[test]
    fn what_was_withdrawn_can_be_published_again() {
        let from: Vec<_> = Action::Publish.from().collect();
        assert_eq!(from, [OfferStatus::Draft, OfferStatus::Ended]);
        for (action, from, to) in LIFE {
            assert_eq!(action.to(), *to);
            assert_ne!(from, to);
        }
    }
}
