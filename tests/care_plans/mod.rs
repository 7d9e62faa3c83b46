//! Care plans: rules that people set, and the visits that the server plans by them.

mod generate;
mod histories;
mod lives;
mod set;
