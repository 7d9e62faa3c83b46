//! What can be done about duty.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::absences::{self, NewAbsence};
use super::graphql::{Absence, DutyShift};
use super::reads;
use super::shifts::{self, NewShift};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::optional_text;
use crate::scalars::{DateTime, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::write::Outcome;

const REASON: usize = 200;

/// Who is away, and who stands in.
#[derive(Debug, InputObject)]
pub struct RecordAbsenceInput {
    /// Who; you where absent.
    account_id: Option<ID>,
    /// First instant away, at most 31 days ago.
    from_at: DateTime,
    /// First instant back, at most a year ahead.
    until_at: DateTime,
    /// Who is told instead: somebody who works at every desk of theirs.
    stand_in_id: Option<ID>,
    /// Why, at most 200 characters.
    reason: Option<String>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which absence is over.
#[derive(Debug, InputObject)]
pub struct EndAbsenceInput {
    /// The absence.
    absence_id: ID,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Whose turn it is, where and when.
#[derive(Debug, InputObject)]
pub struct PlanDutyShiftInput {
    /// For this grid, compound, community or higher.
    area_id: ID,
    /// Who; they answer for the area.
    account_id: ID,
    /// First instant on duty, at most 31 days ago.
    from_at: DateTime,
    /// First instant no longer on duty, at most a year ahead.
    until_at: DateTime,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which shift is over.
#[derive(Debug, InputObject)]
pub struct EndDutyShiftInput {
    /// The shift.
    duty_shift_id: ID,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

macro_rules! payloads {
    ($($name:ident: $field:ident $shown:ident by $settled:ident;)*) => {
        $(
            /// What came of it.
            #[derive(Debug, SimpleObject)]
            pub struct $name {
                /// What was written, as it is now; absent where it was refused.
                $field: Option<$shown>,
                /// Why it was refused; empty when it was done.
                user_errors: Vec<UserError>,
            }

            impl $name {
                async fn of(ctx: &Context<'_>, result: Result<Outcome>) -> async_graphql::Result<Self> {
                    let ($field, user_errors) = $settled(ctx, result).await?;
                    Ok(Self { $field, user_errors })
                }
            }
        )*
    };
}

payloads! {
    RecordAbsencePayload: absence Absence by away;
    EndAbsencePayload: absence Absence by away;
    PlanDutyShiftPayload: duty_shift DutyShift by turn;
    EndDutyShiftPayload: duty_shift DutyShift by turn;
}

/// Mutations of duty.
#[derive(Debug, Default)]
pub struct DutyMutations;

#[Object]
impl DutyMutations {
    /// Records that you are away 请假, or with `DUTY_EDIT` that somebody of yours is. What asks for them is
    /// told to who stands in, else to who else is on duty, else a level higher.
    async fn record_absence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is away, and who stands in.")] input: RecordAbsenceInput,
    ) -> async_graphql::Result<RecordAbsencePayload> {
        let result = async {
            let account = |id: &Option<ID>, field| {
                let id = id.as_ref().map(|id| Id::<ids::Account>::parse(id, field));
                id.transpose().map(|id| id.map(Id::uuid))
            };
            let new = NewAbsence {
                account: account(&input.account_id, "accountId")?,
                from_at: input.from_at.0,
                until_at: input.until_at.0,
                stand_in: account(&input.stand_in_id, "standInId")?,
                reason: optional_text(input.reason.as_deref(), REASON, "reason")?,
            };
            absences::record(cx(ctx), new, input.idempotency_key.map(|key| key.0)).await
        };
        RecordAbsencePayload::of(ctx, result.await).await
    }

    /// Ends an absence of yours now, or calls it off; with `DUTY_EDIT` one of your people's.
    async fn end_absence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which absence is over.")] input: EndAbsenceInput,
    ) -> async_graphql::Result<EndAbsencePayload> {
        let result = async {
            let id = Id::<ids::Absence>::parse(&input.absence_id, "absenceId")?.uuid();
            absences::end(cx(ctx), id, input.idempotency_key.map(|key| key.0)).await
        };
        EndAbsencePayload::of(ctx, result.await).await
    }

    /// Plans whose turn it is 值班. Needs `DUTY_EDIT` there.
    async fn plan_duty_shift(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose turn it is, where and when.")] input: PlanDutyShiftInput,
    ) -> async_graphql::Result<PlanDutyShiftPayload> {
        let result = async {
            let new = NewShift {
                area: Id::<ids::Area>::parse(&input.area_id, "areaId")?.uuid(),
                account: Id::<ids::Account>::parse(&input.account_id, "accountId")?.uuid(),
                from_at: input.from_at.0,
                until_at: input.until_at.0,
            };
            shifts::plan(cx(ctx), new, input.idempotency_key.map(|key| key.0)).await
        };
        PlanDutyShiftPayload::of(ctx, result.await).await
    }

    /// Ends a shift now, or calls it off. Needs `DUTY_EDIT` there.
    async fn end_duty_shift(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which shift is over.")] input: EndDutyShiftInput,
    ) -> async_graphql::Result<EndDutyShiftPayload> {
        let result = async {
            let id = Id::<ids::DutyShift>::parse(&input.duty_shift_id, "dutyShiftId")?.uuid();
            shifts::end(cx(ctx), id, input.idempotency_key.map(|key| key.0)).await
        };
        EndDutyShiftPayload::of(ctx, result.await).await
    }
}

async fn away(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<Absence>, Vec<UserError>)> {
    let (id, user_errors) = settle_on(ctx, result)?;
    let Some(id) = id else {
        return Ok((None, user_errors));
    };
    let written = reads::absence(cx(ctx), id).await.at_edge(ctx)?;
    let shown = written.map(|(row, people)| Absence::new(&row, &people));
    Ok((shown, user_errors))
}

async fn turn(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<DutyShift>, Vec<UserError>)> {
    let (id, user_errors) = settle_on(ctx, result)?;
    let Some(id) = id else {
        return Ok((None, user_errors));
    };
    let written = reads::shift(cx(ctx), id).await.at_edge(ctx)?;
    let shown = written.map(|(row, people)| DutyShift::new(cx(ctx), &row, &people));
    Ok((shown, user_errors))
}
