//! The life of a booking, whose turn it is, and for whom an offer is meant.

use chrono::{DateTime, Duration, Months, NaiveDate, Utc};
use entity::circumstances::Circumstances;
use entity::enums::{BookingStatus, CancelledBy, CareTier, CareTiers};

use crate::error::Code;

/// Something that is done about a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Its partner says yes.
    Confirm,
    /// A place became free for it.
    Promote,
    /// Its household takes the place that became free.
    Accept,
    /// It is called off, or lapses.
    Cancel,
    /// It was carried out.
    Finish,
    /// Nobody was there.
    Miss,
}

/// The life of a booking: action, state before, state after.
pub const LIFE: &[(Action, BookingStatus, BookingStatus)] = {
    use Action as A;
    use BookingStatus as S;
    &[
        (A::Confirm, S::Requested, S::Confirmed),
        (A::Promote, S::Waitlisted, S::Offered),
        (A::Accept, S::Offered, S::Confirmed),
        (A::Cancel, S::Requested, S::Cancelled),
        (A::Cancel, S::Waitlisted, S::Cancelled),
        (A::Cancel, S::Offered, S::Cancelled),
        (A::Cancel, S::Confirmed, S::Cancelled),
        (A::Finish, S::Confirmed, S::Done),
        (A::Miss, S::Confirmed, S::NoShow),
    ]
};

impl Action {
    /// The states in which it can be done, each with the state afterwards.
    pub fn steps(self) -> impl Iterator<Item = (BookingStatus, BookingStatus)> {
        let own = LIFE.iter().filter(move |(action, ..)| *action == self);
        own.map(|(_, from, to)| (*from, *to))
    }

    /// The states in which it can be done.
    pub fn from(self) -> impl Iterator<Item = BookingStatus> {
        self.steps().map(|(from, _)| from)
    }
}

/// The state of a booking that was just made: with a place, or in the queue.
#[must_use]
pub const fn first(has_place: bool, needs_confirmation: bool) -> BookingStatus {
    match (has_place, needs_confirmation) {
        (false, _) => BookingStatus::Waitlisted,
        (true, true) => BookingStatus::Requested,
        (true, false) => BookingStatus::Confirmed,
    }
}

/// Whether a booking in this state holds a place of its slot: what `service_slot.booked` counts.
#[must_use]
pub const fn holds_place(status: BookingStatus) -> bool {
    match status {
        BookingStatus::Requested
        | BookingStatus::Offered
        | BookingStatus::Confirmed
        | BookingStatus::Done
        | BookingStatus::NoShow => true,
        BookingStatus::Waitlisted | BookingStatus::Cancelled => false,
    }
}

/// The states that [`holds_place`] holds for.
pub const PLACED: [BookingStatus; 5] = [
    BookingStatus::Requested,
    BookingStatus::Offered,
    BookingStatus::Confirmed,
    BookingStatus::Done,
    BookingStatus::NoShow,
];

/// The state of a booking in the queue: what `service_slot.waiting` counts.
pub const QUEUED: BookingStatus = BookingStatus::Waitlisted;

/// The state in which a place that became free is held.
pub const HELD: BookingStatus = BookingStatus::Offered;

/// The state in which it will be carried out, and the household is known to its partner.
pub const SURE: BookingStatus = BookingStatus::Confirmed;

/// The state of a booking that ended before it came about.
pub const CALLED_OFF: BookingStatus = BookingStatus::Cancelled;

/// The states of a booking that may still come about, as the unique indexes over live bookings have them.
pub const LIVE: [BookingStatus; 4] = [
    BookingStatus::Requested,
    BookingStatus::Waitlisted,
    BookingStatus::Offered,
    BookingStatus::Confirmed,
];

/// The states in which nobody is to come yet: with the slot's beginning they lapse.
pub const UNDECIDED: [BookingStatus; 3] = [
    BookingStatus::Requested,
    BookingStatus::Waitlisted,
    BookingStatus::Offered,
];

/// Until when a place that becomes free now is held.
#[must_use]
pub fn held_until(now: DateTime<Utc>, minutes: i32, starts_at: DateTime<Utc>) -> DateTime<Utc> {
    Ord::min(now + Duration::minutes(minutes.into()), starts_at)
}

/// Until when a household may call off what is confirmed.
#[must_use]
pub fn cutoff(starts_at: DateTime<Utc>, minutes: i32) -> DateTime<Utc> {
    starts_at - Duration::minutes(minutes.into())
}

/// What somebody does about a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The partner or the community confirms it.
    Confirm,
    /// The household takes the place that is held for it.
    Accept,
    /// The household does not want it any more.
    Cancel,
    /// The partner or the community calls it off.
    Decline,
    /// The household was not there.
    Miss,
}

impl Step {
    /// What it does.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::Confirm => Action::Confirm,
            Self::Accept => Action::Accept,
            Self::Cancel | Self::Decline => Action::Cancel,
            Self::Miss => Action::Miss,
        }
    }

    /// The mutation that asks for it.
    #[must_use]
    pub const fn mutation(self) -> &'static str {
        match self {
            Self::Confirm => "confirmBooking",
            Self::Accept => "acceptBooking",
            Self::Cancel => "cancelBooking",
            Self::Decline => "declineBooking",
            Self::Miss => "markNoShow",
        }
    }
}

/// What is known of a booking that a step did not move.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one condition of the update, asked again by itself"
)]
pub struct Facts {
    /// Where it stands.
    pub status: BookingStatus,
    /// On whose side it ended.
    pub cancelled_by: Option<CancelledBy>,
    /// Whether the actor has done this before, in the same words.
    pub done_before: bool,
    /// Whether the actor holds the permission where it lies.
    pub permitted: bool,
    /// Whether it is the version the actor saw.
    pub version_fits: bool,
    /// Whether its slot has begun.
    pub has_begun: bool,
    /// Whether it is too late for the household to cancel.
    pub is_late: bool,
    /// Whether the time to accept has passed.
    pub has_lapsed: bool,
    /// Whether its wish is being carried out.
    pub is_under_way: bool,
}

/// Why a step moved nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Explanation {
    /// It fits by now.
    Possible,
    /// The actor did the same before.
    Before,
    /// It cannot be done.
    Refused(Code),
}

/// Why a step moved nothing.
#[must_use]
pub fn explain(step: Step, facts: Facts) -> Explanation {
    use Explanation::Refused;
    if facts.done_before {
        return Explanation::Before;
    }
    if !facts.permitted {
        return Refused(Code::NotPermitted);
    }
    if !step.action().from().any(|from| from == facts.status) {
        let has_lapsed = facts.cancelled_by == Some(CancelledBy::Lapse);
        return Refused(if LIVE.contains(&facts.status) {
            match step {
                Step::Confirm => Code::BookingNotRequested,
                Step::Accept => Code::BookingNotOffered,
                Step::Cancel | Step::Decline | Step::Miss => Code::BookingNotConfirmed,
            }
        } else {
            match step {
                Step::Accept if has_lapsed => Code::BookingLapsed,
                _ => Code::AlreadyEnded,
            }
        });
    }
    let refusal = match step {
        Step::Confirm if facts.has_begun => Some(Code::SlotBegun),
        Step::Accept if facts.has_lapsed => Some(Code::BookingLapsed),
        Step::Cancel if facts.is_late && facts.status == SURE => Some(Code::CancelTooLate),
        Step::Miss if !facts.has_begun => Some(Code::SessionNotBegun),
        Step::Miss if facts.is_under_way => Some(Code::AlreadyStarted),
        _ => None,
    };
    match refusal {
        Some(code) => Refused(code),
        None if !facts.version_fits => Refused(Code::VersionConflict),
        None => Explanation::Possible,
    }
}

/// For whom an offer is meant.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Somebody of the household has reached this age, in years.
    pub min_age: Option<i32>,
    /// Somebody has one of these.
    pub circumstances: Circumstances,
    /// Somebody is in one of these tiers.
    pub tiers: CareTiers,
}

impl Wanted {
    /// Whether it asks for what only those learn who read residents in full.
    #[must_use]
    pub const fn asks_for_care(&self) -> bool {
        !self.circumstances.is_empty() || !self.tiers.is_empty()
    }
}

/// What an offer asks of one person.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// When they were born, where that is known.
    pub born_on: Option<NaiveDate>,
    /// The circumstances and the tier for which they are visited, if they are.
    pub care: Option<(Circumstances, CareTier)>,
}

/// Whether a household is one that an offer is meant for on a day. Each condition may be met by another of
/// its people.
#[must_use]
pub fn is_meant_for(wanted: &Wanted, members: &[Member], day: NaiveDate) -> bool {
    let is_old = |age: i32| {
        let months = u32::try_from(age).unwrap_or_default().saturating_mul(12);
        let latest = day.checked_sub_months(Months::new(months));
        let born = members.iter().filter_map(|member| member.born_on);
        latest.is_some_and(|latest| born.min().is_some_and(|born| born <= latest))
    };
    let cared = || members.iter().filter_map(|member| member.care);
    wanted.min_age.is_none_or(is_old)
        && (wanted.circumstances.is_empty()
            || cared().any(|(has, _)| wanted.circumstances.iter().any(|one| has.contains(one))))
        && (wanted.tiers.is_empty() || cared().any(|(_, tier)| wanted.tiers.contains(tier)))
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
