//! Who may do and see what, where.
//!
//! A request's bearer token becomes an [`actor::Actor`]: an account with roles at areas.
//! [`policy`] says which role holds which permission; [`scope`] turns a permission into the part of
//! a `WHERE` that keeps every statement inside the actor's areas; [`protected`] opens and masks
//! personal data; [`sealed`] keeps it unreadable in the database.

pub mod actor;
pub mod holders;
pub mod keyring;
pub mod keys;
pub mod policy;
pub mod protected;
pub mod scope;
pub mod sealed;
pub mod sessions;
pub mod token;
