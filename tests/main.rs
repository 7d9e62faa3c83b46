//! Nuanlin's one integration test binary; its modules mirror the slices.

mod households;
mod accounts;
mod imports;
mod residents;
mod schema;
mod support;
mod visits;
