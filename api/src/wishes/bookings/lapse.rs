//! The server's own step: places that nobody accepted in time are passed on, and what was never decided ends
//! when its slot begins.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::booking;
use entity::enums::CancelledBy;
use sea_orm::sea_query::{Condition, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use super::ends::{self, End};
use super::notice;
use super::places::{self, Freed};
use super::rules::{HELD, UNDECIDED};
use crate::audit::service::{self as audit, Act, Author};
use crate::changes::service as changes;
use crate::context::App;
use crate::db::Handle as _;
use crate::error::Result;

const REASON: &str = "the server's own clock lets bookings lapse, wherever they are";

/// How many bookings are looked at in one go.
const BATCH: u64 = 500;

/// Lets bookings lapse whose time has come, passes their places on, and says how many lapsed.
///
/// One transaction for each slot, which is held meanwhile. Several servers may do so at once: what is due is
/// asked again of the held slot.
pub async fn lapse_bookings(app: &App) -> Result<usize> {
    let mut lapsed = 0;
    loop {
        let mut now_lapsed = 0;
        for slot in due_slots(app).await? {
            now_lapsed += lapse_at(app, slot).await?;
        }
        lapsed += now_lapsed;
        if now_lapsed == 0 {
            return Ok(lapsed);
        }
    }
}

/// What lapses at a moment: the states stand there as the partial indexes have them.
fn due(now: DateTime<Utc>) -> Condition {
    use booking::Column as C;
    Condition::any()
        .add(C::Status.eq(HELD).and(C::ConfirmUntil.lte(now)))
        .add(C::Status.is_in(UNDECIDED).and(C::StartsAt.lte(now)))
}

async fn due_slots(app: &App) -> Result<BTreeSet<Uuid>> {
    let slots: Vec<Uuid> = booking::Entity::find()
        .select_only()
        .column(booking::Column::SlotId)
        .filter(due(app.clock.now()))
        .order_by_asc(booking::Column::StartsAt)
        .limit(BATCH)
        .into_tuple()
        .all(&app.db.unscoped(REASON))
        .await?;
    Ok(slots.into_iter().collect())
}

async fn lapse_at(app: &App, slot: Uuid) -> Result<usize> {
    use booking::Column as C;
    let tx = app.db.begin().await?;
    let slot = places::hold(&tx, slot).await?;
    let now = app.clock.now();
    let which = || Condition::all().add(C::SlotId.eq(slot.id)).add(due(now));
    let states = booking::Entity::find()
        .select_only()
        .column(C::Status)
        .filter(which())
        .into_tuple()
        .all(&tx.unscoped(REASON))
        .await?;
    let end = End {
        side: CancelledBy::Lapse,
        reason: None,
        by: None,
    };
    let ended = ends::end(app, &tx, (which(), &end)).await?;
    if ended.is_empty() {
        tx.rollback().await?;
        return Ok(0);
    }
    let promoted = places::settle(app, &tx, (&slot, Freed::by_end(states))).await?;
    notice::tell(app, &tx, &promoted).await?;
    let mut changed = places::changed(&slot, &ended);
    changed.extend(promoted.iter().map(places::announced));
    changed.extend(ends::give_back(app, &tx, &ended).await?);
    let author = Author::operator(&app.keys, &app.clock);
    for booking in &ended {
        let act = Act {
            action: "lapseBooking",
            subject_kind: "Booking",
            subject_id: booking.id,
            area_id: Some(booking.area_id),
            reason: None,
            fields: "status".to_owned(),
            details: None,
        };
        audit::record_by(author, &tx, act).await?;
    }
    changes::record_at(now, &tx, &changed).await?;
    tx.commit().await?;
    Ok(ended.len())
}
