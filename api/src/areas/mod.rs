//! Areas 区域: district, street, community, compound, grid and building, one tree.
//!
//! The tree is also held in memory ([`tree`]) and read again when it changes. An area with history is
//! retired with a successor, never deleted or hung elsewhere. Areas come by import.

pub mod graphql;
pub mod queries;
pub mod service;
pub mod tree;
