//! Care plans: rules that people set, and the visits that the server plans by them.

mod generate;
mod histories;
mod leap_year;
mod lives;
mod set;
