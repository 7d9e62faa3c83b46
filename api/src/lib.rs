//! Nuanlin 暖邻: the backend of a community's volunteers, elders and staff.

#![deny(
    clippy::dbg_macro,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::todo,
    clippy::unwrap_used
)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod access;
pub mod accounts;
pub mod areas;
pub mod audit;
pub mod changes;
pub mod clock;
pub mod config;
pub mod context;
pub mod db;
pub mod error;
pub mod execute;
pub mod households;
pub mod ids;
pub mod imports;
pub mod inputs;
pub mod lenient;
pub mod paging;
pub mod protected;
pub mod residents;
pub mod scalars;
pub mod schema;
pub mod text;
pub mod visits;
pub mod worklist;
pub mod write;
