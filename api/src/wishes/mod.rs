//! Micro-wishes 微心愿: something small that a household asks for, and who does it.
//!
//! ```text
//!  wish   OPEN ──book, take──► BOOKED ──begin──► IN_PROGRESS ──fulfil──► FULFILLED ──agree, silence──► CLOSED
//!           ▲ └─last day──► EXPIRED │ └──────────────fulfil─────────────────▲  └──complaint──► OPEN
//!           └────given back─────────┴───────────◄──┘         any unfinished state: withdraw ──► WITHDRAWN
//! ```

pub mod bookings;
pub mod hands;
pub mod moves;
pub mod record;
pub mod rules;
pub mod scope;
