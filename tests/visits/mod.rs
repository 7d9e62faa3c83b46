//! Visits, from plan to verified report.

mod life;
mod race;
mod story;
