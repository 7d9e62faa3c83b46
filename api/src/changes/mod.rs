//! The change log: the one place that says what changed, for sync, subscriptions and caches.
//!
//! Nothing else announces changes. A row names the object, where it was and where it is now, and
//! never what it holds: a reader loads that under its own rights.

pub mod service;
