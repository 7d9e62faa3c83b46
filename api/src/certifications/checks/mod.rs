//! Checks 核查: one beneficiary in one round, from the roster to its end.
//!
//! The life stands in [`rules::LIFE`]. Every action takes up to a hundred checks and judges each by itself
//! ([`calls`]); each is one conditional update (`step`) whose WHERE holds the life, the scope, that the
//! round is open, that who confirms or settles is not who checked, that a place is left (`places`) and that
//! a file proves who was found alive, of a kind that fits the channel ([`rules::files`]) and added since the check was
//! last sent back. What a confirmation writes elsewhere is in [`apply`].

pub mod apply;
mod attempts;
mod beside;
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
mod standing;
pub(in crate::certifications) mod step;
