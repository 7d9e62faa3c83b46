//! Bookings: made, queued, passed on, ended; at once by many; and whom nobody is shown.

pub mod alliance;
mod crash;
mod eligible;
mod ends;
mod histories;
mod lapse;
mod race;
mod secrecy;
mod slots;
mod story;
