//! What becomes of a slot that is booked: how many it takes, and that it does not take place.

use entity::booking;
use entity::enums::BookingStatus;
use entity::service_slot;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use serde::Serialize;
use uuid::Uuid;

use super::ends::{self, End};
use super::places::{self, Freed};
use super::rules::LIVE;
use super::step::side;
use super::{notice, places::changed};
use crate::access::policy::Permission;
use crate::audit::service::Act;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::offers::slots::rules::{OFF, OPEN, PLACES};
use crate::write::{Begun, Outcome, Request, Write};

const BOOKED: &str = "the states of the bookings of a slot that is held, to count its places";

/// How many a slot takes from now on.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Resize {
    /// The slot.
    pub slot: Uuid,
    /// How many bookings hold a place at most, 1 to 500.
    pub capacity: i32,
    /// The version the actor saw; checked where given.
    pub expected_version: Option<i64>,
}

/// Changes how many a slot takes. More places go to whoever waits, in order. Needs `OFFER_EDIT`; whoever
/// repeats it succeeds. The outcome is the slot, then who was given a place.
///
/// Refused: `OUT_OF_RANGE`, `NOT_FOUND`, `NOT_PERMITTED`, `SLOT_CANCELLED`, `SLOT_BEGUN`, `CAPACITY_BELOW_BOOKED`,
/// `VERSION_CONFLICT`.
pub async fn change_capacity(cx: &Cx, to: Resize, key: Option<Uuid>) -> Result<Outcome> {
    use service_slot::Column as C;
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new("changeSlotCapacity", key, &to)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::OfferEdit)?;
    if !PLACES.contains(&to.capacity) {
        return Err(Error::refused(Code::OutOfRange).on("capacity"));
    }
    let (app, tx, now) = (&*cx.app, write.tx(), cx.app.clock.now());
    let mut scoped = actor
        .scoped::<service_slot::Entity>(Permission::OfferEdit)
        .id(to.slot)
        .filter(C::Status.eq(OPEN))
        .filter(C::StartsAt.gt(now))
        .filter(C::Booked.lte(to.capacity))
        .filter(C::Capacity.ne(to.capacity));
    if let Some(version) = to.expected_version {
        scoped = scoped.filter(C::Version.eq(version));
    }
    let moved = scoped.update(tx, |update| {
        update
            .value(C::Capacity, to.capacity)
            .value(C::Version, Expr::col(C::Version).add(1))
            .value(C::UpdatedAt, now);
    });
    let Some(slot) = moved.await?.pop() else {
        let slot = seen(cx, tx, to.slot).await?;
        let is_open = slot.status == OPEN && slot.starts_at > now;
        if is_open && slot.capacity == to.capacity {
            let outcome = Outcome::of(slot.id);
            write.commit(&outcome).await?;
            return Ok(outcome);
        }
        return Err(match closed(&slot, cx) {
            Some(code) => Error::refused(code).on("slotId"),
            None if slot.booked > to.capacity => {
                Error::refused(Code::CapacityBelowBooked).on("capacity")
            }
            None => Error::Conflict(slot.id),
        });
    };
    let promoted = places::settle(app, tx, (&slot, Freed::default())).await?;
    notice::tell(app, tx, &promoted).await?;
    let act = Act {
        reason: None,
        details: serde_json::to_string(&(to, ids_of(&promoted))).ok(),
        ..act("changeSlotCapacity", &slot, "capacity")
    };
    write
        .record_all(cx, act, &changed(&slot, &promoted))
        .await?;
    finish(write, slot.id, &promoted).await
}

/// Calls a slot off, with a reason: its bookings end on the side of whoever does so, and their wishes are given
/// back. Needs `OFFER_EDIT`; whoever repeats it succeeds. The outcome is the slot, then the bookings that ended.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `SLOT_CANCELLED`, `SLOT_BEGUN`.
pub async fn cancel(cx: &Cx, id: Uuid, reason: String, key: Option<Uuid>) -> Result<Outcome> {
    use service_slot::Column as C;
    let actor = cx.actor()?;
    let request = Request::new("cancelSlot", key, &(id, &reason));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::OfferEdit)?;
    let (app, tx, now) = (&*cx.app, write.tx(), cx.app.clock.now());
    let scoped = actor
        .scoped::<service_slot::Entity>(Permission::OfferEdit)
        .id(id)
        .filter(C::Status.eq(OPEN))
        .filter(C::StartsAt.gt(now));
    let moved = scoped.update(tx, |update| {
        update
            .value(C::Status, OFF)
            .value(C::CancelReason, reason.as_str())
            .value(C::Version, Expr::col(C::Version).add(1))
            .value(C::UpdatedAt, now);
    });
    let Some(slot) = moved.await?.pop() else {
        let slot = seen(cx, tx, id).await?;
        if slot.status != OPEN && slot.cancel_reason.as_deref() == Some(reason.as_str()) {
            return finish(write, slot.id, &[]).await;
        }
        let code = closed(&slot, cx).unwrap_or(Code::VersionConflict);
        return Err(Error::refused(code).on("slotId"));
    };
    let states: Vec<BookingStatus> = booking::Entity::find()
        .select_only()
        .column(booking::Column::Status)
        .filter(booking::Column::SlotId.eq(slot.id))
        .filter(booking::Column::Status.is_in(LIVE))
        .into_tuple()
        .all(&tx.unscoped(BOOKED))
        .await?;
    let end = End {
        side: side(actor, Permission::OfferEdit, slot.area_id),
        reason: Some(reason.clone()),
        by: Some(actor.account),
    };
    let all = booking::Column::SlotId.eq(slot.id).into();
    let mut ended = ends::end(app, tx, (all, &end)).await?;
    ended.sort_unstable_by_key(|booking| booking.ticket);
    places::settle(app, tx, (&slot, Freed::by_end(states))).await?;
    let mut all = changed(&slot, &ended);
    all.extend(ends::give_back(app, tx, &ended).await?);
    let act = Act {
        reason: Some(reason),
        details: serde_json::to_string(&ids_of(&ended)).ok(),
        ..act("cancelSlot", &slot, "status")
    };
    write.record_all(cx, act, &all).await?;
    finish(write, slot.id, &ended).await
}

async fn finish(write: Write, slot: Uuid, bookings: &[booking::Model]) -> Result<Outcome> {
    let mut outcome = Outcome::of(slot);
    outcome.ids.extend(ids_of(bookings));
    write.commit(&outcome).await?;
    Ok(outcome)
}

fn ids_of(bookings: &[booking::Model]) -> Vec<Uuid> {
    bookings.iter().map(|booking| booking.id).collect()
}

fn act(action: &'static str, slot: &service_slot::Model, fields: &str) -> Act {
    Act {
        action,
        subject_kind: "ServiceSlot",
        subject_id: slot.id,
        area_id: Some(slot.area_id),
        reason: None,
        fields: fields.to_owned(),
        details: None,
    }
}

/// The slot that was not changed, where the actor could: `NOT_FOUND`, `NOT_PERMITTED`.
async fn seen(cx: &Cx, tx: &Tx, id: Uuid) -> Result<service_slot::Model> {
    let actor = cx.actor()?;
    let own = actor.scoped::<service_slot::Entity>(Permission::OfferEdit);
    if let Some(slot) = own.id(id).one(tx).await? {
        return Ok(slot);
    }
    let read = actor.scoped::<service_slot::Entity>(Permission::OfferRead);
    Err(Error::refused(match read.id(id).count(tx).await? {
        0 => Code::NotFound,
        _ => Code::NotPermitted,
    })
    .on("slotId"))
}

/// Why nothing changes of a slot any more, if so.
fn closed(slot: &service_slot::Model, cx: &Cx) -> Option<Code> {
    if slot.status != OPEN {
        Some(Code::SlotCancelled)
    } else if slot.starts_at <= cx.app.clock.now() {
        Some(Code::SlotBegun)
    } else {
        None
    }
}
