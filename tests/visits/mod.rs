//! Visits, from plan to verified report.

mod story;
