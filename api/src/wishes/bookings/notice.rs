//! Whoever booked is told that a place is held.

use entity::booking;

use crate::context::App;
use crate::db::Tx;
use crate::error::Result;
use crate::notices::service::{Place, tell_of_places};

/// Tells whoever entered these bookings that a place is held for them.
pub(super) async fn tell(app: &App, tx: &Tx, promoted: &[booking::Model]) -> Result<()> {
    let places = promoted.iter().map(|booking| Place {
        booking: booking.id,
        account: booking.booked_by,
        area: booking.area_id,
    });
    tell_of_places(app, tx, places).await
}
