//! Partners of the community, what they offer, and when it can be booked.

mod file;
mod hidden;
mod offers;
mod packages;
pub mod people;
mod races;
mod series;
mod story;
