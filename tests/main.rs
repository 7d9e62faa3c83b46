//! Nuanlin's one integration test binary; its modules mirror the slices.

mod accounts;
mod alarms;
mod architecture;
mod areas;
mod care_plans;
mod commands;
mod contract;
mod coverage;
mod desk;
mod duty;
mod exports;
mod findings;
mod full_disk;
mod hostile;
mod households;
mod imports;
mod jobs;
mod nulls;
mod policy;
mod residents;
mod rounds;
mod schema;
mod support;
mod upgrade;
mod visits;
mod volunteers;
