//! Mutations that do the same to many, each by itself.

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, SimpleObject};

use crate::error::{Code, Error, Result};
use crate::ids::{self, Id};
use crate::inputs::optional_text;
use crate::meals::graphql::{Meal, MealBatch, MealList, MealRecipient};
use crate::meals::recipients::Adding;
use crate::meals::ticks::Ticks;
use crate::meals::{queries, reads};
use crate::scalars::{DateTime, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, part_refused, settle};
use crate::visits::graphql::{AttemptReason, VisitOutcome, VisitTask};
use crate::visits::queries::columns;
use crate::visits::reports::contacts::Said;
use crate::visits::reports::ticks::Tick;
use crate::visits::reports::{Attempt, Checklist, Report};
use crate::visits::service;
use crate::write::Outcome;

const NOTES: usize = 2000;

/// Who is put on a list.
#[derive(Debug, InputObject)]
pub struct AddMealRecipientsInput {
    /// The list.
    pub(super) meal_list_id: ID,
    /// The people, 1 to 100, enrolled and living in the list's area.
    resident_ids: Vec<ID>,
    /// Which meals they get, of those the list serves.
    meals: Vec<Meal>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct AddMealRecipientsPayload {
    /// The list as it is now; absent where it was refused as a whole.
    meal_list: Option<MealList>,
    /// One for each person, in the order of the input; absent where it was refused as a whole.
    results: Option<Vec<MealRecipientResult>>,
    /// Why it was refused as a whole; empty when it was not.
    user_errors: Vec<UserError>,
}

/// What came of one person.
#[derive(Debug, SimpleObject)]
pub struct MealRecipientResult {
    /// The recipient; absent where it was refused.
    meal_recipient: Option<MealRecipient>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

impl AddMealRecipientsInput {
    /// As the service takes it, with the key.
    pub(super) fn into_adding(self) -> Result<(Adding, Option<uuid::Uuid>)> {
        let people = self.resident_ids.iter();
        let people = people.map(|id| Id::<ids::Resident>::parse(id, "residentIds").map(Id::uuid));
        let adding = Adding {
            list: Id::<ids::MealList>::parse(&self.meal_list_id, "mealListId")?.uuid(),
            residents: people.collect::<Result<_>>()?,
            meals: self.meals.into_iter().map(Into::into).collect(),
        };
        Ok((adding, self.idempotency_key.map(|key| key.0)))
    }
}

impl AddMealRecipientsPayload {
    /// What came of it, on this list.
    pub(super) async fn of(
        ctx: &Context<'_>,
        list: Result<uuid::Uuid>,
        result: Result<Outcome>,
    ) -> async_graphql::Result<Self> {
        let (outcome, user_errors) = settle(ctx, result)?;
        let (Some(outcome), Ok(list)) = (outcome, list) else {
            return Ok(Self {
                meal_list: None,
                results: None,
                user_errors,
            });
        };
        let seen = reads::list(cx(ctx), list, true).await.at_edge(ctx)?;
        let fed = seen.iter().flat_map(|seen| &seen.fed);
        let mut fed: HashMap<uuid::Uuid, _> = fed.map(|fed| (fed.row.id, fed.clone())).collect();
        let mut results = Vec::with_capacity(outcome.ids.len());
        for (id, code) in outcome.ids.iter().zip(&outcome.codes) {
            let shown = fed.remove(id).map(|fed| MealRecipient::new(cx(ctx), fed));
            results.push(MealRecipientResult {
                meal_recipient: shown.transpose().at_edge(ctx)?,
                user_errors: code.iter().map(|code| part_refused(ctx, *code)).collect(),
            });
        }
        let meal_list = seen.map(|seen| MealList::new(cx(ctx), seen));
        Ok(Self {
            meal_list: meal_list.transpose().at_edge(ctx)?,
            results: Some(results),
            user_errors,
        })
    }
}

/// What came of the doors of a batch.
#[derive(Debug, InputObject)]
pub struct TickMealDoorsInput {
    /// The batch.
    pub(super) meal_batch_id: ID,
    /// The doors, 1 to 50.
    doors: Vec<MealDoorInput>,
    /// Your phone's clock as it sends this.
    phone_time: Option<DateTime>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of one door; either an outcome or why nobody was met.
#[derive(Debug, InputObject)]
pub struct MealDoorInput {
    /// The door.
    visit_task_id: ID,
    /// What was found, in person.
    outcome: Option<VisitOutcome>,
    /// Why nobody was met; the door stays yours.
    attempt_reason: Option<AttemptReason>,
    /// When, by your clock, on the day of the batch; now where absent.
    occurred_at: Option<DateTime>,
    /// What else there is to say, at most 2000 characters.
    notes: Option<String>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct TickMealDoorsPayload {
    /// The batch as it is now; absent where it was refused as a whole.
    meal_batch: Option<MealBatch>,
    /// One for each door, in the order of the input; absent where it was refused as a whole.
    results: Option<Vec<MealDoorResult>>,
    /// Why it was refused as a whole; empty when it was not.
    user_errors: Vec<UserError>,
}

/// What came of one door.
#[derive(Debug, SimpleObject)]
pub struct MealDoorResult {
    /// The door; of a late report perhaps the visit that follows it; absent where it was refused.
    visit_task: Option<VisitTask>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

impl TickMealDoorsInput {
    /// As the service takes it, with the key.
    pub(super) fn into_ticks(self) -> Result<(Ticks, Option<uuid::Uuid>)> {
        let phone_time = self.phone_time.map(|at| at.0);
        let doors = self.doors.iter().map(|door| tick(door, phone_time));
        let ticks = Ticks {
            batch: Id::<ids::MealBatch>::parse(&self.meal_batch_id, "mealBatchId")?.uuid(),
            doors: doors.collect::<Result<_>>()?,
        };
        Ok((ticks, self.idempotency_key.map(|key| key.0)))
    }
}

fn tick(input: &MealDoorInput, phone_time: Option<chrono::DateTime<chrono::Utc>>) -> Result<Tick> {
    let notes = optional_text(input.notes.as_deref(), NOTES, "doors.notes")?;
    let occurred_at = input.occurred_at.map(|at| at.0);
    let said = match (input.outcome, input.attempt_reason) {
        (Some(outcome), None) => Said::Report(Box::new(Report {
            outcome: outcome.into(),
            method: entity::enums::VisitMethod::InPerson,
            notes,
            started_at: None,
            occurred_at,
            ended_at: None,
            wellbeing: Checklist::default(),
            needs: None,
            proposed_tier: None,
            arrival_code: None,
            position: None,
            phone_time,
        })),
        (None, Some(reason)) => Said::Attempt(Attempt {
            reason: reason.into(),
            occurred_at,
            retry_at: None,
            notes,
            phone_time,
        }),
        _ => return Err(Error::refused(Code::Required).on("doors.outcome")),
    };
    Ok(Tick {
        door: Id::<ids::VisitTask>::parse(&input.visit_task_id, "doors.visitTaskId")?.uuid(),
        said,
    })
}

impl TickMealDoorsPayload {
    /// What came of it, on this batch.
    pub(super) async fn of(
        ctx: &Context<'_>,
        batch: Result<uuid::Uuid>,
        result: Result<Outcome>,
    ) -> async_graphql::Result<Self> {
        let (outcome, user_errors) = settle(ctx, result)?;
        let (Some(outcome), Ok(batch)) = (outcome, batch) else {
            return Ok(Self {
                meal_batch: None,
                results: None,
                user_errors,
            });
        };
        let asked = ctx.look_ahead();
        let columns = columns(&asked.field("results").field("visitTask"));
        let tasks = service::some(cx(ctx), &outcome.ids, columns)
            .await
            .at_edge(ctx)?;
        let shown = |id: &uuid::Uuid| {
            let task = tasks.iter().find(|seen| seen.task.id == *id)?;
            Some(VisitTask::new(cx(ctx), task.clone()))
        };
        let doors = outcome.ids.iter().zip(&outcome.codes);
        let results = doors.map(|(id, code)| MealDoorResult {
            visit_task: shown(id),
            user_errors: code.iter().map(|code| part_refused(ctx, *code)).collect(),
        });
        let results = Some(results.collect());
        let meal_batch = queries::batch(ctx, batch, &asked.field("mealBatch")).await;
        Ok(Self {
            meal_batch: meal_batch.at_edge(ctx)?,
            results,
            user_errors,
        })
    }
}
