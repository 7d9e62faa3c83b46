//! Visits 探访: a task to see a household, from plan to verified report.
//!
//! ```text
//!            claim            start
//!   OPEN ───────────► CLAIMED ───────► STARTED
//!    ▲  release, attempt │  report       │ report
//!    └───────────────────┤◄──────────────┤
//!                        ▼               ▼
//!                     REPORTED ──────────────► VERIFIED
//!                        │  ▲      verify
//!                 return ▼  │ report
//!                     RETURNED
//! ```
//!
//! MISSED is written by the server when the window has passed, CANCELLED by a lead from any state
//! that is not an end. The table in [`rules`] is the only place that knows this.
//!
//! Who: leads and staff plan, verify, return and cancel within their areas; volunteers, center
//! households and leads claim; only the holder of a claim releases, starts, records attempts and
//! reports, whatever became of their grant. Nobody verifies their own report, and what a lead
//! reported is verified above that lead's level.
//!
//! A claim is live, and opens protected fields to its holder, in CLAIMED, STARTED and RETURNED until
//! its lease ends with the visit's planned window (a returned task's with its own deadline).
//!
//! Where to go next: [`service`] for the use cases, [`list`] for lists and the worklist, [`load`] for how
//! tasks are read, [`states`] for conditions that meet an index, [`reports`] for what comes back from a door,
//! [`graphql`] for what phones see, [`routes`] for the way from one visit to the next.

mod arrival;
mod cards;
pub mod claims;
pub mod graphql;
pub mod lapse;
pub mod list;
pub mod load;
pub mod moves;
pub mod mutations;
mod payloads;
pub mod plan;
pub mod queries;
pub mod reports;
pub mod routes;
pub mod rules;
pub mod scope;
pub mod service;
pub mod states;
mod step;
pub mod verification;
