//! Alarms 紧急上报: no answer and worried, an illness, fire or gas.
//!
//! ```text
//!   RAISED ──────────────► ACKNOWLEDGED ──────► CLOSED
//!     │ ▲    acknowledge                 close, with what was found
//!     └─┘ climbs a level every ten minutes
//! ```
//!
//! The caller is told to ring 120, 119 or 110 first. Whoever sees a visit raises one about it, a claim's
//! holder wherever they are granted. Grid lead, compound secretary and community staff are told at once,
//! at any hour; every ten minutes in which nobody acknowledges it, the next level above is told too, and
//! the highest again and again. Whoever handles alarms there (`ALARM_HANDLE`) acknowledges and closes;
//! who raised one follows it. A report of that visit is then verified by a person, whatever the rule.
//!
//! Every step stands in the audit and in the alarm's own list. Where to go next: [`rules`] for the life
//! and the levels, [`service`] for the steps, [`reads`] for whom they reach, [`climb`] for the server's own.

pub mod climb;
pub mod graphql;
pub mod mutations;
pub mod queries;
pub mod reads;
pub mod rules;
pub mod service;
