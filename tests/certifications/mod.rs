//! Veterans' annual certification.

mod beneficiaries;
mod large;
pub mod people;
mod planning;
mod races;
mod route;
mod secrecy;
mod sessions;
mod slots;
mod story;
