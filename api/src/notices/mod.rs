//! Notices 提醒: what asks for somebody, told to them.
//!
//! Alarms are told at once; an elder's late visit after quiet hours; that a place is held for a booking, to
//! whoever entered it. A notice names nobody: it leads to the alarm, the escalation or the booking, which those
//! see who answer for the place. Everybody reads their own.
//!
//! Where to go next: [`service`].

pub mod graphql;
pub mod mutations;
pub mod queries;
pub mod service;
