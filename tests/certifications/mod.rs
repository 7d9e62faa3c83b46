//! Veterans' annual certification.

mod accompaniments;
mod beneficiaries;
mod hand_over_races;
mod hand_over_secrecy;
mod hand_overs;
mod large;
pub mod people;
mod races;
mod secrecy;
mod story;
mod years;
