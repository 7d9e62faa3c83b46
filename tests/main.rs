//! Nuanlin's one integration test binary; its modules mirror the slices.

mod accounts;
mod imports;
mod schema;
mod support;
mod visits;
