//! Worklist: what can I do today, whatever kind of work it is.

pub mod graphql;
