//! The lead's desk.

mod story;
