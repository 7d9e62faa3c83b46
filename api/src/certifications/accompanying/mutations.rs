//! Asking volunteers along to checks, and calling it off.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::service::{self, Asking, Cancelling};
use crate::certifications::checks::graphql::CertificationCheck;
use crate::certifications::checks::mutations::of;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::text;
use crate::scalars::{DateTime, Uuid};
use crate::schema::{UserError, cx, settle_on};
use crate::write::Outcome;

const REASON: usize = 180;

/// Who is asked along, to which check.
#[derive(Debug, InputObject)]
pub struct AskToAccompanyInput {
    /// The check: one that is scheduled at somebody's home.
    check_id: ID,
    /// The version of the check you saw, if another one is to be refused.
    expected_version: Option<i64>,
    /// The account of a volunteer of your areas.
    account_id: ID,
    /// When to meet, on the day of the visit; when it is planned for where absent.
    at: Option<DateTime>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which check nobody is to come along to any more.
#[derive(Debug, InputObject)]
pub struct CancelAccompanyingInput {
    /// The check.
    check_id: ID,
    /// The version of the check you saw, if another one is to be refused.
    expected_version: Option<i64>,
    /// Why, at most 180 characters; the volunteer is not told.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct AskToAccompanyPayload {
    /// The check as it is now; absent where it was refused, but for a version conflict.
    check: Option<CertificationCheck>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct CancelAccompanyingPayload {
    /// The check as it is now; absent where it was refused, but for a version conflict.
    check: Option<CertificationCheck>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of who comes along to checks.
#[derive(Debug, Default)]
pub struct AccompanyingMutations;

#[Object]
impl AccompanyingMutations {
    /// Asks a volunteer to come along to a check at somebody's home; they are told a name, an address, a time
    /// and whom to meet. Needs `CERTIFICATION_PLAN`.
    async fn ask_to_accompany(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and to which check.")] input: AskToAccompanyInput,
    ) -> async_graphql::Result<AskToAccompanyPayload> {
        let result = async {
            let asking = Asking {
                check: Id::<ids::CertificationCheck>::parse(&input.check_id, "checkId")?.uuid(),
                expected_version: input.expected_version,
                account: Id::<ids::Account>::parse(&input.account_id, "accountId")?.uuid(),
                at: input.at.map(|at| at.0),
            };
            service::ask(cx(ctx), asking, input.idempotency_key.map(|key| key.0)).await
        };
        let (check, user_errors) = settled(ctx, result.await).await?;
        Ok(AskToAccompanyPayload { check, user_errors })
    }

    /// Calls off that somebody comes along to a check. Needs `CERTIFICATION_PLAN`.
    async fn cancel_accompanying(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which check.")] input: CancelAccompanyingInput,
    ) -> async_graphql::Result<CancelAccompanyingPayload> {
        let result = async {
            let cancelling = Cancelling {
                check: Id::<ids::CertificationCheck>::parse(&input.check_id, "checkId")?.uuid(),
                expected_version: input.expected_version,
                reason: text(&input.reason, REASON, "reason")?,
            };
            service::cancel(cx(ctx), cancelling, input.idempotency_key.map(|key| key.0)).await
        };
        let (check, user_errors) = settled(ctx, result.await).await?;
        Ok(CancelAccompanyingPayload { check, user_errors })
    }
}

/// The check after a mutation, and why it was refused, where it was.
async fn settled(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<CertificationCheck>, Vec<UserError>)> {
    let (id, user_errors) = settle_on(ctx, result)?;
    let check = match id {
        Some(id) => of(ctx, id, "check").await?,
        None => None,
    };
    Ok((check, user_errors))
}
