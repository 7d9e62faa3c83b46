//! Claims 认领: who takes a visit on, until when, and how it passes from one to another.
//!
//! A claim's lease runs to the end of the planned window; its holder may renew it twice, a day each
//! time. Who says when they will be there ([`appoint`](service::appoint)) cannot promise two doors at the
//! same time, and is warned where the way is too long. Close before an appointment only a lead can give
//! the visit to somebody else. A returned report that is not completed in time opens the visit again.
//!
//! A claim is refused to who has claimed enough, now or today; to who lacks the age or the training that
//! the kind asks for in the area ([`fitness`]); and for a while, where a community sets it so, to
//! everybody but the building's center household. A lead's reassignment asks for the same fitness.
//!
//! Doors of a batch of meals are claimed as one, which counts as one ([`batches`]); each by itself is
//! refused.
//!
//! Where to go next: [`service`] for the steps, `checks` for what refuses them, [`bulk`] for many at
//! once, [`lapse`] for the server's own.

pub mod batches;
pub mod bulk;
pub(super) mod checks;
pub mod fitness;
pub mod graphql;
pub mod lapse;
pub mod mutations;
pub mod queries;
pub mod rules;
pub mod service;
