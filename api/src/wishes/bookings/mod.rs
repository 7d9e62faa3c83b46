//! Bookings 预约: a household's place in a slot, or on its waitlist 候补.
//!
//! ```text
//!  book ─┬─ a place is free ─────────────────────────────────────► CONFIRMED ─┬─► DONE
//!        ├─ and the partner asks ──► REQUESTED ──────── confirm ──►           └─► NO_SHOW
//!        └─ none is, others wait ──► WAITLISTED ─► OFFERED ─ accept ►
//! ```
//!
//! CANCELLED from every state that is not an end: by the household (until the cut-off, where it is confirmed), by
//! the partner or the community at any time, or by itself, when nobody accepts a held place in time or the slot
//! begins before anybody has decided.
//!
//! Every booking is for a wish, which is `BOOKED` while its booking lives, and `OPEN` again when that ends without
//! being carried out.
//!
//! No slot is oversold, and nobody overtakes. The slot's row counts who holds a place and who waits. Booking is one
//! UPDATE of it, which draws the ticket and decides (`places::draw`); a CHECK of the database keeps the
//! count within the capacity whatever a statement says. Everything else that moves a booking holds the slot first,
//! corrects the counts, and offers what became free to whoever waits longest, in the same transaction. Lock order:
//! household, slot, booking, wish, hand.
//!
//! Who: `BOOKING_MAKE` books, accepts and cancels for households within one's areas; `BOOKING_DECIDE` confirms,
//! calls off and notes who did not come, a partner's people for their own offers only. A partner's people see who
//! lives there while a booking is confirmed ([`reads`]). An offer that asks for circumstances or a care tier is
//! booked by those who may read them, so that no booking and no refusal tells them to others (`fit`).
//!
//! Where to go next: [`book`] for the booking itself, [`step`] for one step of one booking, [`slots`] for a slot's
//! capacity and its end, [`lapse`] for the server's own clock, [`follow`] for what wishes do to
//! bookings.

pub mod book;
mod ends;
mod fit;
pub mod follow;
pub mod graphql;
pub mod lapse;
pub mod mutations;
mod notice;
mod places;
pub mod queries;
pub mod reads;
pub mod rules;
pub mod slots;
pub mod step;
