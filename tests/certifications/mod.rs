//! Veterans' annual certification.

mod beneficiaries;
mod large;
mod papers;
pub mod people;
mod races;
mod roster;
mod secrecy;
mod sheets;
mod spreadsheets;
mod story;
