//! Care plans: how often elders of a tier are visited, and which contacts count.
//!
//! A rule stands for one tier in one area and holds below it, until a nearer area has its own. Where
//! no area above has one, the defaults in [`rules`] hold: they are the national aims.
//!
//! Where to go next: [`book`] for the rule of a person on a day.

pub mod book;
pub mod rules;
