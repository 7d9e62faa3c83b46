//! What can be done about alarms.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::graphql::{Alarm, AlarmKind};
use super::queries::columns;
use super::reads;
use super::rules;
use super::service::{self, NewAlarm};
use crate::error::{Language, Result};
use crate::ids::{self, Id};
use crate::inputs::{optional_text, text};
use crate::scalars::Uuid;
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::write::Outcome;

const NOTE: usize = 500;

/// What is wrong, and where.
#[derive(Debug, InputObject)]
pub struct RaiseAlarmInput {
    /// A UUIDv7 that your device chose for the alarm, so that a repeat is the same alarm.
    id: Option<Uuid>,
    /// The visit.
    visit_task_id: ID,
    /// What it is about.
    kind: AlarmKind,
    /// What else there is to say, at most 500 characters.
    note: Option<String>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which alarm you take on.
#[derive(Debug, InputObject)]
pub struct AcknowledgeAlarmInput {
    /// The alarm.
    alarm_id: ID,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which alarm is settled, and how.
#[derive(Debug, InputObject)]
pub struct CloseAlarmInput {
    /// The alarm.
    alarm_id: ID,
    /// What was found, at most 500 characters.
    found: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct RaiseAlarmPayload {
    /// The alarm; absent where it was refused.
    alarm: Option<Alarm>,
    /// The numbers to ring before anything else, in this order; absent where it was refused.
    ring_first: Option<Vec<String>>,
    /// What to tell the caller at once, in their language; absent where it was refused.
    advice: Option<String>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct AcknowledgeAlarmPayload {
    /// The alarm as it is now; absent where it was refused.
    alarm: Option<Alarm>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct CloseAlarmPayload {
    /// The alarm as it is now; absent where it was refused.
    alarm: Option<Alarm>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of alarms.
#[derive(Debug, Default)]
pub struct AlarmMutations;

#[Object]
impl AlarmMutations {
    /// Raises an alarm about a visit you see, at any hour: ring 120, 119 or 110 first. Needs
    /// `ALARM_RAISE`, or the visit's claim.
    async fn raise_alarm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wrong, and where.")] input: RaiseAlarmInput,
    ) -> async_graphql::Result<RaiseAlarmPayload> {
        let kind = input.kind;
        let result = async {
            let new = NewAlarm {
                id: input.id.map(|id| id.0),
                task: Id::<ids::VisitTask>::parse(&input.visit_task_id, "visitTaskId")?.uuid(),
                kind: input.kind.into(),
                note: optional_text(input.note.as_deref(), NOTE, "note")?,
            };
            service::raise(cx(ctx), new, input.idempotency_key.map(|key| key.0)).await
        };
        let (alarm, user_errors) = settled(ctx, result.await).await?;
        let numbers = rules::numbers(kind.into());
        let raised = alarm.is_some();
        Ok(RaiseAlarmPayload {
            alarm,
            ring_first: raised.then(|| numbers.iter().map(|one| (*one).to_owned()).collect()),
            advice: raised.then(|| advice(cx(ctx).language, numbers)),
            user_errors,
        })
    }

    /// Takes an alarm on; it stops climbing. Needs `ALARM_HANDLE` where it is.
    async fn acknowledge_alarm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which alarm.")] input: AcknowledgeAlarmInput,
    ) -> async_graphql::Result<AcknowledgeAlarmPayload> {
        let result = async {
            let id = Id::<ids::Alarm>::parse(&input.alarm_id, "alarmId")?.uuid();
            service::acknowledge(cx(ctx), id, input.idempotency_key.map(|key| key.0)).await
        };
        let (alarm, user_errors) = settled(ctx, result.await).await?;
        Ok(AcknowledgeAlarmPayload { alarm, user_errors })
    }

    /// Settles an alarm with what was found. Needs `ALARM_HANDLE` where it is.
    async fn close_alarm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which alarm, and what was found.")] input: CloseAlarmInput,
    ) -> async_graphql::Result<CloseAlarmPayload> {
        let result = async {
            let id = Id::<ids::Alarm>::parse(&input.alarm_id, "alarmId")?.uuid();
            let found = text(&input.found, NOTE, "found")?;
            service::close(cx(ctx), id, found, input.idempotency_key.map(|key| key.0)).await
        };
        let (alarm, user_errors) = settled(ctx, result.await).await?;
        Ok(CloseAlarmPayload { alarm, user_errors })
    }
}

fn advice(language: Language, numbers: &[&str]) -> String {
    match language {
        Language::Chinese => format!("请先拨打{}，再等待网格长联系您", numbers.join("或")),
        Language::English => format!(
            "Ring {} first, then wait for the grid lead",
            numbers.join(" or ")
        ),
    }
}

/// The alarm after a mutation, and why it was refused, where it was.
async fn settled(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<Alarm>, Vec<UserError>)> {
    let (id, user_errors) = settle_on(ctx, result)?;
    let Some(id) = id else {
        return Ok((None, user_errors));
    };
    let columns = columns(&ctx.look_ahead().field("alarm"));
    let seen = reads::one(cx(ctx), id, columns).await.at_edge(ctx)?;
    Ok((seen.map(|seen| Alarm::new(cx(ctx), seen)), user_errors))
}
