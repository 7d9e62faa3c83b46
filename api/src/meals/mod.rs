//! Meals 送餐: a canteen's list of elders, brought round twice a day; the knock is a safety check.
//!
//! ```text
//!   meal list ──server──► batch of a day and meal ──► a door for everybody on the list
//!
//!           claim               (a door's own life: see visits)
//!   OPEN ─────────► CLAIMED       CLAIMED ──tick──► REPORTED
//!    ▲ ◄────────────┘  │                  └─tried─► CLAIMED, with the attempt
//!    │  release        │
//!    └── CALLED_OFF ◄──┘  by the server, when nobody gets a meal in it any more
//! ```
//!
//! Whoever keeps a list (`MEAL_EDIT`) puts enrolled people on it; nobody is on two. The server makes the
//! batches of today and tomorrow ([`generate`]), whoever may claim visits in all of the list's area claims
//! one of them as a whole, which counts as one claim, and ticks its doors. A door is a visit like any other:
//! a contact counts, a missed one climbs, an alarm can be raised. Only whose it is is the batch's matter, so
//! nobody claims, releases or reassigns a door by itself. When the window has passed nobody holds the batch
//! any more, and its unticked doors are missed.
//!
//! Who has died, rests in hospital or has left gets no meal, and nothing must be told to the list: it shows
//! them as resting, with the reason, until they are back or taken off.
//!
//! Where to go next: [`rules`], [`lists`] and [`recipients`], [`generate`], [`batches`], [`ticks`] and
//! [`progress`].

pub mod batches;
mod doors;
pub mod generate;
pub mod graphql;
pub mod lists;
pub mod mutations;
pub mod progress;
pub mod queries;
pub mod reads;
pub mod recipients;
mod roster;
pub mod rules;
pub mod ticks;
