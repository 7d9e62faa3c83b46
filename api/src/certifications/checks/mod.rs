//! Checks 核查: one beneficiary in one round, from the roster to its end.
//!
//! The life stands in [`rules::LIFE`]. Every action takes up to a hundred checks and judges each by itself
//! ([`calls`]); each is one conditional update (`step`) whose WHERE holds the life, the scope, that the
//! round is open, and that who confirms or settles is not who checked. What a confirmation writes elsewhere
//! is in [`apply`].

pub mod apply;
mod attempts;
pub mod calls;
pub mod correct;
pub mod graphql;
pub mod inputs;
pub mod mutations;
pub mod queries;
pub mod reads;
pub mod rules;
pub(in crate::certifications) mod step;
