//! Veterans' annual certification.

mod beneficiaries;
mod large;
pub mod people;
mod races;
mod secrecy;
mod sessions;
mod slots;
mod story;
