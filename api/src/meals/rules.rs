//! When a list serves whom, who rests, and the life of a batch.

use chrono::{DateTime, Datelike as _, Days, Duration, NaiveDate, Utc};
use entity::bits::Bits;
use entity::enums::{AreaKind, Meal, MealBatchStatus, Weekday};
use serde::Serialize;
use uuid::Uuid;

use crate::clock::{SHANGHAI, begin_of};
use crate::error::{Code, Error, Result};

/// How many days ahead batches are made.
pub const AHEAD: Days = Days::new(1);

/// How many days of standing still the server makes good, writing what was missed as missed.
pub const CATCH_UP: Days = Days::new(7);

/// How many people are put on a list in one call.
pub const MOST_ADDED: usize = 100;

/// The reason that stands at doors which the list no longer asks for. Only such doors are opened again by
/// the server: what a person has called off stays so.
pub const NOT_SERVED: &str = "送餐名单调整或暂停送餐";

/// Begin and end of a meal, in minutes after midnight.
pub type Times = (i32, i32);

/// When a list serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Serving {
    /// Lunch, where it is served.
    pub lunch: Option<Times>,
    /// Dinner, where it is served.
    pub dinner: Option<Times>,
    /// On these days of the week.
    pub weekdays: Bits<Weekday>,
    /// First day on which it serves no more.
    pub ended_on: Option<NaiveDate>,
}

impl Serving {
    /// Checks what somebody sets: a meal, a day, and meals one after the other within the day.
    pub fn check(&self) -> Result<()> {
        let refused = |code, field| Err(Error::refused(code).on(field));
        if self.lunch.is_none() && self.dinner.is_none() {
            return refused(Code::Required, "lunch");
        }
        if self.weekdays.is_empty() {
            return refused(Code::Required, "weekdays");
        }
        for (times, field) in [(self.lunch, "lunch"), (self.dinner, "dinner")] {
            match times {
                Some((from, to)) if from < 0 || to > 24 * 60 => {
                    return refused(Code::OutOfRange, field);
                }
                Some((from, to)) if to <= from => return refused(Code::WindowInvalid, field),
                _ => {}
            }
        }
        match (self.lunch, self.dinner) {
            (Some((_, lunch_ends)), Some((dinner_begins, _))) if dinner_begins < lunch_ends => {
                refused(Code::WindowInvalid, "dinner")
            }
            _ => Ok(()),
        }
    }

    /// The window of a meal on a day; none where it is not served.
    #[must_use]
    pub fn window(&self, meal: Meal, day: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let times = match meal {
            Meal::Lunch => self.lunch,
            Meal::Dinner => self.dinner,
        };
        let (from, to) = times?;
        if !self.weekdays.contains(weekday(day)) || self.ended_on.is_some_and(|end| end <= day) {
            return None;
        }
        let at = |minute: i32| begin_of(day, SHANGHAI) + Duration::minutes(minute.into());
        Some((at(from), at(to)))
    }
}

/// The day of the week of a day.
#[must_use]
pub fn weekday(day: NaiveDate) -> Weekday {
    match day.weekday() {
        chrono::Weekday::Mon => Weekday::Monday,
        chrono::Weekday::Tue => Weekday::Tuesday,
        chrono::Weekday::Wed => Weekday::Wednesday,
        chrono::Weekday::Thu => Weekday::Thursday,
        chrono::Weekday::Fri => Weekday::Friday,
        chrono::Weekday::Sat => Weekday::Saturday,
        chrono::Weekday::Sun => Weekday::Sunday,
    }
}

/// Whether lists are kept for areas of this kind: whoever claims a batch goes through all of it.
#[must_use]
pub const fn is_fit(kind: AreaKind) -> bool {
    match kind {
        AreaKind::Community | AreaKind::Compound | AreaKind::Grid => true,
        AreaKind::District | AreaKind::Street | AreaKind::Building => false,
    }
}

/// What a door was made for; unique, so that it is made once.
#[must_use]
pub fn occasion(recipient: Uuid, day: NaiveDate, meal: Meal) -> String {
    let meal = match meal {
        Meal::Lunch => "lunch",
        Meal::Dinner => "dinner",
    };
    format!("meal:{recipient}:{day}:{meal}")
}

/// Why somebody on a list gets no meal for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Rest {
    /// They have died.
    Deceased,
    /// Their household is closed.
    HouseholdClosed,
    /// They are not enrolled in visits any more.
    NotEnrolled,
    /// Their visits rest, as in hospital.
    Paused,
    /// They live outside the list's area.
    Elsewhere,
}

/// How it stands with somebody on a list.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The day of their death.
    pub deceased_on: Option<NaiveDate>,
    /// Since when their household is closed.
    pub closed_on: Option<NaiveDate>,
    /// Since when they are enrolled.
    pub enrolled_from: Option<NaiveDate>,
    /// When their visits rested: first day, and the first on which they went on.
    pub pauses: Vec<(NaiveDate, Option<NaiveDate>)>,
    /// Whether they live in the list's area.
    pub is_within: bool,
}

impl Standing {
    /// Why they get no meal on a day; nothing where they get one.
    #[must_use]
    pub fn rests(&self, day: NaiveDate) -> Option<Rest> {
        let since = |from: Option<NaiveDate>| from.is_some_and(|from| from <= day);
        let mut pauses = self.pauses.iter();
        if !self.is_within {
            // What became of them there is told to those who answer there.
            Some(Rest::Elsewhere)
        } else if since(self.deceased_on) {
            Some(Rest::Deceased)
        } else if since(self.closed_on) {
            Some(Rest::HouseholdClosed)
        } else if !since(self.enrolled_from) {
            Some(Rest::NotEnrolled)
        } else if pauses.any(|(from, to)| *from <= day && to.is_none_or(|to| day < to)) {
            Some(Rest::Paused)
        } else {
            None
        }
    }
}

/// Something that is done to a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Take it on.
    Claim,
    /// Give it back, with a reason.
    Release,
    /// A lead gives it to somebody.
    Reassign,
    /// A lead puts it back among the open ones.
    TakeBack,
    /// The server's own: nobody gets a meal in it any more.
    CallOff,
    /// The server's own: somebody does after all.
    Restore,
}

/// In which states an action can be done, and the state afterwards.
pub const LIFE: &[(Action, &[MealBatchStatus], MealBatchStatus)] = {
    use Action as A;
    use MealBatchStatus as S;
    &[
        (A::Claim, &[S::Open], S::Claimed),
        (A::Release, &[S::Claimed], S::Open),
        (A::Reassign, &[S::Open, S::Claimed], S::Claimed),
        (A::TakeBack, &[S::Open, S::Claimed], S::Open),
        (A::CallOff, &[S::Open, S::Claimed], S::CalledOff),
        (A::Restore, &[S::CalledOff], S::Open),
    ]
};

impl Action {
    /// The states in which it can be done, and the state afterwards.
    #[must_use]
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "a test holds that every action has its line"
    )]
    pub fn transition(self) -> (&'static [MealBatchStatus], MealBatchStatus) {
        let mut lines = LIFE.iter().filter(|(action, ..)| *action == self);
        let (_, from, to) = lines.next().expect("every action has a line in LIFE");
        (from, *to)
    }
}

/// What is known of a batch when an action on it changed no row.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one fact, looked at by itself"
)]
pub struct Facts {
    /// Its state now.
    pub status: MealBatchStatus,
    /// Whether the actor holds it.
    pub mine: bool,
    /// Whether the actor may do this here at all.
    pub permitted: bool,
    /// Whether its window has passed.
    pub window_passed: bool,
    /// Whether the actor holds as many live claims as are allowed.
    pub at_limit: bool,
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

/// Names the refusal, in the order: already mine, permission, state, what is left.
#[must_use]
pub fn explain(action: Action, facts: Facts) -> Explanation {
    use Explanation::{AlreadyMine, Possible, Refused};
    use MealBatchStatus as S;
    let (from, to) = action.transition();
    if action == Action::Claim && facts.mine && facts.status == to && !facts.window_passed {
        return AlreadyMine;
    }
    if action == Action::Release && !facts.mine {
        return Refused(Code::NotClaimedByYou);
    }
    if !facts.permitted {
        return Refused(Code::NotPermitted);
    }
    if facts.status == S::CalledOff {
        return Refused(Code::AlreadyFinished);
    }
    if facts.window_passed {
        // Nobody holds it any more, whoever claimed it.
        return Refused(Code::WindowPassed);
    }
    if !from.contains(&facts.status) {
        return Refused(match facts.status {
            S::Claimed => Code::AlreadyClaimed,
            S::Open | S::CalledOff => Code::NotClaimedByYou,
        });
    }
    if facts.at_limit {
        return Refused(Code::ClaimLimit);
    }
    Possible
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
