//! Care plans: how often elders of a tier are visited, which contacts count, and the visits that follow.
//!
//! A rule stands for one tier in one area and holds below it, until a nearer area has its own. Where
//! no area above has one, the defaults in [`rules`] hold: they are the national aims. A rule holds
//! from a day on; setting another ends it on that day, so that the past keeps its rules.
//!
//! From the rules the server plans the visits of the next days by itself ([`generate`]): each is made
//! once, however often and by however many servers that is tried; a pause suspends them until its
//! review day; visits that nobody has claimed are called off when the rule or the enrolment no longer
//! asks for them.
//!
//! Who: community staff set rules (`CARE_RULE_EDIT`); everybody who sees visits in an area sees its
//! rules.
//!
//! Where to go next: [`book`] for the rule of a person on a day, [`expected`] for the visits that follow,
//! [`service`] for setting a rule.

pub mod book;
pub mod expected;
pub mod generate;
pub mod graphql;
pub mod mutations;
pub mod queries;
pub mod rules;
pub mod service;
