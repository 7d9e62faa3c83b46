//! Planning a round: who by which channel, who does it, and in which order.
//!
//! What is proposed ([`proposal`]) comes from what is on record of somebody, with the reason; it changes
//! nothing. Taking it up is `assignChecks` with the proposed channel, which shares the work among those who
//! may check there ([`assign`], [`fair`], [`assignees`]), and then `scheduleChecks` or a place at a session for the time.
//! Home visits come in the order of the way ([`route`]); the arithmetic is [`crate::route`].
//!
//! Proposed and assigned is what one plans (`CERTIFICATION_PLAN`), one's own or handed over; everybody orders their own home visits
//! (`CERTIFICATION_CHECK`).

pub mod assign;
pub mod assignees;
pub mod fair;
pub mod graphql;
pub mod mutations;
pub mod proposal;
pub mod queries;
pub mod route;
pub mod rules;
