//! Residents: the people who live in the community.

pub mod id_number;
