//! Ways: in which order to make one's visits, and which visits lie near.
//!
//! Where somebody stands comes as an argument, serves one answer and is kept nowhere: not in a row, not
//! in the audit, not in a log. Places are the points of buildings; the arithmetic is [`crate::route`].
//!
//! Who: everybody orders their own live claims; the `near` filter takes the buildings one may see by
//! `AREA_READ` and the tasks one may see anyway.

pub mod graphql;
pub mod near;
pub mod queries;
pub mod service;
