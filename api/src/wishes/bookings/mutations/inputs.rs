//! What the mutations of bookings take.

use async_graphql::{ID, InputObject};

use crate::scalars::Uuid;
use crate::wishes::bookings::graphql::AskedHow;

/// A slot, and for whom it is booked.
#[derive(Debug, InputObject)]
pub struct BookSlotInput {
    /// A UUIDv7 that your device chose for the booking, so that a repeat is the same booking.
    pub(super) id: Option<Uuid>,
    /// The slot.
    pub(super) slot_id: ID,
    /// The wish it is for. Either this or a household.
    pub(super) wish_id: Option<ID>,
    /// The household it is for, where its wish is not written down yet: it is now.
    pub(super) household_id: Option<ID>,
    /// What the household wishes for, at most 300 characters, with nothing in it that tells who asks; what the
    /// offer is called where absent. Only with a household.
    pub(super) words: Option<String>,
    /// What else whoever goes there must know, at most 500 characters. Only with a household.
    pub(super) notes: Option<String>,
    /// Who of the household asks for it.
    pub(super) on_behalf_of_id: Option<ID>,
    /// How the household said it.
    pub(super) how: AskedHow,
    /// A UUID of your own for this call: repeating it is one call.
    pub(super) idempotency_key: Option<Uuid>,
}

/// Which booking is confirmed.
#[derive(Debug, InputObject)]
pub struct ConfirmBookingInput {
    /// The booking.
    pub(super) booking_id: ID,
    /// The version you saw; where given, another one is refused.
    pub(super) expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    pub(super) idempotency_key: Option<Uuid>,
}

/// Which held place is taken.
#[derive(Debug, InputObject)]
pub struct AcceptBookingInput {
    /// The booking.
    pub(super) booking_id: ID,
    /// How the household said so.
    pub(super) how: AskedHow,
    /// The version you saw; where given, another one is refused.
    pub(super) expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    pub(super) idempotency_key: Option<Uuid>,
}

/// What a household does not want any more.
#[derive(Debug, InputObject)]
pub struct CancelBookingInput {
    /// The booking.
    pub(super) booking_id: ID,
    /// Why, at most 180 characters.
    pub(super) reason: String,
    /// How the household said so.
    pub(super) how: AskedHow,
    /// The version you saw; where given, another one is refused.
    pub(super) expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    pub(super) idempotency_key: Option<Uuid>,
}

/// What the partner or the community calls off.
#[derive(Debug, InputObject)]
pub struct DeclineBookingInput {
    /// The booking.
    pub(super) booking_id: ID,
    /// Why, at most 180 characters.
    pub(super) reason: String,
    /// The version you saw; where given, another one is refused.
    pub(super) expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    pub(super) idempotency_key: Option<Uuid>,
}

/// Who was not there.
#[derive(Debug, InputObject)]
pub struct MarkNoShowInput {
    /// The booking.
    pub(super) booking_id: ID,
    /// What was found, at most 180 characters.
    pub(super) reason: Option<String>,
    /// The version you saw; where given, another one is refused.
    pub(super) expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    pub(super) idempotency_key: Option<Uuid>,
}

/// How many a slot takes from now on.
#[derive(Debug, InputObject)]
pub struct ChangeSlotCapacityInput {
    /// The slot.
    pub(super) slot_id: ID,
    /// How many bookings hold a place at most, 1 to 500; not fewer than hold one now.
    pub(super) capacity: i32,
    /// The version of the slot that you saw; where given, another one is refused.
    pub(super) expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    pub(super) idempotency_key: Option<Uuid>,
}

/// A slot that does not take place.
#[derive(Debug, InputObject)]
pub struct CancelSlotInput {
    /// The slot.
    pub(super) slot_id: ID,
    /// Why, at most 180 characters.
    pub(super) reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    pub(super) idempotency_key: Option<Uuid>,
}
