//! Areas 区域: district, street, community, compound, grid and building, one tree.
//!
//! The tree is also held in memory ([`tree`]) and read again when it changes. An area with history is
//! retired with successors, never deleted or hung elsewhere. Areas come by import; staff add compounds,
//! grids and buildings.
//!
//! When grids are drawn anew, their buildings go on as new areas in other grids and the households
//! move there from a day on ([`redraw`], [`retire`]); what was counted before stays with the old
//! area. Roles granted at a retired area stay and cover nothing new: whoever retires it is told whose
//! they are, since nobody's rights grow by a line on a map.

mod carry;
pub mod edit;
pub mod graphql;
pub mod mutations;
pub mod points;
pub mod preview;
pub mod queries;
pub mod redraw;
pub mod retire;
pub mod rules;
pub mod service;
pub mod tree;
