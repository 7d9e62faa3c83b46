//! What can be done about bookings, and about slots that are booked.

use async_graphql::{Context, Object, SimpleObject};

use self::inputs::{
    AcceptBookingInput, BookSlotInput, CancelBookingInput, CancelSlotInput,
    ChangeSlotCapacityInput, ConfirmBookingInput, DeclineBookingInput, MarkNoShowInput,
};
use super::book::{self, For, NewBooking};
use super::graphql::Booking;
use super::queries::{one, placed, some_of};
use super::rules::Step;
use super::slots::{self, Resize};
use super::step::{self, Call};
use crate::error::{Code, Error, Result};
use crate::ids::{self, Id};
use crate::inputs::{optional_text, text};
use crate::offers;
use crate::offers::slots::graphql::ServiceSlot;
use crate::schema::{AtEdge as _, UserError, cx, settle, settle_on};
use crate::write::Outcome;

mod inputs;

const REASON: usize = 180;
const WORDS: usize = 300;
const NOTES: usize = 500;

macro_rules! payloads {
    ($($name:ident)*) => {
        $(
            /// What came of it.
            #[derive(Debug, SimpleObject)]
            pub struct $name {
                /// The booking as it is now; absent where it was refused, but for a version conflict.
                booking: Option<Booking>,
                /// Why it was refused; empty when it was done.
                user_errors: Vec<UserError>,
            }

            impl $name {
                async fn of(
                    ctx: &Context<'_>,
                    result: Result<Outcome>,
                ) -> async_graphql::Result<Self> {
                    let (id, user_errors) = settle_on(ctx, result)?;
                    let booking = match id {
                        Some(id) => one(ctx, id, &ctx.look_ahead().field("booking"))
                            .await
                            .at_edge(ctx)?,
                        None => None,
                    };
                    Ok(Self { booking, user_errors })
                }
            }
        )*
    };
}

payloads! {
    BookSlotPayload
    ConfirmBookingPayload
    AcceptBookingPayload
    CancelBookingPayload
    DeclineBookingPayload
    MarkNoShowPayload
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct ChangeSlotCapacityPayload {
    /// The slot as it is now; absent where it was refused, but for a version conflict.
    slot: Option<ServiceSlot>,
    /// The first hundred bookings that hold a place, by ticket, where there are more than the capacity asked for.
    booked: Option<Vec<Booking>>,
    /// For whom a place is held now, the first first; absent where it was refused.
    promoted: Option<Vec<Booking>>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct CancelSlotPayload {
    /// The slot as it is now; absent where it was refused.
    slot: Option<ServiceSlot>,
    /// The bookings that ended with it, by ticket; absent where it was refused.
    ended: Option<Vec<Booking>>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The part of a call that every step's input shares.
macro_rules! call {
    ($input:ident, $reason:expr, $how:expr) => {
        Call {
            booking: Id::<ids::Booking>::parse(&$input.booking_id, "bookingId")?.uuid(),
            expected_version: $input.expected_version,
            reason: $reason,
            how: $how,
        }
    };
}

/// Mutations of bookings.
#[derive(Debug, Default)]
pub struct BookingMutations;

#[Object]
impl BookingMutations {
    /// Books a slot for a household, at once or on its waitlist. Needs `BOOKING_MAKE` where it lives.
    async fn book_slot(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which slot, for whom.")] input: BookSlotInput,
    ) -> async_graphql::Result<BookSlotPayload> {
        let key = input.idempotency_key.map(|key| key.0);
        let result = async { book::book(cx(ctx), new_booking(input)?, key).await };
        BookSlotPayload::of(ctx, result.await).await
    }

    /// Confirms a booking that was requested. Needs `BOOKING_DECIDE`; a partner's people those of their own offers.
    async fn confirm_booking(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which booking.")] input: ConfirmBookingInput,
    ) -> async_graphql::Result<ConfirmBookingPayload> {
        let result = async {
            let key = input.idempotency_key.map(|key| key.0);
            step::take(cx(ctx), Step::Confirm, call!(input, None, None), key).await
        };
        ConfirmBookingPayload::of(ctx, result.await).await
    }

    /// Takes the place that became free, for the household. Needs `BOOKING_MAKE` where it lives.
    async fn accept_booking(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which booking.")] input: AcceptBookingInput,
    ) -> async_graphql::Result<AcceptBookingPayload> {
        let result = async {
            let key = input.idempotency_key.map(|key| key.0);
            let how = Some(input.how.into());
            step::take(cx(ctx), Step::Accept, call!(input, None, how), key).await
        };
        AcceptBookingPayload::of(ctx, result.await).await
    }

    /// Calls a booking off because the household does not want it, a confirmed one until its offer's cut-off.
    /// Needs `BOOKING_MAKE` where it lives.
    async fn cancel_booking(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which booking, and why.")] input: CancelBookingInput,
    ) -> async_graphql::Result<CancelBookingPayload> {
        let result = async {
            let key = input.idempotency_key.map(|key| key.0);
            let reason = Some(text(&input.reason, REASON, "reason")?);
            let how = Some(input.how.into());
            step::take(cx(ctx), Step::Cancel, call!(input, reason, how), key).await
        };
        CancelBookingPayload::of(ctx, result.await).await
    }

    /// Calls a booking off on the partner's or the community's side, at any time. Needs `BOOKING_DECIDE`; a
    /// partner's people those of their own offers.
    async fn decline_booking(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which booking, and why.")] input: DeclineBookingInput,
    ) -> async_graphql::Result<DeclineBookingPayload> {
        let result = async {
            let key = input.idempotency_key.map(|key| key.0);
            let reason = Some(text(&input.reason, REASON, "reason")?);
            step::take(cx(ctx), Step::Decline, call!(input, reason, None), key).await
        };
        DeclineBookingPayload::of(ctx, result.await).await
    }

    /// Notes that nobody was there, once the slot has begun. Needs `BOOKING_DECIDE`; a partner's people those of
    /// their own offers.
    async fn mark_no_show(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which booking.")] input: MarkNoShowInput,
    ) -> async_graphql::Result<MarkNoShowPayload> {
        let result = async {
            let key = input.idempotency_key.map(|key| key.0);
            let reason = optional_text(input.reason.as_deref(), REASON, "reason")?;
            step::take(cx(ctx), Step::Miss, call!(input, reason, None), key).await
        };
        MarkNoShowPayload::of(ctx, result.await).await
    }

    /// Changes how many a slot takes; more places go to whoever waits, in order. Needs `OFFER_EDIT`; a partner's
    /// people those of their own offers.
    async fn change_slot_capacity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which slot, and how many.")] input: ChangeSlotCapacityInput,
    ) -> async_graphql::Result<ChangeSlotCapacityPayload> {
        let slot = Id::<ids::ServiceSlot>::parse(&input.slot_id, "slotId").map(Id::uuid);
        let result = async {
            let to = Resize {
                slot: slot?,
                capacity: input.capacity,
                expected_version: input.expected_version,
            };
            slots::change_capacity(cx(ctx), to, input.idempotency_key.map(|key| key.0)).await
        };
        let result = result.await;
        let conflict = match &result {
            Err(Error::Conflict(id)) => Some(*id),
            _ => None,
        };
        let (outcome, user_errors) = settle(ctx, result)?;
        let is_below = user_errors
            .iter()
            .any(|error| error.code == Code::CapacityBelowBooked);
        let booked = match Id::<ids::ServiceSlot>::parse(&input.slot_id, "slotId") {
            Ok(slot) if is_below => Some(placed(ctx, slot.uuid(), "booked").await.at_edge(ctx)?),
            _ => None,
        };
        let slot = outcome
            .as_ref()
            .and_then(|outcome| outcome.ids.first().copied());
        Ok(ChangeSlotCapacityPayload {
            slot: slot_of(ctx, slot.or(conflict)).await.at_edge(ctx)?,
            booked,
            promoted: some_of(ctx, outcome, "promoted").await.at_edge(ctx)?,
            user_errors,
        })
    }

    /// Calls a slot off: its bookings end, and their wishes are given back. Needs `OFFER_EDIT`; a partner's people
    /// those of their own offers.
    async fn cancel_slot(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which slot, and why.")] input: CancelSlotInput,
    ) -> async_graphql::Result<CancelSlotPayload> {
        let result = async {
            let slot = Id::<ids::ServiceSlot>::parse(&input.slot_id, "slotId")?.uuid();
            let reason = text(&input.reason, REASON, "reason")?;
            let key = input.idempotency_key.map(|key| key.0);
            slots::cancel(cx(ctx), slot, reason, key).await
        };
        let (outcome, user_errors) = settle(ctx, result.await)?;
        let slot = outcome
            .as_ref()
            .and_then(|outcome| outcome.ids.first().copied());
        Ok(CancelSlotPayload {
            slot: slot_of(ctx, slot).await.at_edge(ctx)?,
            ended: some_of(ctx, outcome, "ended").await.at_edge(ctx)?,
            user_errors,
        })
    }
}

/// The slot that a payload shows, if it is asked for.
async fn slot_of(ctx: &Context<'_>, id: Option<uuid::Uuid>) -> Result<Option<ServiceSlot>> {
    match id {
        Some(id) if ctx.look_ahead().field("slot").exists() => {
            let found = offers::slots::queries::some(cx(ctx), &[id]).await?.pop();
            Ok(found.map(|(_, slot)| slot))
        }
        _ => Ok(None),
    }
}

fn new_booking(input: BookSlotInput) -> Result<NewBooking> {
    let whom = match (&input.wish_id, &input.household_id) {
        (Some(wish), None) => For::Wish(Id::<ids::Wish>::parse(wish, "wishId")?.uuid()),
        (None, Some(household)) => For::Household {
            id: Id::<ids::Household>::parse(household, "householdId")?.uuid(),
            words: optional_text(input.words.as_deref(), WORDS, "words")?,
            notes: optional_text(input.notes.as_deref(), NOTES, "notes")?,
        },
        (None, None) => return Err(Error::refused(Code::Required).on("householdId")),
        (Some(_), Some(_)) => return Err(Error::refused(Code::OutOfRange).on("householdId")),
    };
    let on_behalf_of = input
        .on_behalf_of_id
        .map(|id| Id::<ids::Resident>::parse(&id, "onBehalfOfId"))
        .transpose()?;
    Ok(NewBooking {
        id: input.id.map(|id| id.0),
        slot: Id::<ids::ServiceSlot>::parse(&input.slot_id, "slotId")?.uuid(),
        whom,
        on_behalf_of: on_behalf_of.map(Id::uuid),
        how: input.how.into(),
    })
}
