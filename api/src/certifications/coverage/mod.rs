//! How far a round is: figures that add up for the station, and totals without people for others.
//!
//! All figures of a round come from one count of its checks, so that the states, the outcomes, the areas,
//! the categories and the channels each sum to the roster. Those who read totals get one set per round, over
//! all they may see of it at a community or above, in which small numbers are merged ([`rules::merged`]). Whoever reads totals of two
//! levels may still subtract one from the other.
//!
//! The station reads figures by area, category and channel (`BENEFICIARY_READ`), others totals
//! (`CERTIFICATION_COVERAGE_READ`). Where to go next: [`service`] for the count, [`rules`] for figures and pace,
//! [`years`] for what became of last year's roster.

pub mod graphql;
pub mod queries;
pub mod rules;
pub mod service;
pub mod years;
