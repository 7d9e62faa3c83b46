//! A round of calls as phones send it, and what they get back.

use async_graphql::{Context, ID, InputObject, SimpleObject};

use super::super::graphql::WellbeingInput;
use super::super::mutations::{NEEDS, NOTES};
use super::super::{Attempt, Report};
use super::{Contact, Said};
use crate::error::{Code, Error, Result};
use crate::ids::{self, Id};
use crate::inputs::optional_text;
use crate::scalars::{DateTime, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, part_refused, settle};
use crate::visits::graphql::{AttemptReason, VisitMethod, VisitOutcome, VisitTask};
use crate::visits::queries::columns;
use crate::visits::service;
use crate::write::Outcome;

/// A round of calls.
#[derive(Debug, InputObject)]
pub struct RecordContactsInput {
    /// The calls, 1 to 50.
    contacts: Vec<ContactInput>,
    /// Your phone's clock as it sends this: where it is more than five minutes off, and at most a day,
    /// the times of the calls are set right by it.
    phone_time: Option<DateTime>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// One call of a round; either an outcome or why nobody was met.
#[derive(Debug, InputObject)]
pub struct ContactInput {
    /// A UUIDv7 that your device chose for the record, so that a repeat is the same record.
    id: Option<Uuid>,
    /// Who was called.
    resident_id: ID,
    /// How the person was met, with an outcome.
    #[graphql(default_with = "VisitMethod::Phone")]
    method: VisitMethod,
    /// What was found.
    outcome: Option<VisitOutcome>,
    /// Why nobody was met.
    attempt_reason: Option<AttemptReason>,
    /// When, by your clock; now where absent, at most seven days ago.
    occurred_at: Option<DateTime>,
    /// What else there is to say, at most 2000 characters.
    notes: Option<String>,
    /// How the person's life was found.
    wellbeing: Option<WellbeingInput>,
    /// What is needed, at most 500 characters.
    needs: Option<String>,
}

/// What came of a round.
#[derive(Debug, SimpleObject)]
pub struct RecordContactsPayload {
    /// One for each call, in the order of the input; absent where the round was refused as a whole.
    results: Option<Vec<ContactResult>>,
    /// Why the round was refused as a whole; empty when it was not.
    user_errors: Vec<UserError>,
}

/// What came of one call.
#[derive(Debug, SimpleObject)]
pub struct ContactResult {
    /// The task that the call settled, or that it became; absent where it was refused.
    visit_task: Option<VisitTask>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

impl RecordContactsInput {
    /// The calls as the service takes them, with their key.
    pub fn into_contacts(self) -> Result<(Vec<Contact>, Option<uuid::Uuid>)> {
        let phone_time = self.phone_time.map(|at| at.0);
        let contacts = self
            .contacts
            .iter()
            .map(|contact| said(contact, phone_time));
        let contacts: Result<Vec<Contact>> = contacts.collect();
        Ok((contacts?, self.idempotency_key.map(|key| key.0)))
    }
}

impl RecordContactsPayload {
    /// What came of a round.
    pub async fn of(ctx: &Context<'_>, result: Result<Outcome>) -> async_graphql::Result<Self> {
        let (outcome, user_errors) = settle(ctx, result)?;
        let results = match outcome {
            Some(outcome) => Some(results(ctx, &outcome).await?),
            None => None,
        };
        Ok(Self {
            results,
            user_errors,
        })
    }
}

/// A call as the service takes it.
fn said(
    input: &ContactInput,
    phone_time: Option<chrono::DateTime<chrono::Utc>>,
) -> Result<Contact> {
    let notes = optional_text(input.notes.as_deref(), NOTES, "contacts.notes")?;
    let occurred_at = input.occurred_at.map(|at| at.0);
    let said = match (input.outcome, input.attempt_reason) {
        (Some(outcome), None) => Said::Report(Box::new(Report {
            outcome: outcome.into(),
            method: input.method.into(),
            notes,
            started_at: None,
            occurred_at,
            ended_at: None,
            wellbeing: input.wellbeing.unwrap_or_default().into(),
            needs: optional_text(input.needs.as_deref(), NEEDS, "contacts.needs")?,
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
        _ => return Err(Error::refused(Code::Required).on("contacts.outcome")),
    };
    Ok(Contact {
        id: input.id.map(|id| id.0),
        resident: Id::<ids::Resident>::parse(&input.resident_id, "contacts.residentId")?.uuid(),
        said,
    })
}

/// One result for each call, in order.
async fn results(
    ctx: &Context<'_>,
    outcome: &Outcome,
) -> async_graphql::Result<Vec<ContactResult>> {
    let columns = columns(&ctx.look_ahead().field("results").field("visitTask"));
    let tasks = service::some(cx(ctx), &outcome.ids, columns)
        .await
        .at_edge(ctx)?;
    let shown = |id: &uuid::Uuid| {
        let task = tasks.iter().find(|seen| seen.task.id == *id)?;
        Some(VisitTask::new(cx(ctx), task.clone()))
    };
    let ids = outcome.ids.iter().zip(&outcome.codes);
    Ok(ids
        .map(|(id, code)| ContactResult {
            visit_task: shown(id),
            user_errors: code.iter().map(|code| part_refused(ctx, *code)).collect(),
        })
        .collect())
}
