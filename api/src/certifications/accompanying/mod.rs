//! Who is asked to come along to a check at somebody's home 陪同: volunteers help, staff confirm.
//!
//! Whoever plans a check (`CERTIFICATION_PLAN`) asks a volunteer of their areas along to a visit that is
//! scheduled at somebody's home. The volunteer is told a name, an address, a time and whom to meet, by
//! [`accompaniments`](crate::accompaniments), which knows nothing of checks: the check names its
//! accompaniment, never the other way round. What becomes of the check becomes of the accompaniment
//! (`follow`): another time asks again, another channel or station calls it off, a check or a try
//! that met nobody ends it.
//!
//! Where to go next: [`candidates`] for who can be asked, [`service`] for asking and calling off.

pub mod candidates;
pub(in crate::certifications) mod follow;
pub mod graphql;
pub mod mutations;
pub mod queries;
pub mod service;
