//! Findings 探访发现: somebody is in hospital or an institution, has moved away, died, or refuses visits
//! for good.
//!
//! ```text
//!   report ──► PROPOSED ──confirm──► CONFIRMED ──undo within 90 days──► UNDONE
//!                 ├─────reject────► REJECTED
//!                 └─a later report──► WITHDRAWN
//! ```
//!
//! A report only proposes: a lead or staff (`FINDING_CONFIRM`), never who reported it, confirms, and only
//! then the enrolment ends or rests and the visits still to be made are called off; a death needs its day
//! and who says so, a hospital stay the day on which it is looked at again. What leads and staff record
//! without a visit ([`recordDeath`](crate::residents::departures)) is a confirmed finding at once. Undoing
//! restores the enrolment and the visits.
//!
//! A finding stays where it was found: of somebody who has moved since, whoever answers for both places
//! decides. Where to go next: [`rules`], [`propose`], [`decide`], [`undo`].

pub mod decide;
pub mod graphql;
pub mod moves;
pub mod mutations;
pub mod propose;
pub mod queries;
pub mod reads;
pub mod rules;
pub mod undo;
