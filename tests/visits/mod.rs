//! Visits, from plan to verified report.

mod crash;
mod ends;
mod life;
mod lists;
mod race;
mod routes;
mod story;
