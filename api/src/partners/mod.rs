//! Partners 社区合伙人: who serves the community, by whose hands, and where.

pub mod scope;
