//! What becomes of a booking becomes of who would have lent a hand.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::changes::service::Changed;
use crate::context::App;
use crate::db::Tx;
use crate::error::Result;

/// What becomes of a wish for those who lend a hand.
#[derive(Clone, Copy, Debug)]
pub enum Turn {
    /// It is to be carried out from here until there.
    At(DateTime<Utc>, DateTime<Utc>),
    /// It is nobody's any more: its booking ended, or it was withdrawn.
    Off,
}

/// Lets those who lend a hand for these wishes follow; the wishes are held.
#[expect(clippy::unused_async, reason = "hands are not written yet")]
pub async fn follow(
    _app: &App,
    _tx: &Tx,
    (_wishes, _turn): (&[Uuid], Turn),
) -> Result<Vec<Changed>> {
    Ok(Vec::new())
}
