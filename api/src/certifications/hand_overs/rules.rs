//! The life of a hand-over, how long it can be accepted, and why an action is refused.

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::enums::{AreaKind, HandOverStatus};

use crate::clock::{SHANGHAI, end_of};
use crate::error::{Code, Error, Result};

/// How many hand-overs one mutation takes.
pub const MOST: usize = 100;

/// How many days an offer stands where nothing else is said, today not counted.
const USUALLY: Days = Days::new(14);

/// How many days it may stand at most.
const LONGEST: Days = Days::new(60);

/// The state of an offer.
pub const FIRST: HandOverStatus = HandOverStatus::Offered;

/// The states of which a check has at most one, in the words of the index over them.
pub const LIVE: [HandOverStatus; 2] = [HandOverStatus::Offered, HandOverStatus::Accepted];

/// Something done about a hand-over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Takes the check on.
    Accept,
    /// Does not take it on.
    Decline,
    /// Takes the offer or the check back.
    Withdraw,
    /// Nobody answered, or there is nothing left to do.
    Expire,
}

/// The life of a hand-over: action, state before, state after.
pub const LIFE: &[(Action, HandOverStatus, HandOverStatus)] = {
    use Action as A;
    use HandOverStatus as S;
    &[
        (A::Accept, S::Offered, S::Accepted),
        (A::Decline, S::Offered, S::Declined),
        (A::Withdraw, S::Offered, S::Withdrawn),
        (A::Withdraw, S::Accepted, S::Withdrawn),
        (A::Expire, S::Offered, S::Expired),
    ]
};

impl Action {
    /// The states in which it can be done.
    #[must_use]
    pub fn from(self) -> Vec<HandOverStatus> {
        let own = LIFE.iter().filter(|(action, ..)| *action == self);
        own.map(|(_, from, _)| *from).collect()
    }

    /// The state afterwards.
    #[must_use]
    pub const fn to(self) -> HandOverStatus {
        match self {
            Self::Accept => HandOverStatus::Accepted,
            Self::Decline => HandOverStatus::Declined,
            Self::Withdraw => HandOverStatus::Withdrawn,
            Self::Expire => HandOverStatus::Expired,
        }
    }
}

/// Whether the station of an area of this kind can be asked.
#[must_use]
pub const fn is_fit(kind: AreaKind) -> bool {
    match kind {
        AreaKind::District | AreaKind::Street | AreaKind::Community => true,
        AreaKind::Compound | AreaKind::Grid | AreaKind::Building => false,
    }
}

/// Checks the last day on which an offer is to be answered, where one is named.
pub fn check_day(answer_by: Option<NaiveDate>, today: NaiveDate) -> Result<()> {
    match answer_by {
        Some(day) if day < today => Err(Error::refused(Code::DayPast).on("answerBy")),
        Some(day) if day > today + LONGEST => Err(Error::refused(Code::OutOfRange).on("answerBy")),
        _ => Ok(()),
    }
}

/// When an offer made today expires: after the day named or two weeks, never after the round's last day.
///
/// Refused: `DAY_PAST`, of a round whose last day has passed.
pub fn expires_at(
    answer_by: Option<NaiveDate>,
    today: NaiveDate,
    last_on: NaiveDate,
) -> Result<DateTime<Utc>> {
    if last_on < today {
        return Err(Error::refused(Code::DayPast));
    }
    let day = answer_by.unwrap_or(today + USUALLY).min(last_on);
    Ok(end_of(day, SHANGHAI))
}

/// Whether the other station sees whom a hand-over is about: while it decides, and while it makes the check.
#[must_use]
pub fn is_open(
    status: HandOverStatus,
    (expires_at, now): (DateTime<Utc>, DateTime<Utc>),
    is_shared: bool,
) -> bool {
    match status {
        HandOverStatus::Offered => now < expires_at,
        HandOverStatus::Accepted => is_shared,
        HandOverStatus::Declined | HandOverStatus::Withdrawn | HandOverStatus::Expired => false,
    }
}

/// What is known of a hand-over that did not move.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one fact")]
pub struct Facts {
    /// Where it stands.
    pub status: HandOverStatus,
    /// Whether the actor did the same before, with the same words.
    pub done_by_me: bool,
    /// Whether the actor may do it: each side has its own.
    pub permitted: bool,
    /// Whether its time has passed.
    pub past: bool,
    /// Whether the actor offered it.
    pub own_offer: bool,
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
    if facts.status == action.to() && facts.done_by_me {
        return Explanation::AlreadyMine;
    }
    if !facts.permitted {
        return Explanation::Refused(Code::NotPermitted);
    }
    if !action.from().contains(&facts.status) {
        return Explanation::Refused(match facts.status {
            HandOverStatus::Offered | HandOverStatus::Accepted => Code::HandedOver,
            HandOverStatus::Declined | HandOverStatus::Withdrawn | HandOverStatus::Expired => {
                Code::AlreadyEnded
            }
        });
    }
    if action == Action::Accept && facts.past {
        return Explanation::Refused(Code::AlreadyEnded);
    }
    if action == Action::Accept && facts.own_offer {
        return Explanation::Refused(Code::OwnOffer);
    }
    if !facts.version_fits {
        return Explanation::Refused(Code::VersionConflict);
    }
    Explanation::Possible
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn an_action_leads_where_its_life_says() {
        for (action, from, to) in LIFE {
            assert_eq!(action.to(), *to);
            assert!(LIVE.contains(from) && action.from().contains(from));
        }
        assert!(LIVE.contains(&FIRST));
    }

    #[test]
    fn an_offer_stands_two_weeks_and_not_beyond_its_round() {
        let today = day("2026-03-02");
        let until = |answer_by: Option<&str>, last: &str| {
            let expires = expires_at(answer_by.map(day), today, day(last));
            expires.map(|at| at.to_rfc3339()).ok()
        };
        // Midnight in Shanghai is four in the afternoon in UTC.
        let at = |day: &str| Some(format!("{day}T16:00:00+00:00"));
        assert_eq!(until(None, "2026-04-10"), at("2026-03-16"));
        assert_eq!(until(None, "2026-03-09"), at("2026-03-09"));
        assert_eq!(until(Some("2026-03-05"), "2026-04-10"), at("2026-03-05"));
        assert_eq!(until(Some("2026-04-20"), "2026-04-10"), at("2026-04-10"));
        assert_eq!(until(None, "2026-03-01"), None);
        assert!(check_day(Some(day("2026-03-01")), today).is_err());
        assert!(check_day(Some(day("2026-05-01")), today).is_ok());
        assert!(check_day(Some(day("2026-05-02")), today).is_err());
    }

    #[test]
    fn the_other_station_sees_whom_only_while_it_must() {
        use HandOverStatus as S;
        let now = DateTime::UNIX_EPOCH;
        let later = now + chrono::Duration::hours(1);
        assert!(is_open(S::Offered, (later, now), false));
        assert!(!is_open(S::Offered, (now, now), false));
        assert!(is_open(S::Accepted, (now, later), true));
        for status in [S::Accepted, S::Declined, S::Withdrawn, S::Expired] {
            assert!(!is_open(status, (later, now), false), "{status:?}");
        }
    }

    #[test]
    fn refusals_have_their_order() {
        let facts = Facts {
            status: HandOverStatus::Offered,
            done_by_me: false,
            permitted: true,
            past: false,
            own_offer: false,
            version_fits: true,
        };
        let accept = |facts| explain(Action::Accept, facts);
        assert_eq!(accept(facts), Explanation::Possible);
        let old = Facts {
            version_fits: false,
            ..facts
        };
        assert_eq!(accept(old), Explanation::Refused(Code::VersionConflict));
        let own = Facts {
            own_offer: true,
            ..old
        };
        assert_eq!(accept(own), Explanation::Refused(Code::OwnOffer));
        let past = Facts { past: true, ..own };
        assert_eq!(accept(past), Explanation::Refused(Code::AlreadyEnded));
        let foreign = Facts {
            permitted: false,
            ..past
        };
        assert_eq!(accept(foreign), Explanation::Refused(Code::NotPermitted));
        let accepted = Facts {
            status: HandOverStatus::Accepted,
            ..facts
        };
        assert_eq!(accept(accepted), Explanation::Refused(Code::HandedOver));
        assert_eq!(explain(Action::Withdraw, accepted), Explanation::Possible);
        let mine = Facts {
            done_by_me: true,
            ..accepted
        };
        assert_eq!(accept(mine), Explanation::AlreadyMine);
        let declined = Facts {
            status: HandOverStatus::Declined,
            ..facts
        };
        assert_eq!(
            explain(Action::Withdraw, declined),
            Explanation::Refused(Code::AlreadyEnded)
        );
        // Who offered it may still take it back, and late.
        let late = Facts {
            own_offer: true,
            past: true,
            ..facts
        };
        assert_eq!(explain(Action::Withdraw, late), Explanation::Possible);
    }
}
