//! Sessions 集中认证 and appointment slots 预约: a place and a time to which people come to be certified.
//!
//! ```text
//!  PLANNED ──close (once it has begun)──► HELD        whoever was to come and did not: an attempt, PENDING again
//!     └─────cancel (reason)────────────► CANCELLED    whoever was to come: PENDING again
//! ```
//!
//! Both are one thing. A session is for many at once and may have any number of places; a slot says how many
//! it has. Who is to come are the checks that name it, so that nothing else has to count them: whoever is
//! certified by another way, was not there, is planned elsewhere or settled frees a place by that alone. The
//! last place is given once, since whoever gives one holds the session (see `checks::places`).
//!
//! The station to which checks of another's round were handed plans sessions with them in its own area, and sees of the
//! round nothing else.
//!
//! Planned, closed and cancelled at an area by `CERTIFICATION_PLAN` there; those who plan below it may send
//! their people there. For a session at an institution those who live in it are proposed, for one elsewhere
//! those who live in its area and can come ([`candidates`]). Checking at one is `recordChecks` with its id.

pub mod candidates;
pub mod end;
pub mod graphql;
pub mod mutations;
pub mod plan;
pub mod queries;
pub mod reads;
pub mod rules;
