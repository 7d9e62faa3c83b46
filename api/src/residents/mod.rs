//! Residents 居民: people, how they are reached, and whether they are enrolled in care visits.
//!
//! Where someone lives is an interval in `residence`; what they are enrolled in one in
//! `care_enrolment`. A change of tier or circumstances ends the interval and begins another, so that
//! any past month can be counted as it was. Phone, ID number and health notes are sealed in the
//! database. Leads and staff read residents within their areas (ID numbers: staff only); volunteers
//! reach them only through a visit task. Who moves takes along what is still to come ([`moves`]); who
//! dies or enters a home ends it ([`departures`]).

mod changes;
pub mod contacts;
pub mod departures;
pub mod edit;
pub mod enrolments;
pub mod graphql;
pub mod id_number;
pub mod list;
pub mod moves;
pub mod mutations;
pub mod queries;
pub mod rules;
pub mod service;
