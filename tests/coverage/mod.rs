//! Coverage: the two figures, the names, and closed months.

mod brute_force;
mod closed;
mod figures;
mod histories;
mod load;
pub mod people;
