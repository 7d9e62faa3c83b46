//! What can be done about sessions and slots.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::graphql::CertificationSession;
use super::plan::{self, NewSession};
use super::{end, reads};
use crate::beneficiaries::graphql::CertificationChannel;
use crate::certifications::checks::calls::{Call, What, carry_out};
use crate::certifications::checks::graphql::CertificationCheck;
use crate::certifications::checks::inputs::check_id;
use crate::certifications::checks::mutations::{CheckResult, results};
use crate::certifications::checks::queries::columns;
use crate::certifications::checks::reads::absent_from;
use crate::certifications::checks::rules::Action;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::text;
use crate::scalars::{DateTime, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::write::Outcome;

const VENUE: usize = 60;
const REASON: usize = 180;

/// A session or a slot.
#[derive(Debug, InputObject)]
pub struct PlanCertificationSessionInput {
    /// A UUIDv7 that your device chose for it, so that a repeat is the same session.
    id: Option<Uuid>,
    /// The round, which is open.
    round_id: ID,
    /// The area whose people it is for: in the round's, or where checks of it were handed to you.
    area_id: ID,
    /// `SESSION` for many at once, `APPOINTMENT` for a slot.
    channel: CertificationChannel,
    /// Where it is held, at most 60 characters.
    venue: String,
    /// Whether that is an institution where people live, spelt as on their records.
    #[graphql(default)]
    is_institution: bool,
    /// When it begins.
    starts_at: DateTime,
    /// When it ends, at most 24 hours later.
    ends_at: DateTime,
    /// How many can come, 1 to 500; of a session any number where absent.
    capacity: Option<i32>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Who is to come to a session or slot.
#[derive(Debug, InputObject)]
pub struct AddToCertificationSessionInput {
    /// The session or slot.
    session_id: ID,
    /// Their checks, 1 to 100; who has a place elsewhere in the round leaves it.
    check_ids: Vec<ID>,
    /// The account that is to check them; as before where absent.
    assigned_to_id: Option<ID>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What was held.
#[derive(Debug, InputObject)]
pub struct CloseCertificationSessionInput {
    /// The session or slot.
    session_id: ID,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What is called off.
#[derive(Debug, InputObject)]
pub struct CancelCertificationSessionInput {
    /// The session or slot.
    session_id: ID,
    /// Why, at most 180 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct PlanCertificationSessionPayload {
    /// The session; absent where it was refused.
    session: Option<CertificationSession>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct AddToCertificationSessionPayload {
    /// The session as it is now; absent where all were refused as a whole.
    session: Option<CertificationSession>,
    /// One for each check, in the order of the input; absent where all were refused as a whole.
    results: Option<Vec<CheckResult>>,
    /// Why all were refused as a whole; empty when they were not.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct CloseCertificationSessionPayload {
    /// The session; absent where it was refused.
    session: Option<CertificationSession>,
    /// The checks of who did not come, the first 100 in the order of the roster; absent where it was refused.
    absent: Option<Vec<CertificationCheck>>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct CancelCertificationSessionPayload {
    /// The session; absent where it was refused.
    session: Option<CertificationSession>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of sessions and slots.
#[derive(Debug, Default)]
pub struct CertificationSessionMutations;

#[Object]
impl CertificationSessionMutations {
    /// Plans a session for many at once, or offers an appointment slot. Needs `CERTIFICATION_PLAN` at its
    /// area.
    async fn plan_certification_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When, where and for whom.")] input: PlanCertificationSessionInput,
    ) -> async_graphql::Result<PlanCertificationSessionPayload> {
        let result = async {
            let new = NewSession {
                id: input.id.map(|id| id.0),
                round: Id::<ids::CertificationRound>::parse(&input.round_id, "roundId")?.uuid(),
                area: Id::<ids::Area>::parse(&input.area_id, "areaId")?.uuid(),
                channel: input.channel.into(),
                venue: text(&input.venue, VENUE, "venue")?,
                is_institution: input.is_institution,
                starts_at: input.starts_at.0,
                ends_at: input.ends_at.0,
                capacity: input.capacity,
            };
            plan::plan(cx(ctx), new, input.idempotency_key.map(|key| key.0)).await
        };
        let (session, user_errors) = settled(ctx, result.await).await?;
        Ok(PlanCertificationSessionPayload {
            session,
            user_errors,
        })
    }

    /// Gives people places at a session or slot; a full one takes no more. Needs `CERTIFICATION_PLAN` where
    /// they are.
    async fn add_to_certification_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is to come.")] input: AddToCertificationSessionInput,
    ) -> async_graphql::Result<AddToCertificationSessionPayload> {
        let result = async {
            let session = session_id(&input.session_id)?;
            let assigned_to = input.assigned_to_id.as_ref();
            let assigned_to = assigned_to
                .map(|id| Id::<ids::Account>::parse(id, "assignedToId"))
                .transpose()?
                .map(Id::uuid);
            let calls = input.check_ids.iter().map(|id| Call {
                check: check_id(id),
                expected_version: None,
                what: What::Join {
                    session,
                    assigned_to,
                },
            });
            let action = ("addToCertificationSession", Action::Schedule);
            let key = input.idempotency_key.map(|key| key.0);
            carry_out(cx(ctx), action, calls.collect(), key).await
        };
        let (results, user_errors) = results(ctx, result.await).await?;
        let session = match (&results, session_id(&input.session_id)) {
            (Some(_), Ok(id)) => shown(ctx, id).await?,
            _ => None,
        };
        Ok(AddToCertificationSessionPayload {
            session,
            results,
            user_errors,
        })
    }

    /// Closes a session that has begun: an attempt is noted for whoever was to come and was not checked. Needs
    /// `CERTIFICATION_PLAN` at its area.
    async fn close_certification_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was held.")] input: CloseCertificationSessionInput,
    ) -> async_graphql::Result<CloseCertificationSessionPayload> {
        let result = async {
            let id = session_id(&input.session_id)?;
            end::close(cx(ctx), id, input.idempotency_key.map(|key| key.0)).await
        };
        let (session, user_errors) = settled(ctx, result.await).await?;
        let absent = match (&session, session_id(&input.session_id)) {
            (Some(_), Ok(id)) => {
                let columns = columns(&ctx.look_ahead().field("absent"));
                let absent = absent_from(cx(ctx), id, columns).await.at_edge(ctx)?;
                let absent = absent
                    .into_iter()
                    .map(|seen| CertificationCheck::new(cx(ctx), seen));
                Some(absent.collect::<Result<_>>().at_edge(ctx)?)
            }
            _ => None,
        };
        Ok(CloseCertificationSessionPayload {
            session,
            absent,
            user_errors,
        })
    }

    /// Calls a session or slot off: whoever was to come is to be certified as before. Needs
    /// `CERTIFICATION_PLAN` at its area.
    async fn cancel_certification_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is called off.")] input: CancelCertificationSessionInput,
    ) -> async_graphql::Result<CancelCertificationSessionPayload> {
        let result = async {
            let id = session_id(&input.session_id)?;
            let reason = text(&input.reason, REASON, "reason")?;
            end::cancel(cx(ctx), id, reason, input.idempotency_key.map(|key| key.0)).await
        };
        let (session, user_errors) = settled(ctx, result.await).await?;
        Ok(CancelCertificationSessionPayload {
            session,
            user_errors,
        })
    }
}

fn session_id(id: &ID) -> Result<uuid::Uuid> {
    Ok(Id::<ids::CertificationSession>::parse(id, "sessionId")?.uuid())
}

/// The session as it is after a mutation.
async fn shown(
    ctx: &Context<'_>,
    id: uuid::Uuid,
) -> async_graphql::Result<Option<CertificationSession>> {
    let seen = reads::one(cx(ctx), id).await.at_edge(ctx)?;
    let session = seen.map(|seen| CertificationSession::new(cx(ctx), seen).at_edge(ctx));
    session.transpose()
}

/// The same, and why it was refused, where it was.
async fn settled(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<CertificationSession>, Vec<UserError>)> {
    let (id, user_errors) = settle_on(ctx, result)?;
    let session = match id {
        Some(id) => shown(ctx, id).await?,
        None => None,
    };
    Ok((session, user_errors))
}
