//! Households 住户: who lives behind one door of a building.
//!
//! A household's place is an interval in `household_place`; the columns of `household` are a copy of
//! the open one. Leads and staff list and open households within their areas; volunteers and center
//! households reach one only through a visit task, and see its door only while their claim is live.
//! Staff add and change households, move, split and merge them, and close empty ones. A building has
//! one household per unit and room; behind the door of a closed one another may begin.
//!
//! When a household moves, everything that is still to come follows ([`moves::follow`]); what was
//! stays with the place of that day ([`stays`]).

pub mod edit;
pub mod family;
pub mod following;
pub mod graphql;
pub mod last_visit;
pub mod list;
pub mod moves;
pub mod mutations;
pub mod queries;
pub mod service;
pub mod stays;
