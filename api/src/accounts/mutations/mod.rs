//! What can be done with accounts: with one's own, and with those one manages.

pub mod managed;
pub mod own;

use async_graphql::MergedObject;

/// Mutations of accounts.
#[derive(Debug, Default, MergedObject)]
pub struct AccountMutations(own::OwnMutations, managed::ManagedMutations);
