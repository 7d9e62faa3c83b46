//! Nuanlin's one integration test binary; its modules mirror the slices.

mod schema;
mod support;
mod visits;
