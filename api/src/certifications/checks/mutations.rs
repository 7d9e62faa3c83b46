//! What can be done about checks: up to a hundred in one call, each judged by itself.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::calls::{Call, carry_out};
use super::correct::{self, Correction};
use super::graphql::CertificationCheck;
use super::inputs::{
    CheckAttemptInput, ConfirmCheckInput, IntoCall, RecordCheckInput, ReturnCheckInput,
    ScheduleCheckInput, SettleCheckInput, UnscheduleCheckInput,
};
use super::queries::columns;
use super::reads;
use super::rules::Action;
use crate::beneficiaries::graphql::CheckOutcome;
use crate::bulk::bulk_payloads;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::text;
use crate::scalars::{Date, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, part_refused, settle, settle_on};
use crate::write::Outcome;

/// What came of one check.
#[derive(Debug, SimpleObject)]
pub struct CheckResult {
    /// The check as it is now; absent where you may not see it.
    check: Option<CertificationCheck>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

macro_rules! many {
    ($($input:ident of $item:ident, $payload:ident;)*) => {
        $(
            /// Which checks, and what is done about each.
            #[derive(Debug, InputObject)]
            pub struct $input {
                /// The checks, 1 to 100.
                checks: Vec<$item>,
                /// A UUID of your own for this call: repeating it is one call.
                idempotency_key: Option<Uuid>,
            }

            impl $input {
                async fn carry_out(
                    self,
                    ctx: &Context<'_>,
                    action: (&'static str, Action),
                ) -> async_graphql::Result<$payload> {
                    let calls: Result<Vec<Call>> =
                        self.checks.into_iter().map(IntoCall::into_call).collect();
                    let key = self.idempotency_key.map(|key| key.0);
                    let result = match calls {
                        Ok(calls) => carry_out(cx(ctx), action, calls, key).await,
                        Err(error) => Err(error),
                    };
                    let (results, user_errors) = results(ctx, result).await?;
                    Ok($payload { results, user_errors })
                }
            }

            bulk_payloads! { CheckResult: $payload }
        )*
    };
}

many! {
    ScheduleChecksInput of ScheduleCheckInput, ScheduleChecksPayload;
    UnscheduleChecksInput of UnscheduleCheckInput, UnscheduleChecksPayload;
    RecordCheckAttemptsInput of CheckAttemptInput, RecordCheckAttemptsPayload;
    RecordChecksInput of RecordCheckInput, RecordChecksPayload;
    ReturnChecksInput of ReturnCheckInput, ReturnChecksPayload;
    ConfirmChecksInput of ConfirmCheckInput, ConfirmChecksPayload;
    SettleChecksInput of SettleCheckInput, SettleChecksPayload;
}

/// What should stand at a check of a closed round.
#[derive(Debug, InputObject)]
pub struct CorrectCheckInput {
    /// The check.
    check_id: ID,
    /// What should have been found, where that differs.
    outcome: Option<CheckOutcome>,
    /// The day, where that differs.
    holds_on: Option<Date>,
    /// Why, at most 180 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct CorrectCheckPayload {
    /// The check with its corrections; absent where it was refused.
    check: Option<CertificationCheck>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of checks.
#[derive(Debug, Default)]
pub struct CheckMutations;

#[Object]
impl CheckMutations {
    /// Plans when, how and by whom people are certified. Needs `CERTIFICATION_PLAN`.
    async fn schedule_checks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which checks, and when.")] input: ScheduleChecksInput,
    ) -> async_graphql::Result<ScheduleChecksPayload> {
        input
            .carry_out(ctx, ("scheduleChecks", Action::Schedule))
            .await
    }

    /// Takes times back: the people are to be certified as before, and a place at a session or slot is free
    /// again. Needs `CERTIFICATION_PLAN`.
    async fn unschedule_checks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which checks.")] input: UnscheduleChecksInput,
    ) -> async_graphql::Result<UnscheduleChecksPayload> {
        input
            .carry_out(ctx, ("unscheduleChecks", Action::Unschedule))
            .await
    }

    /// Notes tries that met nobody: whoever was absent is to be certified as before. Needs
    /// `CERTIFICATION_CHECK`.
    async fn record_check_attempts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which checks, and why nobody was met.")] input: RecordCheckAttemptsInput,
    ) -> async_graphql::Result<RecordCheckAttemptsPayload> {
        input
            .carry_out(ctx, ("recordCheckAttempts", Action::Attempt))
            .await
    }

    /// Records what checks found, planned or not; another confirms them. Needs `CERTIFICATION_CHECK`.
    async fn record_checks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which checks, and what was found.")] input: RecordChecksInput,
    ) -> async_graphql::Result<RecordChecksPayload> {
        input.carry_out(ctx, ("recordChecks", Action::Check)).await
    }

    /// Sends checks back for more: what was added to them until then proves nothing any more. Needs
    /// `CERTIFICATION_CONFIRM`, granted at the check's level of confirmation (usually the street) or above.
    async fn return_checks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which checks, and what is missing.")] input: ReturnChecksInput,
    ) -> async_graphql::Result<ReturnChecksPayload> {
        input.carry_out(ctx, ("returnChecks", Action::Return)).await
    }

    /// Confirms checks: what they propose is written on the beneficiary. Needs `CERTIFICATION_CONFIRM`,
    /// granted at the round's level of confirmation (usually the street) or above, and not below who checked;
    /// nobody confirms what they checked. Who was found alive at home, at a session, at a slot or by video needs a
    /// picture; by letter a picture or a PDF of it.
    async fn confirm_checks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which checks.")] input: ConfirmChecksInput,
    ) -> async_graphql::Result<ConfirmChecksPayload> {
        input
            .carry_out(ctx, ("confirmChecks", Action::Confirm))
            .await
    }

    /// Settles checks that cannot be made, each with a reason. Needs `CERTIFICATION_SETTLE`, granted at the
    /// street or above; nobody settles what they checked.
    async fn settle_checks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which checks, and why.")] input: SettleChecksInput,
    ) -> async_graphql::Result<SettleChecksPayload> {
        input.carry_out(ctx, ("settleChecks", Action::Settle)).await
    }

    /// Enters a correction of a closed round, which stays as it was. Needs `CERTIFICATION_SETTLE`, granted
    /// at the street or above.
    async fn correct_check(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What should stand there.")] input: CorrectCheckInput,
    ) -> async_graphql::Result<CorrectCheckPayload> {
        let result = async {
            let correction = Correction {
                check: Id::<ids::CertificationCheck>::parse(&input.check_id, "checkId")?.uuid(),
                outcome: input.outcome.map(Into::into),
                holds_on: input.holds_on.map(|day| day.0),
                reason: text(&input.reason, 180, "reason")?,
            };
            correct::correct(cx(ctx), correction, input.idempotency_key.map(|key| key.0)).await
        };
        let (id, user_errors) = settle_on(ctx, result.await)?;
        let check = match id {
            Some(id) => of(ctx, id, "check").await?,
            None => None,
        };
        Ok(CorrectCheckPayload { check, user_errors })
    }
}

/// The check as it is after a mutation, with what the payload's field asks of it.
pub(in crate::certifications) async fn of(
    ctx: &Context<'_>,
    id: uuid::Uuid,
    field: &str,
) -> async_graphql::Result<Option<CertificationCheck>> {
    let columns = columns(&ctx.look_ahead().field(field));
    let seen = reads::one(cx(ctx), id, columns).await.at_edge(ctx)?;
    let check = seen.map(|seen| CertificationCheck::new(cx(ctx), seen).at_edge(ctx));
    check.transpose()
}

/// One result for each check, in order.
pub(in crate::certifications) async fn results(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<Vec<CheckResult>>, Vec<UserError>)> {
    let (outcome, user_errors) = settle(ctx, result)?;
    let Some(outcome) = outcome else {
        return Ok((None, user_errors));
    };
    let columns = columns(&ctx.look_ahead().field("results").field("check"));
    let seen = reads::some(cx(ctx), &outcome.ids, columns)
        .await
        .at_edge(ctx)?;
    let mut results = Vec::with_capacity(outcome.ids.len());
    for (id, code) in outcome.ids.iter().zip(&outcome.codes) {
        let own = seen.iter().find(|seen| seen.row.id == *id).cloned();
        let check = own.map(|seen| CertificationCheck::new(cx(ctx), seen));
        results.push(CheckResult {
            check: check.transpose().at_edge(ctx)?,
            user_errors: code.iter().map(|code| part_refused(ctx, *code)).collect(),
        });
    }
    Ok((Some(results), user_errors))
}
