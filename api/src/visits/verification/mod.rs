//! Verification 核实: which reports a person must look at, and which the server accepts by itself.
//!
//! A rule stands for one kind of visit in an area, for one tier or for every other, and holds below
//! it until a nearer area has its own; at one area the tier's own comes first. Where there is none, a
//! person verifies every report. Whatever the rule, a person looks at findings, needs and whatever
//! casts doubt on a report: [`rules`] lists it. Who reported never matters.
//!
//! Where to go next: [`settings`] for the rules, [`job`] for what the server does with them.

pub mod graphql;
pub mod job;
pub mod mutations;
pub mod queries;
pub mod rules;
pub mod settings;
