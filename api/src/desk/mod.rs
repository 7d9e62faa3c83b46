//! The lead's desk 网格长工作台: what in an area asks for somebody today.
//!
//! Visits at risk (nobody has claimed them and their window ends within a day), stranded (their holder can
//! no longer make them: disabled, or the grant has ended), missed in the last seven days, returned, and
//! reports that wait for a person; and people whom nobody has seen or spoken to for long. What to do is done
//! elsewhere: reassign, alone or in bulk, verify, call, plan. Needs `DESK_READ`.
//!
//! Where to go next: [`service`].

pub mod graphql;
pub mod queries;
pub mod service;
