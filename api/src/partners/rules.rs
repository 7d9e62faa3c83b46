//! What holds of partners, without a database.

use entity::enums::{AreaKind, PartnerStatus};

/// The state in which a partner serves.
pub const LIVE: PartnerStatus = PartnerStatus::Active;

/// The state of one that serves no more.
pub const OVER: PartnerStatus = PartnerStatus::Ended;

/// Whether an area of this level takes partners on.
#[must_use]
pub const fn takes_on(kind: AreaKind) -> bool {
    match kind {
        AreaKind::District | AreaKind::Street | AreaKind::Community => true,
        AreaKind::Compound | AreaKind::Grid | AreaKind::Building => false,
    }
}
