//! Veterans' annual certification.

mod beneficiaries;
mod confirming;
mod large;
pub mod people;
mod races;
mod secrecy;
mod story;
