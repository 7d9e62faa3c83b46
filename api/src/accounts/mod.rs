//! Accounts: stub.
pub mod graphql;
pub mod mutations;
pub mod phone;
pub mod queries;
