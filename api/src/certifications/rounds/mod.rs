//! Rounds 认证批次: opened with a frozen roster, closed when everybody on it is resolved.
//!
//! No two rounds of a year have an area and a category in common, but for those that were voided. Who opens
//! one holds the topmost area meanwhile, so that of two that would overlap the second is refused.

pub mod end;
pub mod graphql;
pub mod late;
pub mod mutations;
pub mod open;
pub mod queries;
pub mod reads;
pub mod rules;
