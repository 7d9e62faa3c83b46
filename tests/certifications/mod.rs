//! Veterans' annual certification.

mod beneficiaries;
pub mod people;
mod races;
mod secrecy;
mod story;
