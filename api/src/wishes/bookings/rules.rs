//! The life of a booking.

use entity::enums::BookingStatus;

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

/// The states of a booking that may still come about, as the unique indexes over live bookings have them.
pub const LIVE: [BookingStatus; 4] = [
    BookingStatus::Requested,
    BookingStatus::Waitlisted,
    BookingStatus::Offered,
    BookingStatus::Confirmed,
];
