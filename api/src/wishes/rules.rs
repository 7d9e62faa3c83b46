//! The life of a wish, what its words may hold, and the terms of its code and the household's word.

use chrono::{DateTime, Duration, Utc};
use entity::enums::WishStatus;

use crate::error::Code;

/// The state of a wish that was written down.
pub const FIRST: WishStatus = WishStatus::Open;

/// The states in which somebody is to carry it out: what they must know of the household is open to them.
pub const TAKEN: [WishStatus; 2] = [WishStatus::Booked, WishStatus::InProgress];

/// The state in which others may join whoever is to carry it out.
pub const JOINABLE: WishStatus = WishStatus::Booked;

/// The states in which it is still to be fulfilled.
pub const UNFINISHED: [WishStatus; 3] =
    [WishStatus::Open, WishStatus::Booked, WishStatus::InProgress];

/// The states in which something is still to come of it, at least the household's word.
pub const WAITING: [WishStatus; 4] = [
    WishStatus::Open,
    WishStatus::Booked,
    WishStatus::InProgress,
    WishStatus::Fulfilled,
];

/// The states in which it was done: what the fulfilment rate counts.
pub const DONE: [WishStatus; 2] = [WishStatus::Fulfilled, WishStatus::Closed];

/// The state in which the household has had its word.
pub const SETTLED: WishStatus = WishStatus::Closed;

/// The state of what the household does not want any more.
pub const GIVEN_UP: WishStatus = WishStatus::Withdrawn;

/// How long a household's one-time code counts.
pub const CODE_LASTS: Duration = Duration::days(30);

/// So many wrong codes end it.
pub const MOST_TRIES: i32 = 5;

/// How long after it was done silence agrees (ours).
pub const SILENCE: Duration = Duration::days(7);

/// How far a report may lie ahead of the server's clock.
pub const SKEW: Duration = Duration::minutes(5);

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

    /// Whether it can be done in this state.
    #[must_use]
    pub fn fits(self, status: WishStatus) -> bool {
        self.steps().any(|(from, _)| from == status)
    }

    /// Whether a wish in this state has just had it done to it.
    #[must_use]
    pub fn led_to(self, status: WishStatus) -> bool {
        self.steps().any(|(_, to)| to == status)
    }
}

/// Why a wish in this state does not let an action be done.
#[must_use]
pub const fn explain(action: Action, status: WishStatus) -> Code {
    use WishStatus as S;
    match (action, status) {
        (Action::Take, S::Booked | S::InProgress) => Code::AlreadyClaimed,
        (Action::GiveBack | Action::Begin | Action::Fulfil, S::Open) => Code::NotClaimedByYou,
        (Action::Begin, S::InProgress) => Code::AlreadyStarted,
        (Action::Fulfil, S::Fulfilled) => Code::AlreadyReported,
        (Action::Close | Action::Complain, S::Open | S::Booked | S::InProgress) => {
            Code::NotFulfilled
        }
        _ => Code::AlreadyFinished,
    }
}

/// Whether a text holds what looks like a phone or an ID number: seven digits in a row, or eleven with spaces and
/// strokes between them; full-width and Chinese digits count. What everybody may read holds neither.
#[must_use]
pub fn holds_number(text: &str) -> bool {
    let (mut straight, mut apart) = (0, 0);
    for c in crate::text::fold(text).chars() {
        if c.is_ascii_digit() || "〇零一二三四五六七八九幺".contains(c) {
            straight += 1;
            apart += 1;
        } else if matches!(c, ' ' | '-' | '–' | '—' | '.' | '·' | '_') {
            straight = 0;
        } else {
            (straight, apart) = (0, 0);
        }
        if straight >= 7 || apart >= 11 {
            return true;
        }
    }
    false
}

/// How many minutes a hand can have served at most: the time from its beginning to its end and an hour for the way
/// and for clearing up; where nobody wrote down when it began, four hours.
#[must_use]
pub fn most_minutes(begun: Option<DateTime<Utc>>, done: DateTime<Utc>) -> i64 {
    const BESIDE: i64 = 60;
    const UNKNOWN: i64 = 240;
    begun.map_or(UNKNOWN, |begun| {
        (done - begun).num_minutes().max(0) + BESIDE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_but_the_last_has_a_way_on() {
        use WishStatus as S;
        for status in [S::Open, S::Booked, S::InProgress, S::Fulfilled] {
            assert!(
                LIFE.iter().any(|(_, from, _)| *from == status),
                "{status:?}"
            );
        }
        for status in [S::Withdrawn, S::Expired] {
            assert!(
                !LIFE.iter().any(|(_, from, _)| *from == status),
                "{status:?}"
            );
        }
        assert!(
            UNFINISHED
                .iter()
                .all(|status| Action::Withdraw.fits(*status))
        );
        assert!(TAKEN.iter().all(|status| Action::Fulfil.fits(*status)));
    }

    #[test]
    fn numbers_are_found_however_they_are_written() {
        for text in [
            "电话13812341234",
            "打138-1234-1234",
            "打 138 1234 1234",
            "１３８１２３４１２３４",
            "一三八一二三四一二三四",
            "座机0550-3012345",
            "3012345",
            "身份证341191 1944 0506 002X",
        ] {
            assert!(holds_number(text), "{text}");
        }
        for text in [
            "空调洗一台",
            "3单元的灯坏了，2026-03-05 下午",
            "十二岁的孩子，三年级，补数学",
            "100元以内，3月5日9:00到11:30",
        ] {
            assert!(!holds_number(text), "{text}");
        }
    }

    #[test]
    fn minutes_are_bounded_by_the_time_there_was() {
        let at = |minute| DateTime::UNIX_EPOCH + Duration::minutes(minute);
        assert_eq!(most_minutes(Some(at(0)), at(90)), 150);
        assert_eq!(most_minutes(Some(at(90)), at(0)), 60);
        assert_eq!(most_minutes(None, at(90)), 240);
    }
}
