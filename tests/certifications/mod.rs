//! Veterans' annual certification.

mod beneficiaries;
mod confirming;
mod large;
mod papers;
pub mod people;
mod races;
mod roster;
mod secrecy;
mod sheets;
mod spreadsheets;
mod story;
