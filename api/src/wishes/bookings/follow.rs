//! What becomes of a wish becomes of its booking.

use uuid::Uuid;

use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::Result;
use crate::wishes::rules::Action;

/// Lets the live booking of a wish follow what is done about the wish, before the wish itself moves: slot,
/// booking and wish are held in this order.
#[expect(clippy::unused_async, reason = "bookings are not written yet")]
pub(in crate::wishes) async fn follow(
    _cx: &Cx,
    _tx: &Tx,
    (_wish, _action): (Uuid, Action),
) -> Result<Vec<Changed>> {
    Ok(Vec::new())
}
