//! Booking a slot.

use chrono::NaiveDate;
use entity::enums::{AskedHow, ChangeKind, WishUrgency};
use entity::{booking, household, resident, service_offer, service_slot, wish};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;
use uuid::Uuid;

use super::rules::{SURE, first};
use super::{ends, fit, places};
use crate::access::policy::Permission;
use crate::access::scope::{Grant, insert_new};
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::clock::{SHANGHAI, local_date};
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::offers::slots::rules::OPEN;
use crate::wishes::moves::carry_out;
use crate::wishes::record::{NewWish, check_words, write_down};
use crate::wishes::rules::Action as WishAction;
use crate::write::{Begun, Outcome, Request, Write, id_of_new};

const OFFER: &str = "the offer of a slot that is to be booked";

/// For whom a slot is booked.
#[derive(Clone, Debug, Serialize)]
pub enum For {
    /// A wish that is written down.
    Wish(Uuid),
    /// A household, whose wish is written down with it.
    Household {
        /// The household.
        id: Uuid,
        /// What it wishes for; the offer's title where absent.
        words: Option<String>,
        /// What else whoever goes there must know.
        notes: Option<String>,
    },
}

/// A slot to be booked.
#[derive(Clone, Debug, Serialize)]
pub struct NewBooking {
    /// The id the phone chose.
    pub id: Option<Uuid>,
    /// The slot.
    pub slot: Uuid,
    /// For whom.
    pub whom: For,
    /// Who of the household asks for it.
    pub on_behalf_of: Option<Uuid>,
    /// How the household said it.
    pub how: AskedHow,
}

/// Books a slot for a household: at once while places remain and nobody waits, else on the waitlist. Needs
/// `BOOKING_MAKE` where it lives.
///
/// Refused: `UUID_INVALID`, `ID_TAKEN`, `NOT_FOUND`, `NOT_PERMITTED`, `NO_LONGER_HERE`, `RESIDENT_ELSEWHERE`,
/// `ELIGIBILITY_BY_STAFF`, `NOT_ELIGIBLE`, `OUTSIDE_OFFER_AREA`, `OFFER_UNAVAILABLE`, `SLOT_CANCELLED`, `SLOT_BEGUN`,
/// `ALREADY_BOOKED`, `WISH_UNFIT`.
pub async fn book(cx: &Cx, new: NewBooking, key: Option<Uuid>) -> Result<Outcome> {
    let write = match Write::begin(cx, Request::new("bookSlot", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let actor = cx.actor()?;
    actor.require(Permission::BookingMake)?;
    let id = id_of_new(cx, new.id)?;
    let tx = write.tx();
    let wish = match new.whom {
        For::Wish(id) => Some(wish_of(cx, tx, id).await?),
        For::Household { .. } => None,
    };
    let (home, grant) = home(cx, &write, (&new.whom, wish.as_ref())).await?;
    // With the household held, the same booking at once is waited for.
    let known = actor.scoped::<booking::Entity>(Permission::BookingMake);
    if let Some(known) = known.id(id).one(tx).await? {
        let is_same = is_same(&known, &new, &home);
        return write.made_before(id, is_same).await;
    }
    if let Some(resident) = new.on_behalf_of {
        lives_there(cx, tx, (resident, &home)).await?;
    }
    let (slot, offer) = slot_for(cx, tx, (new.slot, &home)).await?;
    let day = local_date(slot.starts_at, SHANGHAI);
    fit::check(cx, tx, (&offer, &home, day)).await?;
    let Some(slot) = places::draw(&cx.app, tx, (&slot, home.area_id)).await? else {
        return Err(undrawn(cx, tx, (&slot, &home)).await?);
    };
    let (wish, written) = match wish {
        Some(wish) => (wish, None),
        None => record(cx, tx, &grant, (&home, &new, &offer)).await?,
    };
    let row = row(cx, (id, &new), (&slot, &offer), (&home, &wish))?;
    let inserted = insert_new(tx, &grant, row).await.map_err(|error| {
        error
            .where_unique("wish_id", Code::WishUnfit, "wishId")
            .where_unique("household_id", Code::AlreadyBooked, "slotId")
    });
    let Some(booking) = inserted? else {
        return Err(Error::refused(Code::IdTaken).on("id"));
    };
    let mut changed = taken(cx, tx, &booking).await?;
    if let Some(written) = written {
        changed = vec![written];
    }
    if booking.status == SURE {
        changed.extend(ends::appoint(&cx.app, tx, &booking).await?);
    }
    let place = Some(booking.area_id);
    changed.push(Changed::new(ChangeKind::Booking, id, place));
    changed.extend(places::changed(&slot, &[]));
    let act = Act {
        action: "bookSlot",
        subject_kind: "Booking",
        subject_id: id,
        area_id: place,
        reason: None,
        fields: "status".to_owned(),
        details: serde_json::to_string(&new).ok(),
    };
    write.record_all(cx, act, &changed).await?;
    let outcome = Outcome::of(id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The wish that is booked for, of a place where the actor may book.
async fn wish_of(cx: &Cx, tx: &Tx, id: Uuid) -> Result<wish::Model> {
    let scoped = cx.actor()?.scoped::<wish::Entity>(Permission::BookingMake);
    let found = scoped.id(id).one(tx).await?;
    found.ok_or_else(|| Error::refused(Code::NotFound).on("wishId"))
}

/// The household that is booked for, held, with the proof that the actor may book for it.
async fn home(
    cx: &Cx,
    write: &Write,
    (whom, wish): (&For, Option<&wish::Model>),
) -> Result<(household::Model, Grant)> {
    let (id, field) = match (whom, wish) {
        (For::Household { id, .. }, _) => (*id, "householdId"),
        (For::Wish(_), Some(wish)) => (wish.household_id, "wishId"),
        (For::Wish(_), None) => return Err(Error::internal("a wish that was not looked for")),
    };
    let (make, read) = (Permission::BookingMake, Permission::HouseholdRead);
    let found = write.to_refer_to::<household::Entity>(cx, id, make, read);
    let (home, grant) = found.await.map_err(|error| error.on(field))?;
    if home.closed_on.is_some() {
        return Err(Error::refused(Code::NoLongerHere).on(field));
    }
    Ok((home, grant))
}

/// Refuses whoever does not live in the household: `NOT_FOUND`, `RESIDENT_ELSEWHERE`, `NO_LONGER_HERE`.
async fn lives_there(cx: &Cx, tx: &Tx, (resident, home): (Uuid, &household::Model)) -> Result<()> {
    let scoped = cx
        .actor()?
        .scoped::<resident::Entity>(Permission::BookingMake);
    let code = match scoped.id(resident).one(tx).await? {
        None => Code::NotFound,
        Some(resident) if resident.household_id != home.id => Code::ResidentElsewhere,
        Some(resident) if resident.deceased_on.is_some() => Code::NoLongerHere,
        Some(_) => return Ok(()),
    };
    Err(Error::refused(code).on("onBehalfOfId"))
}

/// The slot with its offer, for a household of which it may be asked: what is no offer to anybody here is
/// not found.
async fn slot_for(
    cx: &Cx,
    tx: &Tx,
    (id, home): (Uuid, &household::Model),
) -> Result<(service_slot::Model, service_offer::Model)> {
    let not_found = || Error::refused(Code::NotFound).on("slotId");
    let slot = places::look(tx, id).await?.ok_or_else(not_found)?;
    let offer = service_offer::Entity::find_by_id(slot.offer_id)
        .one(&tx.unscoped(OFFER))
        .await?
        .ok_or_else(|| Error::internal("a slot without its offer"))?;
    if offer.published_at.is_none() {
        return Err(not_found());
    }
    if !places::reaches(cx.actor()?, tx, (&slot, home.area_id)).await? {
        return Err(not_found());
    }
    Ok((slot, offer))
}

/// Writes the wish of a household down that books without one.
async fn record(
    cx: &Cx,
    tx: &Tx,
    grant: &Grant,
    (home, new, offer): (&household::Model, &NewBooking, &service_offer::Model),
) -> Result<(wish::Model, Option<Changed>)> {
    let (words, notes) = match &new.whom {
        For::Household { words, notes, .. } => (words.clone(), notes.clone()),
        For::Wish(_) => (None, None),
    };
    if let Some(words) = &words {
        check_words(words)?;
    }
    let wish = NewWish {
        resident: new.on_behalf_of,
        category: offer.category,
        words: words.unwrap_or_else(|| offer.title.clone()),
        notes,
        urgency: WishUrgency::Normal,
        how: new.how,
        visit_task: None,
        expires_on: None::<NaiveDate>,
        hands: offer.hands,
    };
    let id = cx.app.clock.new_id();
    let written = write_down(cx, tx, grant, (home, id, wish)).await?;
    let (wish, changed) = written.ok_or_else(|| Error::internal("a new id that is taken"))?;
    Ok((wish, Some(changed)))
}

/// The row of a booking whose ticket was drawn: who sees nobody wait has a place.
fn row(
    cx: &Cx,
    (id, new): (Uuid, &NewBooking),
    (slot, offer): (&service_slot::Model, &service_offer::Model),
    (home, wish): (&household::Model, &wish::Model),
) -> Result<booking::ActiveModel> {
    let now = cx.app.clock.now();
    let status = first(slot.waiting == 0, offer.needs_confirmation);
    Ok(booking::ActiveModel {
        id: Set(id),
        slot_id: Set(slot.id),
        offer_id: Set(slot.offer_id),
        partner_id: Set(slot.partner_id),
        wish_id: Set(wish.id),
        household_id: Set(home.id),
        resident_id: Set(new.on_behalf_of),
        area_id: Set(home.area_id),
        grid_id: Set(home.grid_id),
        status: Set(status),
        ticket: Set(slot.last_ticket),
        is_single: Set(offer.is_single),
        starts_at: Set(slot.starts_at),
        ends_at: Set(slot.ends_at),
        how: Set(new.how),
        booked_by: Set(cx.actor()?.account),
        confirmed_at: Set((status == SURE).then_some(now)),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    })
}

/// Takes the wish of a booking on.
async fn taken(cx: &Cx, tx: &Tx, booking: &booking::Model) -> Result<Vec<Changed>> {
    use wish::Column as W;
    let values = vec![
        (W::OfferId, Expr::value(booking.offer_id)),
        (W::PartnerId, Expr::value(booking.partner_id)),
        (W::StartsAt, Expr::value(booking.starts_at)),
        (W::EndsAt, Expr::value(booking.ends_at)),
    ];
    let action = (WishAction::Take, &[booking.wish_id][..]);
    let taken = carry_out(&cx.app, tx, action, values).await?;
    if taken.is_empty() {
        return Err(Error::refused(Code::WishUnfit).on("wishId"));
    }
    Ok(taken.iter().map(ends::wish_changed).collect())
}

/// Why no ticket was drawn.
async fn undrawn(
    cx: &Cx,
    tx: &Tx,
    (slot, home): (&service_slot::Model, &household::Model),
) -> Result<Error> {
    use service_slot::Column as C;
    let now = cx.app.clock.now();
    let holds = async |condition| -> Result<bool> {
        let found = service_slot::Entity::find_by_id(slot.id).filter(condition);
        Ok(found.one(&tx.unscoped(OFFER)).await?.is_some())
    };
    let code = if !holds(C::Status.eq(OPEN).into()).await? {
        Code::SlotCancelled
    } else if slot.starts_at <= now {
        Code::SlotBegun
    } else if !holds(places::is_offered(slot).into()).await? {
        Code::OfferUnavailable
    } else if !holds(places::is_within(slot, home.area_id)).await? {
        Code::OutsideOfferArea
    } else {
        // What stood in the way is gone by now.
        Code::VersionConflict
    };
    Ok(Error::refused(code).on("slotId"))
}

fn is_same(known: &booking::Model, new: &NewBooking, home: &household::Model) -> bool {
    let wish = match new.whom {
        For::Wish(id) => known.wish_id == id,
        For::Household { .. } => known.household_id == home.id,
    };
    wish && (known.slot_id, known.resident_id, known.how) == (new.slot, new.on_behalf_of, new.how)
}
