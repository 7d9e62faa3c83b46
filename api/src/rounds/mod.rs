//! Event rounds 临时走访: after a major change, in extreme weather, before a festival.
//!
//! Staff start one for an area and a set of tiers, or for named people (`ROUND_START`): everybody enrolled
//! there whose visits do not rest gets a visit of its own within the round's window, in one step. They are
//! ordinary visits; the round tells how far they are. Whoever may see visits in an area sees its rounds and
//! those of the areas above it.
//!
//! Where to go next: [`service`].

pub mod graphql;
pub mod mutations;
pub mod queries;
pub mod rules;
pub mod service;
