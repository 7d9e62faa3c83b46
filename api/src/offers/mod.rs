//! Offers 服务项目, packages 便民服务套餐 and slots 可约时段: what can be booked, where and when.
//!
//! ```text
//!  DRAFT ──publish──► PUBLISHED ──withdraw (reason)──► ENDED ──publish──► PUBLISHED
//!    └───────────────────withdraw───────────────────────┘
//! ```
//!
//! A partner's people, or staff for them, write an offer down (`OFFER_EDIT`); the community's staff publish and
//! withdraw it (`OFFER_PUBLISH`, at the area of its partner). What is published only they change: a partner does not
//! change behind their backs what they have put their name to. An offer stands in areas that are opened to its
//! partner; where one of them is closed, it stands there no more, and without any area it is withdrawn
//! ([`follow`]). Slots ([`slots`]) of an offer that is withdrawn stay as they are, but nobody sees or books them.
//!
//! Who sees an offer: drafts those who may write it; published ones, and their slots, everybody with `OFFER_READ`
//! near the areas in which it stands; a partner's people their own, whatever its state, and no other.
//! Packages ([`packages`]) are offers of several partners under one name; a partner's people see none.
//!
//! Booking a slot is [`crate::wishes::bookings`].

pub mod edit;
pub mod follow;
pub mod graphql;
pub mod mutations;
pub mod packages;
pub mod publish;
pub mod queries;
pub mod reads;
pub mod rules;
pub mod scope;
pub mod slots;
pub mod terms;
