//! The life of a care enrolment, and which dates it may bear.

use chrono::{Duration, NaiveDate};

use crate::error::{Code, Error, Result};

/// Something a person does to an enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Give it another tier or other circumstances.
    Change,
    /// Let visits rest until a review.
    Pause,
    /// Let visits go on.
    Resume,
    /// End it.
    End,
}

/// Where an enrolment stands in its life, which its dates tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Visits go on.
    Running,
    /// Visits rest until a review.
    Paused,
    /// It has ended.
    Ended,
}

/// In which states each action can be done.
pub const LIFE: &[(Action, &[State])] = &[
    (Action::Change, &[State::Running, State::Paused]),
    (Action::Pause, &[State::Running]),
    (Action::Resume, &[State::Paused]),
    (Action::End, &[State::Running, State::Paused]),
];

impl State {
    /// The state that an enrolment's dates tell.
    #[must_use]
    pub const fn of(to_on: Option<NaiveDate>, paused_on: Option<NaiveDate>) -> Self {
        match (to_on, paused_on) {
            (Some(_), _) => Self::Ended,
            (None, Some(_)) => Self::Paused,
            (None, None) => Self::Running,
        }
    }
}

/// Whether `action` can be done in `state`; the refusal names the state.
pub fn check(action: Action, state: State) -> Result<()> {
    let allowed = LIFE
        .iter()
        .any(|(line, states)| *line == action && states.contains(&state));
    if allowed {
        return Ok(());
    }
    Err(Error::refused(match state {
        State::Ended => Code::EnrolmentEnded,
        State::Paused => Code::AlreadyPaused,
        State::Running => Code::NotPaused,
    }))
}

/// The longest time for which visits rest until somebody looks again.
const LONGEST_REST: Duration = Duration::days(366);

/// The day on which a pause is looked at again: after its first day, and within a year.
pub fn check_review(review_on: NaiveDate, paused_on: NaiveDate) -> Result<()> {
    if review_on <= paused_on {
        Err(Error::refused(Code::WindowInvalid).on("reviewOn"))
    } else if review_on - paused_on > LONGEST_REST {
        Err(Error::refused(Code::OutOfRange).on("reviewOn"))
    } else {
        Ok(())
    }
}

/// A day given as `field`, neither before `earliest` nor after today.
pub fn check_day(
    day: NaiveDate,
    earliest: Option<NaiveDate>,
    today: NaiveDate,
    field: &'static str,
) -> Result<()> {
    if earliest.is_some_and(|earliest| day < earliest) {
        Err(Error::refused(Code::WindowInvalid).on(field))
    } else if day > today {
        Err(Error::refused(Code::OutOfRange).on(field))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
    }

    fn refusal(result: &Result<()>) -> Option<Code> {
        match result {
            Err(Error::Refused(refusal)) => Some(refusal.code),
            _ => None,
        }
    }

    #[test]
    fn dates_tell_the_state() {
        assert_eq!(State::of(None, None), State::Running);
        assert_eq!(State::of(None, Some(day(2))), State::Paused);
        assert_eq!(State::of(Some(day(3)), Some(day(2))), State::Ended);
    }

    #[test]
    fn what_has_ended_stays_as_it_is() {
        for (action, _) in LIFE {
            let refused = refusal(&check(*action, State::Ended));
            assert_eq!(refused, Some(Code::EnrolmentEnded), "{action:?}");
        }
        assert_eq!(
            refusal(&check(Action::Resume, State::Running)),
            Some(Code::NotPaused)
        );
        assert_eq!(
            refusal(&check(Action::Pause, State::Paused)),
            Some(Code::AlreadyPaused)
        );
        assert!(check(Action::Change, State::Paused).is_ok());
    }

    #[test]
    fn a_day_lies_between_the_beginning_and_today() {
        let checked = |on| refusal(&check_day(on, Some(day(5)), day(9), "endedOn"));
        assert_eq!(checked(day(4)), Some(Code::WindowInvalid));
        assert_eq!(checked(day(5)), None);
        assert_eq!(checked(day(9)), None);
        assert_eq!(checked(day(10)), Some(Code::OutOfRange));
    }
}
