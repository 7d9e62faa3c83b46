//! Veterans' annual certification.

mod accompaniments;
mod again;
mod beneficiaries;
mod confirming;
mod deaths;
mod hand_over_races;
mod hand_over_secrecy;
mod hand_overs;
mod handed_work;
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
mod strangers;
mod twin_pair;
mod twins;
mod years;
