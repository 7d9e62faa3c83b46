//! Care enrolments 纳入探访: who is a subject of visits, at which tier, from when to when.
//!
//! ```text
//!   enrol ──► running ◄──pause / resume──► paused
//!                │  change: ends it and begins another
//!                └────────── end ──────────┘──► ended
//! ```
//!
//! The first day belongs to an enrolment, the last does not. A resident has at most one that has not
//! ended. Leads and staff enrol within their areas; nobody else sees an enrolment.

pub mod graphql;
pub mod mutations;
pub mod pauses;
pub mod rules;
pub mod service;
pub mod steps;
