//! Escalations 逐级上报: an elder's visit is late, or will be, and who is told climbs until somebody acts.
//!
//! ```text
//!   OPEN ──take on──► TAKEN
//!     │ ▲               │  nobody seen for a waking day
//!     │ └───────────────┘
//!     └── climbs: grid ► compound ► community and above
//!   contacted, or visited no more ──► SETTLED
//! ```
//!
//! It begins when a high-risk elder's visit is unclaimed within a day of its end, and when the visit of
//! anybody enrolled is missed; each person has one at most. Those on duty at the grid are told, after quiet
//! hours; where nobody is, the next level at once. Each time nobody has seen the person in time it climbs,
//! and the highest level with somebody on duty is told again and again. Only a contact settles it, or that
//! the person is to be visited no more: taking it on stops the clock for a waking day.
//!
//! Where to go next: [`rules`] for the hours, [`begin`] and [`climb`] for the server's part, [`service`]
//! for people's, [`moves`] for where they go when the person moves.

pub mod begin;
pub mod climb;
pub mod graphql;
pub mod moves;
pub mod mutations;
pub mod rules;
pub mod service;
