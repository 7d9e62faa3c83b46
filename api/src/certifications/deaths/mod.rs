//! Who has died by the rounds of a year 死亡名单: the list by which benefits stop.
//!
//! On it is whose death another has confirmed, in whichever round of the year; what was corrected after a round was
//! closed has the last word. What somebody recorded and nobody confirmed is not on it. Whoever reads beneficiaries
//! there reads the list; the ID number is full to whoever confirms such checks, and masked to others. It is also a
//! spreadsheet ([`exports`](crate::exports)).

pub mod graphql;
pub mod queries;
pub mod service;
