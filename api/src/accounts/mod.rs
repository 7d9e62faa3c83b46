//! Accounts: stub.
pub mod graphql;
pub mod mutations;
pub mod queries;
