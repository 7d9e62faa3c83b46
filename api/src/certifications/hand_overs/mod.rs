//! Hand-over 移交: a check that another station is asked to make, where the person lives elsewhere.
//!
//! ```text
//!  OFFERED ──accept──► ACCEPTED        from OFFERED also: decline ──► DECLINED, withdraw ──► WITHDRAWN,
//!                          └─withdraw──► WITHDRAWN       time passes or the check is resolved ──► EXPIRED
//! ```
//!
//! | who | what | permission |
//! |---|---|---|
//! | the station that answers for the check | offers it, takes it back while it is not yet checked | `CERTIFICATION_PLAN` |
//! | the station of the other area | accepts or declines, nobody what they offered themselves | `CERTIFICATION_CHECK` |
//!
//! Until it is accepted the registering station answers, and the other sees of the person only what one must
//! know to decide. Accepted, the check carries the other area
//! ([`Arm::Shared`](crate::access::scope::Arm::Shared)): its station sees the check with whom it certifies and
//! what proves it, and it alone schedules and checks; what was planned before falls. Confirming, settling, the
//! roster and all its figures stay where they were. The share ends when the check is confirmed or settled, when
//! its round ends, or when it is taken back; what was only offered has then expired, and the other station sees
//! neither name nor address nor the reason any more.
//!
//! The station of an area is whoever is granted there or above it: a grant below the area that is asked sees
//! nothing of what is handed to it.
//!
//! A check is held before its hand-over, and its round before both.
//!
//! Where to go next: [`rules`] for the life, [`offer`] and [`decide`] for what people do, [`end`] for what
//! follows from the check and from time, [`reads`] for lists.

pub mod decide;
pub mod end;
pub mod graphql;
pub mod mutations;
pub mod offer;
pub mod queries;
pub mod reads;
pub mod rules;
