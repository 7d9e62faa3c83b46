//! What can be done about planning.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::assign::{self, Assignment};
use crate::beneficiaries::graphql::CertificationChannel;
use crate::certifications::checks::inputs::check_id;
use crate::certifications::checks::mutations::{CheckResult, results};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::scalars::Uuid;
use crate::schema::{UserError, cx};

/// A check to be given to somebody.
#[derive(Debug, InputObject)]
pub struct AssignCheckInput {
    /// The check.
    check_id: ID,
    /// How it is to be made; as before where absent, or where a time is planned.
    channel: Option<CertificationChannel>,
}

/// Which checks, and among whom they are shared.
#[derive(Debug, InputObject)]
pub struct AssignChecksInput {
    /// The round, which is open.
    round_id: ID,
    /// Its checks, 1 to 100.
    checks: Vec<AssignCheckInput>,
    /// The accounts that share them, 1 to 100; of those who may check, those who are granted nearest to each
    /// person where absent.
    account_ids: Option<Vec<ID>>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct AssignChecksPayload {
    /// One for each check, in the order of the input; absent where all were refused as a whole.
    results: Option<Vec<CheckResult>>,
    /// Why all were refused as a whole; empty when they were not.
    user_errors: Vec<UserError>,
}

/// Mutations of planning.
#[derive(Debug, Default)]
pub struct CertificationPlanningMutations;

#[Object]
impl CertificationPlanningMutations {
    /// Shares checks among those who may make them and are not away now: each has about as much to do, one
    /// person goes to a building, and who goes there already keeps it. Needs `CERTIFICATION_PLAN`.
    async fn assign_checks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which checks, and among whom.")] input: AssignChecksInput,
    ) -> async_graphql::Result<AssignChecksPayload> {
        let result = async {
            let accounts = input.account_ids.map(|ids| {
                let parsed = ids
                    .iter()
                    .map(|id| Ok(Id::<ids::Account>::parse(id, "accountIds")?.uuid()));
                parsed.collect::<Result<_>>()
            });
            let checks = input.checks.iter();
            let wanted = Assignment {
                round: Id::<ids::CertificationRound>::parse(&input.round_id, "roundId")?.uuid(),
                checks: checks
                    .map(|one| (check_id(&one.check_id), one.channel.map(Into::into)))
                    .collect(),
                accounts: accounts.transpose()?,
            };
            assign::assign(cx(ctx), wanted, input.idempotency_key.map(|key| key.0)).await
        };
        let (results, user_errors) = results(ctx, result.await).await?;
        Ok(AssignChecksPayload {
            results,
            user_errors,
        })
    }
}
