//! Veterans' annual certification.

mod beneficiaries;
mod confirming;
mod large;
mod papers;
pub mod people;
mod planning;
mod races;
mod roster;
mod route;
mod secrecy;
mod sessions;
mod sheets;
mod slots;
mod spreadsheets;
mod story;
