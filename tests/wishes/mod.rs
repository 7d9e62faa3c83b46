//! Wishes: told for a household, taken on, fulfilled, and the household's word on it.

mod boards;
mod bookings;
mod calls;
mod codes;
mod follows;
mod hands;
mod races;
mod recorded;
mod story;
mod town;
mod words;
