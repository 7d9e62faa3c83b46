//! Accompaniments 陪同: a volunteer is asked to come along to somebody's home, and says whether they do.
//!
//! ```text
//!  ASKED ──accept──► ACCEPTED ──► OVER          from either also: decline ──► DECLINED, CANCELLED;
//!    ▲──────moved────────┘                      another time asks again
//! ```
//!
//! The row holds all that a volunteer is told: a name, an address, a time and whom to meet. Nothing of theirs
//! reads another table for it, and nothing in it says why somebody goes there. Name and address are masked
//! until they accept, open until it is over, and hidden the day after at the latest; whom to meet is told as long.
//!
//! A volunteer sees and answers their own (`VISIT_CARRY_OUT`, arm `Mine`), whatever became of their grant.
//! Who asks, and what ends an accompaniment, is the asker's slice; it calls [`service`].
//!
//! Where to go next: [`rules`] for the life and what is shown, [`service`] for what is done, [`reads`] for lists.

pub mod graphql;
pub mod mutations;
pub mod queries;
pub mod reads;
pub mod rules;
pub mod scope;
pub mod service;
