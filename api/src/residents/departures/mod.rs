//! Residents leave for good: they die, or they enter a home for the aged.
//!
//! Either ends the enrolment, with a reason, and calls off the visits still to be made; a death also
//! ends the stay in the household. What was visited and counted before stays. Who confirms what a
//! visit found and who records what was told elsewhere end the same things, through
//! [`effects::end`], and either can be taken back as a finding. Leads and staff record both where
//! they answer for the person.

pub mod effects;
pub mod mutations;
pub mod service;
