//! Nuanlin's one integration test binary; its modules mirror the slices.

mod accounts;
mod architecture;
mod commands;
mod contract;
mod hostile;
mod households;
mod imports;
mod nulls;
mod policy;
mod residents;
mod schema;
mod support;
mod visits;
mod volunteers;
