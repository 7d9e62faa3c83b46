//! Nuanlin's one integration test binary; its modules mirror the slices.

mod accounts;
mod households;
mod imports;
mod residents;
mod schema;
mod support;
mod visits;
