//! What comes back from a door: attempts that met nobody, and reports of visits.
//!
//! A report is kept whatever became of its claim. From a live claim it moves the task to REPORTED
//! ([`mod@report`]); after the claim has lapsed it settles the task if that is open again, or becomes a
//! task of its own that follows it ([`late`]). What nobody had claimed is recorded afterwards
//! ([`unplanned`]), a round of calls in one step ([`contacts`]), the doors of a batch together
//! ([`ticks`]). All of them file the same papers
//! (`filing`) and wait for somebody above the reporter's level, or for the server where a rule of
//! [`super::verification`] lets it.

pub mod attempt;
mod contact;
pub mod contacts;
mod filing;
pub mod follow_up;
pub mod graphql;
pub mod late;
mod limits;
pub mod mutations;
pub mod report;
pub(super) mod rows;
pub mod rules;
pub mod ticks;
pub mod unplanned;

pub use attempt::{Attempt, record_attempt};
pub use report::{Checklist, Report, report};
