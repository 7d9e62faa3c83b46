//! From one year to the next: who was on the last roster and is not on this one, and who is new, each with why.
//!
//! Nobody is lost silently: whoever is gone without a reason on record is named as unexplained. The numbers add
//! up, always: the last roster is who is still there and who is gone, this one who is still there and who is
//! new. A round is compared with the rounds of the year before that have its area, or with one that is named.

pub mod graphql;
pub mod queries;
pub mod rules;
pub mod service;
