//! What can be done about slots and series.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::change::{self, Change};
use super::graphql::{ServiceSlot, SlotSeries};
use super::plan::{self, NewSlot};
use super::queries::{shown, some};
use super::reads;
use super::series::{self, NewSeries};
use crate::error::{Error, Result};
use crate::ids::{self, Id};
use crate::inputs::{Edit, optional_text, text, text_edit};
use crate::offers::mutations::offer_id;
use crate::scalars::{Date, DateTime, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, part_refused, settle, settle_on};
use crate::write::Outcome;

const PLACE: usize = 60;
const RULE: usize = 200;
const REASON: usize = 180;

/// A slot.
#[derive(Debug, InputObject)]
pub struct PlanSlotInput {
    /// A UUIDv7 that your device chose for it, so that a repeat is the same slot.
    id: Option<Uuid>,
    /// When it begins: ahead, at most 400 days, and while the offer is valid.
    starts_at: DateTime,
    /// When it ends, at most 24 hours later.
    ends_at: DateTime,
    /// Where it is, at most 60 characters; at home where absent.
    place: Option<String>,
    /// How many places it has, 1 to 500.
    capacity: i32,
}

/// Slots of an offer.
#[derive(Debug, InputObject)]
pub struct PlanSlotsInput {
    /// The offer.
    offer_id: ID,
    /// The slots, 1 to 100.
    slots: Vec<PlanSlotInput>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// A series of slots.
#[derive(Debug, InputObject)]
pub struct PlanSlotSeriesInput {
    /// A UUIDv7 that your device chose for it, so that a repeat is the same series.
    id: Option<Uuid>,
    /// The offer.
    offer_id: ID,
    /// On which days, as an RFC 5545 rule without DTSTART, at most 200 characters.
    recurrence: String,
    /// The first day, from which intervals are counted.
    starts_on: Date,
    /// The last day.
    ends_on: Option<Date>,
    /// Days that it leaves out, at most 100.
    #[graphql(default)]
    except_on: Vec<Date>,
    /// When a slot begins, in minutes after midnight in Shanghai.
    begin_minute: i32,
    /// How long a slot is, 1 to 1440 minutes.
    minutes: i32,
    /// Where it is, at most 60 characters; at home where absent.
    place: Option<String>,
    /// How many places a slot has, 1 to 500.
    capacity: i32,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What a series says instead; what is left out stays as it is, null takes away what may be absent.
#[derive(Clone, Debug, InputObject)]
pub struct SlotSeriesChangeInput {
    /// On which days, as an RFC 5545 rule without DTSTART, at most 200 characters.
    recurrence: Option<String>,
    /// The last day.
    ends_on: MaybeUndefined<Date>,
    /// The days that it leaves out, all of them, at most 100.
    except_on: Option<Vec<Date>>,
    /// When a slot begins, in minutes after midnight in Shanghai.
    begin_minute: Option<i32>,
    /// How long a slot is, 1 to 1440 minutes.
    minutes: Option<i32>,
    /// Where it is, at most 60 characters; at home where null.
    place: MaybeUndefined<String>,
    /// How many places a slot has, 1 to 500.
    capacity: Option<i32>,
}

/// What becomes of a series.
#[derive(Debug, InputObject)]
pub struct ChangeSlotSeriesInput {
    /// The series.
    series_id: ID,
    /// The version you saw.
    expected_version: i64,
    /// What it says instead.
    change: SlotSeriesChangeInput,
    /// Why, at most 180 characters: told at slots that are called off.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What is ended.
#[derive(Debug, InputObject)]
pub struct EndSlotSeriesInput {
    /// The series.
    series_id: ID,
    /// Why, at most 180 characters: told at slots that are called off.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of one slot.
#[derive(Debug, SimpleObject)]
pub struct SlotResult {
    /// The slot; absent where it was refused.
    slot: Option<ServiceSlot>,
    /// Why it was refused; empty when it was planned.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct PlanSlotsPayload {
    /// One for each slot, in the order of the input; absent where all were refused as a whole.
    results: Option<Vec<SlotResult>>,
    /// Why all were refused as a whole; empty when they were not.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct PlanSlotSeriesPayload {
    /// The series; absent where it was refused.
    series: Option<SlotSeries>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct ChangeSlotSeriesPayload {
    /// The series; the current one at a version conflict, absent where it was refused otherwise.
    series: Option<SlotSeries>,
    /// The slots that stayed as they were, since somebody has booked them or waits for them; absent where it was
    /// refused.
    spared: Option<Vec<ServiceSlot>>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct EndSlotSeriesPayload {
    /// The series; absent where it was refused.
    series: Option<SlotSeries>,
    /// The slots that stayed as they were, since somebody has booked them or waits for them; absent where it was
    /// refused.
    spared: Option<Vec<ServiceSlot>>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of slots and series.
#[derive(Debug, Default)]
pub struct SlotMutations;

#[Object]
impl SlotMutations {
    /// Plans slots of an offer, each judged by itself. Needs `OFFER_EDIT` of its partner.
    async fn plan_slots(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When, where and for how many.")] input: PlanSlotsInput,
    ) -> async_graphql::Result<PlanSlotsPayload> {
        let result = async {
            let offer = offer_id(&input.offer_id)?;
            let slots = input.slots.iter().map(new_slot);
            let slots = slots.collect::<Result<_>>()?;
            let key = input.idempotency_key.map(|key| key.0);
            plan::plan(cx(ctx), (offer, slots), key).await
        };
        let (results, user_errors) = results(ctx, result.await).await?;
        Ok(PlanSlotsPayload {
            results,
            user_errors,
        })
    }

    /// Plans the same slot again and again, and makes those of the next eight weeks. Needs `OFFER_EDIT` of the
    /// offer's partner.
    async fn plan_slot_series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "On which days, when, where and for how many.")]
        input: PlanSlotSeriesInput,
    ) -> async_graphql::Result<PlanSlotSeriesPayload> {
        let result = async {
            let key = input.idempotency_key.map(|key| key.0);
            series::plan(cx(ctx), new_series(input)?, key).await
        };
        let (id, user_errors) = settle_on(ctx, result.await)?;
        Ok(PlanSlotSeriesPayload {
            series: one(ctx, id).await?,
            user_errors,
        })
    }

    /// Changes a series and its slots to come, but for those that somebody has booked or waits for. Needs
    /// `OFFER_EDIT` of the offer's partner.
    async fn change_slot_series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it says instead, and why.")] input: ChangeSlotSeriesInput,
    ) -> async_graphql::Result<ChangeSlotSeriesPayload> {
        let result = async {
            let series = (series_id(&input.series_id)?, input.expected_version);
            let reason = text(&input.reason, REASON, "reason")?;
            let change = (input.change.change()?, reason);
            let key = input.idempotency_key.map(|key| key.0);
            change::change(cx(ctx), series, change, key).await
        };
        let (series, spared, user_errors) = settled(ctx, result.await).await?;
        Ok(ChangeSlotSeriesPayload {
            series,
            spared,
            user_errors,
        })
    }

    /// Ends a series and calls its slots to come off, but for those that somebody has booked or waits for. Needs
    /// `OFFER_EDIT` of the offer's partner.
    async fn end_slot_series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: EndSlotSeriesInput,
    ) -> async_graphql::Result<EndSlotSeriesPayload> {
        let result = async {
            let reason = text(&input.reason, REASON, "reason")?;
            let key = input.idempotency_key.map(|key| key.0);
            change::end(cx(ctx), series_id(&input.series_id)?, reason, key).await
        };
        let (series, spared, user_errors) = settled(ctx, result.await).await?;
        Ok(EndSlotSeriesPayload {
            series,
            spared,
            user_errors,
        })
    }
}

fn new_slot(input: &PlanSlotInput) -> Result<NewSlot> {
    Ok(NewSlot {
        id: input.id.map(|id| id.0),
        starts_at: input.starts_at.0,
        ends_at: input.ends_at.0,
        place: optional_text(input.place.as_deref(), PLACE, "slots")?,
        capacity: input.capacity,
    })
}

fn new_series(input: PlanSlotSeriesInput) -> Result<NewSeries> {
    Ok(NewSeries {
        id: input.id.map(|id| id.0),
        offer: offer_id(&input.offer_id)?,
        recurrence: text(&input.recurrence, RULE, "recurrence")?,
        starts_on: input.starts_on.0,
        ends_on: input.ends_on.map(|day| day.0),
        except: input.except_on.into_iter().map(|day| day.0).collect(),
        begin_minute: input.begin_minute,
        minutes: input.minutes,
        place: optional_text(input.place.as_deref(), PLACE, "place")?,
        capacity: input.capacity,
    })
}

impl SlotSeriesChangeInput {
    /// As services take it.
    pub(super) fn change(self) -> Result<Change> {
        let recurrence = self.recurrence.as_deref();
        let recurrence = recurrence.map(|rule| text(rule, RULE, "recurrence"));
        let except = self.except_on;
        Ok(Change {
            recurrence: recurrence.transpose()?,
            ends_on: Edit::from(self.ends_on).map(|day| day.0),
            except: except.map(|days| days.into_iter().map(|day| day.0).collect()),
            begin_minute: self.begin_minute,
            minutes: self.minutes,
            place: text_edit(self.place, PLACE, "place")?,
            capacity: self.capacity,
        })
    }
}

pub(super) fn series_id(id: &ID) -> Result<uuid::Uuid> {
    Id::<ids::SlotSeries>::parse(id, "seriesId").map(Id::uuid)
}

async fn one(
    ctx: &Context<'_>,
    id: Option<uuid::Uuid>,
) -> async_graphql::Result<Option<SlotSeries>> {
    let Some(id) = id else {
        return Ok(None);
    };
    let found = reads::one_series(cx(ctx), id).await.at_edge(ctx)?;
    Ok(found.map(SlotSeries::new))
}

type Settled = (Option<SlotSeries>, Option<Vec<ServiceSlot>>, Vec<UserError>);

/// The series as it is now, the slots that were spared, and why it was refused.
async fn settled(ctx: &Context<'_>, result: Result<Outcome>) -> async_graphql::Result<Settled> {
    let conflict = match &result {
        Err(Error::Conflict(id)) => Some(*id),
        _ => None,
    };
    let (outcome, user_errors) = settle(ctx, result)?;
    let ids = outcome.map(|outcome| outcome.ids);
    let series = ids.as_ref().and_then(|ids| ids.first().copied());
    let series = one(ctx, series.or(conflict)).await?;
    let spared = match ids {
        Some(ids) => Some(
            shown(cx(ctx), ids.get(1..).unwrap_or_default())
                .await
                .at_edge(ctx)?,
        ),
        None => None,
    };
    Ok((series, spared, user_errors))
}

/// One result for each slot, in order.
async fn results(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<Vec<SlotResult>>, Vec<UserError>)> {
    let (outcome, user_errors) = settle(ctx, result)?;
    let Some(outcome) = outcome else {
        return Ok((None, user_errors));
    };
    let seen = some(cx(ctx), &outcome.ids).await.at_edge(ctx)?;
    let each = outcome.ids.iter().zip(&outcome.codes);
    let results = each.map(|(id, code)| SlotResult {
        slot: match code {
            None => seen
                .iter()
                .find(|(key, _)| key == id)
                .map(|(_, slot)| slot.clone()),
            Some(_) => None,
        },
        user_errors: code.iter().map(|code| part_refused(ctx, *code)).collect(),
    });
    Ok((Some(results.collect()), user_errors))
}
