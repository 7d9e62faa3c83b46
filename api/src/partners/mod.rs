//! Partners 社区合伙人: who serves the community, by whose hands, and where.
//!
//! ```text
//!  ACTIVE ──end (reason)──► ENDED    its people act for it no more, what it offers is withdrawn,
//!                                    its slots to come that nobody has booked are called off
//! ```
//!
//! A partner belongs to the community (or an area above) that took it on. Who holds `PARTNER_EDIT` there renames
//! and ends it and names its people ([`people`]): accounts with a live grant as `PARTNER` that covers that place.
//! Where it may serve are the areas opened to it ([`places`]), at first its own. Another community opens its own
//! areas to a partner whose id it was given, sees it from then on, and closes them again.
//!
//! Who sees a partner: `PARTNER_READ` where it belongs and wherever an area is opened to it; its people see it and
//! no other. What it offers is in [`crate::offers`]. Whoever writes about a partner or what it offers holds the
//! partner's row first (`reads::hold`), so that an area is not closed while something is published there.

pub mod edit;
pub mod graphql;
pub mod mutations;
pub mod people;
pub mod places;
pub mod queries;
pub mod reads;
pub mod rules;
pub mod scope;
