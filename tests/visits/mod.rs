//! Visits, from plan to verified report.

pub mod acts;
mod arrival;
mod claims;
mod crash;
mod ends;
mod follow_up;
mod late;
mod life;
mod lists;
mod race;
mod records;
pub mod routes;
mod story;
mod verification;
mod worklist;
