//! Nuanlin 暖邻: the backend of a community's volunteers, elders and staff.
//!
//! # The way of a request
//! [`http`] reads it, guards its document and finds its token; [`execute`] turns the token into an
//! [`access::actor::Actor`] and runs the [`schema`]; a resolver in a slice's `queries` or `mutations`
//! parses ids and calls one function of the slice's service; the service reads through
//! [`access::scope`] or opens a [`mod@write`]; what was opened of protected data is in the audit
//! before the answer leaves.
//!
//! # Where things are
//! Each folder of a kind of thing (a *slice*: [`areas`], [`accounts`], [`households`], [`residents`],
//! [`visits`]) has the same files: `mod` says what it is and who may do what, `rules` is pure,
//! `service` (split by theme where it grew) holds the use cases, `graphql` the types, `queries` and
//! `mutations` the fields. [`imports`] loads spreadsheets, [`demo`] makes a community up, [`commands`]
//! are the binary's.
//!
//! # Who may import whom
//! `rules` know entity enums and plain values. Services know rules, [`access`], [`audit`],
//! [`changes`], [`db`] and the entities, never async-graphql. `graphql`, `queries` and `mutations` know
//! their service, [`ids`], [`paging`] and [`context`], never sea-orm. A slice's service may use areas,
//! households and residents, not another kind of task; [`worklist`] reads all kinds. Only [`db`] knows
//! a dialect. A test reads the `use` lines and holds all this.

#![deny(
    clippy::dbg_macro,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::todo,
    clippy::unwrap_used
)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod access;
pub mod accompaniments;
pub mod accounts;
pub mod alarms;
pub mod areas;
pub mod attachments;
pub mod audit;
pub mod beneficiaries;
mod bulk;
pub mod care_plans;
pub mod certifications;
pub mod changes;
pub mod clock;
pub mod commands;
pub mod config;
pub mod context;
pub mod coverage;
pub mod db;
pub mod demo;
pub mod desk;
pub mod duty;
pub mod error;
pub mod escalations;
pub mod execute;
pub mod exports;
pub mod findings;
pub mod generate;
pub mod households;
pub mod housekeeping;
pub mod http;
pub mod ids;
pub mod imports;
pub mod inputs;
pub mod jobs;
pub mod lenient;
pub mod meals;
pub mod nodes;
pub mod notices;
pub mod offers;
pub mod paging;
pub mod part;
pub mod partners;
pub mod promised;
pub mod protected;
pub mod recurrence;
pub mod refusals;
pub mod residents;
pub mod rounds;
pub mod route;
pub mod scalars;
pub mod schema;
pub mod text;
pub mod uploads;
pub mod visits;
pub mod volunteers;
pub mod wishes;
pub mod worklist;
pub mod write;
