//! Checks 核查: one beneficiary in one round, from the roster to its end.
//!
//! The life stands in [`rules::LIFE`]. Every action takes up to a hundred checks and judges each by itself
//! ([`calls`]); each is one conditional update (`step`) whose WHERE holds the life, the scope, that the
//! round is open, that who confirms or settles is not who checked, and that a place is left (`places`). What
//! a check found is in [`found`], what a confirmation writes elsewhere in [`apply`].

pub mod apply;
pub mod calls;
pub mod correct;
pub mod found;
pub mod graphql;
pub mod inputs;
pub mod mutations;
mod places;
pub mod queries;
pub mod reads;
pub mod rules;
mod step;
