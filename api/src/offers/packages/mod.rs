//! Packages 便民服务套餐: offers, of several partners, that are shown together under a name.
//!
//! A package lives as an offer does ([`super::rules::LIFE`]) and is the community's alone: `OFFER_PUBLISH` at its area
//! writes, publishes and withdraws it. It shows a reader those of its offers that they see; one that is withdrawn
//! drops out by itself, and is back once it is published again.

pub mod edit;
pub mod graphql;
pub mod mutations;
pub mod queries;
pub mod reads;
