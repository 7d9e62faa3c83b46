//! Bookings 预约: a household's place in a slot, or on its waitlist 候补.

pub mod follow;
pub mod rules;
