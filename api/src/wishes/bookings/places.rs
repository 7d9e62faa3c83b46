//! The places of a slot: its row counts who holds one and who waits, and draws the tickets.
//!
//! One UPDATE of that row draws a ticket and decides, so whoever books at the same moment queues there.
//! Whatever else happens to a booking happens while its slot is held: then [`settle`] corrects the counts and
//! gives what became free to whoever waits longest, in the same transaction.

use chrono::NaiveDate;
use entity::enums::{BookingStatus, ChangeKind};
use entity::{
    area_closure, booking, offer_area, partner, partner_area, service_offer, service_slot,
};
use sea_orm::sea_query::{
    CaseStatement, Condition, Expr, ExprTrait as _, LockType, Order, Query, SelectStatement,
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use uuid::Uuid;

use super::rules::{Action, CALLED_OFF, HELD, QUEUED, held_until, holds_place};
use crate::access::actor::Actor;
use crate::access::policy::Permission;
use crate::changes::service::Changed;
use crate::clock::{SHANGHAI, local_date};
use crate::context::App;
use crate::db::{Handle as _, Tx};
use crate::error::{Error, Result};
use crate::offers::rules::SHOWN;
use crate::offers::slots::rules::OPEN;
use crate::partners::rules::LIVE;

const SLOT: &str =
    "the slot that a household may book, or of a booking that a scope or a job let through";
const QUEUE: &str = "whoever waits for a place of a slot that is held";

/// What bookings that ended gave back.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Freed {
    booked: i32,
    waiting: i32,
}

impl Freed {
    /// What a booking gives back that leaves one state for another.
    pub(super) fn by(before: BookingStatus, after: BookingStatus) -> Self {
        Self {
            booked: i32::from(holds_place(before)) - i32::from(holds_place(after)),
            waiting: i32::from(before == QUEUED) - i32::from(after == QUEUED),
        }
    }

    /// What bookings in these states give back with their end.
    pub(super) fn by_end(states: impl IntoIterator<Item = BookingStatus>) -> Self {
        let each = states.into_iter().map(|state| Self::by(state, CALLED_OFF));
        each.fold(Self::default(), |sum, one| Self {
            booked: sum.booked + one.booked,
            waiting: sum.waiting + one.waiting,
        })
    }
}

/// Draws the next ticket of a slot for a household at `home`, and with it a place, where one is free and
/// nobody waits for it, or a place in the queue: who sees `waiting` at 0 afterwards has a place. Absent where
/// the slot cannot be booked from there.
pub(super) async fn draw(
    app: &App,
    tx: &Tx,
    (slot, home): (&service_slot::Model, Uuid),
) -> Result<Option<service_slot::Model>> {
    use service_slot::Column as C;
    let now = app.clock.now();
    let is_free = || {
        Condition::all()
            .add(Expr::col(C::Booked).lt(Expr::col(C::Capacity)))
            .add(C::Waiting.eq(0))
    };
    let one_more = |column: C, gets: Condition| {
        CaseStatement::new()
            .case(gets, Expr::col(column).add(1))
            .finally(Expr::col(column))
    };
    let rows = service_slot::Entity::update_many()
        .col_expr(C::LastTicket, Expr::col(C::LastTicket).add(1))
        .col_expr(C::Booked, one_more(C::Booked, is_free()).into())
        .col_expr(C::Waiting, one_more(C::Waiting, is_free().not()).into())
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::value(now))
        .filter(C::Id.eq(slot.id))
        .filter(C::Status.eq(OPEN))
        .filter(C::StartsAt.gt(now))
        .filter(is_offered(slot))
        .filter(is_within(slot, home))
        .exec_with_returning(&tx.unscoped(SLOT))
        .await?;
    Ok(rows.into_iter().next())
}

/// That the offer of a slot is published for its day.
pub(super) fn is_offered(slot: &service_slot::Model) -> Expr {
    use service_offer::Column as O;
    let day: NaiveDate = local_date(slot.starts_at, SHANGHAI);
    let until = (service_offer::Entity, O::ValidUntilOn);
    Expr::exists(
        Query::select()
            .expr(Expr::value(1))
            .from(service_offer::Entity)
            .inner_join(
                partner::Entity,
                Expr::col((partner::Entity, partner::Column::Id))
                    .equals((service_offer::Entity, O::PartnerId)),
            )
            .and_where(Expr::col((service_offer::Entity, O::Id)).eq(slot.offer_id))
            .and_where(Expr::col((service_offer::Entity, O::Status)).eq(SHOWN))
            .and_where(Expr::col((partner::Entity, partner::Column::Status)).eq(LIVE))
            .and_where(Expr::col((service_offer::Entity, O::ValidFromOn)).lte(day))
            .and_where(Expr::col(until).is_null().or(Expr::col(until).gte(day)))
            .to_owned(),
    )
}

/// That a household at `home` lies in the areas of the offer, and in those that are opened to its partner.
pub(super) fn is_within(slot: &service_slot::Model, home: Uuid) -> Condition {
    Condition::all()
        .add(above(home, |select| {
            select
                .inner_join(
                    offer_area::Entity,
                    Expr::col((offer_area::Entity, offer_area::Column::AreaId))
                        .equals((area_closure::Entity, area_closure::Column::AncestorId)),
                )
                .and_where(
                    Expr::col((offer_area::Entity, offer_area::Column::OfferId)).eq(slot.offer_id),
                );
        }))
        .add(above(home, |select| {
            select
                .inner_join(
                    partner_area::Entity,
                    Expr::col((partner_area::Entity, partner_area::Column::AreaId))
                        .equals((area_closure::Entity, area_closure::Column::AncestorId)),
                )
                .and_where(
                    Expr::col((partner_area::Entity, partner_area::Column::PartnerId))
                        .eq(slot.partner_id),
                )
                .and_where(
                    Expr::col((partner_area::Entity, partner_area::Column::ClosedAt)).is_null(),
                );
        }))
}

/// That there is one of these areas at or above `home`.
fn above(home: Uuid, join: impl FnOnce(&mut SelectStatement)) -> Expr {
    let mut select = Query::select();
    select
        .expr(Expr::value(1))
        .from(area_closure::Entity)
        .and_where(Expr::col((area_closure::Entity, area_closure::Column::DescendantId)).eq(home));
    join(&mut select);
    Expr::exists(select)
}

/// Whether a slot is anything to the actor, or to a household at `home`: its offer's areas lie above the
/// household, or above or below where the actor sees offers.
pub(super) async fn reaches(
    actor: &Actor,
    tx: &Tx,
    (slot, home): (&service_slot::Model, Uuid),
) -> Result<bool> {
    let areas: Vec<Uuid> = offer_area::Entity::find()
        .select_only()
        .column(offer_area::Column::AreaId)
        .filter(offer_area::Column::OfferId.eq(slot.offer_id))
        .into_tuple()
        .all(&tx.unscoped(SLOT))
        .await?;
    let (tree, own) = (&actor.tree, actor.areas(Permission::OfferRead));
    Ok(areas.iter().any(|area| {
        let meets = |mine: &Uuid| tree.covers(*area, *mine) || tree.covers(*mine, *area);
        tree.covers(*area, home) || own.iter().any(meets)
    }))
}

/// A slot with nothing held of it, if there is one.
pub(super) async fn look(tx: &Tx, slot: Uuid) -> Result<Option<service_slot::Model>> {
    let found = service_slot::Entity::find_by_id(slot);
    Ok(found.one(&tx.unscoped(SLOT)).await?)
}

/// Holds a slot until the end, and with it the states of all its bookings.
pub(super) async fn hold(tx: &Tx, slot: Uuid) -> Result<service_slot::Model> {
    service_slot::Entity::find_by_id(slot)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.unscoped(SLOT))
        .await?
        .ok_or_else(|| Error::internal("a booking without its slot"))
}

/// Takes back what bookings of a held slot gave up, and gives what is free to whoever waits, in the order of
/// their tickets; those are returned, the first first. `slot` is its row as it was when it was held.
pub(super) async fn settle(
    app: &App,
    tx: &Tx,
    (slot, freed): (&service_slot::Model, Freed),
) -> Result<Vec<booking::Model>> {
    use service_slot::Column as C;
    let now = app.clock.now();
    let free = slot.capacity - (slot.booked - freed.booked);
    let goes_on = slot.status == OPEN && slot.starts_at > now;
    let next = if goes_on {
        Ord::min(free, slot.waiting - freed.waiting)
    } else {
        0
    };
    let promoted = match u64::try_from(next) {
        // Nobody is given a place with a partner that serves no more.
        Ok(next) if next > 0 && serves(tx, slot.partner_id).await? => {
            promote(app, tx, (slot, next)).await?
        }
        _ => Vec::new(),
    };
    let gained = i32::try_from(promoted.len()).unwrap_or(i32::MAX);
    let (booked, waiting) = (gained - freed.booked, gained + freed.waiting);
    if (booked, waiting) != (0, 0) {
        service_slot::Entity::update_many()
            .col_expr(C::Booked, Expr::col(C::Booked).add(booked))
            .col_expr(C::Waiting, Expr::col(C::Waiting).sub(waiting))
            .col_expr(C::Version, Expr::col(C::Version).add(1))
            .col_expr(C::UpdatedAt, Expr::value(now))
            .filter(C::Id.eq(slot.id))
            .exec(&tx.unscoped(SLOT))
            .await?;
    }
    Ok(promoted)
}

/// Whether a partner works with the community.
async fn serves(tx: &Tx, partner: Uuid) -> Result<bool> {
    let found = partner::Entity::find_by_id(partner)
        .filter(partner::Column::Status.eq(LIVE))
        .select_only()
        .column(partner::Column::Id)
        .into_tuple::<Uuid>();
    Ok(found.one(&tx.unscoped(SLOT)).await?.is_some())
}

/// Holds a place for each of the `next` bookings that wait longest.
async fn promote(
    app: &App,
    tx: &Tx,
    (slot, next): (&service_slot::Model, u64),
) -> Result<Vec<booking::Model>> {
    use booking::Column as B;
    let now = app.clock.now();
    let minutes = service_offer::Entity::find_by_id(slot.offer_id)
        .select_only()
        .column(service_offer::Column::ConfirmMinutes)
        .into_tuple::<i32>()
        .one(&tx.unscoped(SLOT))
        .await?
        .ok_or_else(|| Error::internal("a slot without its offer"))?;
    let waits: Vec<BookingStatus> = Action::Promote.from().collect();
    let first = Query::select()
        .column(B::Id)
        .from(booking::Entity)
        .and_where(B::SlotId.eq(slot.id))
        .and_where(B::Status.is_in(waits.clone()))
        .order_by(B::Ticket, Order::Asc)
        .limit(next)
        .to_owned();
    let mut promoted = booking::Entity::update_many()
        .col_expr(B::Status, Expr::value(HELD))
        .col_expr(
            B::ConfirmUntil,
            Expr::value(held_until(now, minutes, slot.starts_at)),
        )
        .col_expr(B::Version, Expr::col(B::Version).add(1))
        .col_expr(B::UpdatedAt, Expr::value(now))
        .filter(B::Id.in_subquery(first))
        .filter(B::Status.is_in(waits))
        .exec_with_returning(&tx.unscoped(QUEUE))
        .await?;
    promoted.sort_unstable_by_key(|booking| booking.ticket);
    Ok(promoted)
}

/// What is announced of a slot and of its bookings.
pub(super) fn changed(slot: &service_slot::Model, bookings: &[booking::Model]) -> Vec<Changed> {
    let mut changed: Vec<Changed> = bookings.iter().map(announced).collect();
    let (kind, place) = (ChangeKind::ServiceSlot, Some(slot.area_id));
    changed.push(Changed::in_place(kind, slot.id, place));
    changed
}

/// What is announced of a booking that moved where it is.
pub(super) fn announced(booking: &booking::Model) -> Changed {
    let (kind, place) = (ChangeKind::Booking, Some(booking.area_id));
    Changed::in_place(kind, booking.id, place)
}
