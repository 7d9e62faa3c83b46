//! Veterans' annual certification.

mod accompaniments;
mod again;
mod beneficiaries;
mod confirming;
mod hand_over_races;
mod hand_over_secrecy;
mod hand_overs;
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
mod years;
