//! Veterans' annual certification.

mod beneficiaries;
mod confirming;
mod large;
pub mod people;
mod races;
mod roster;
mod secrecy;
mod sheets;
mod story;
