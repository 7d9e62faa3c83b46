//! Slots 可约时段: when an offer can be booked, one by one or as a series.
//!
//! A slot says when, where and for how many. It is planned by itself ([`plan`]) or by a series ([`series`]): the
//! same hours on the days of an RFC 5545 rule, in Shanghai, without the days that are left out. A series makes its
//! slots eight weeks ahead, at once and then by a job ([`make`]), each once however many servers are at it: series
//! and day are unique together.
//!
//! **A series is changed around what is booked** ([`change`]). Slots to come that nobody has booked or waits for are
//! moved, called off or made anew as the change says; the others stay as they are. Whether somebody has, the
//! UPDATE itself decides. A preview tells the days and slots before. A slot that a person called off is not made
//! again by its series.
//!
//! `OFFER_EDIT` of the partner is needed for all of it; a slot is seen by who sees its offer. The counters
//! (`booked`, `waiting`, the last ticket) are written by [`crate::wishes::bookings`] alone.

pub mod change;
pub mod free;
pub mod graphql;
pub mod make;
pub mod mutations;
pub mod plan;
pub mod queries;
pub mod reads;
pub mod rules;
pub mod series;

use entity::enums::ChangeKind;
use entity::service_slot;

use crate::changes::service::Changed;

/// A slot that changed where it is.
pub(super) fn changed(row: &service_slot::Model) -> Changed {
    Changed::in_place(ChangeKind::ServiceSlot, row.id, Some(row.area_id))
}
