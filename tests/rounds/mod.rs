//! Event rounds.

mod story;
