//! What can be done about rounds.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::graphql::CertificationRound;
use super::late::{self, Late};
use super::open::{self, NewRound};
use super::{end, reads};
use crate::areas::graphql::AreaKind;
use crate::beneficiaries::graphql::BeneficiaryCategory;
use crate::certifications::checks::graphql::CertificationCheck;
use crate::certifications::checks::mutations::of as check_of;
use crate::certifications::checks::reads::unresolved;
use crate::error::{Code, Result};
use crate::ids::{self, Id};
use crate::inputs::text;
use crate::scalars::{Date, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::write::Outcome;

const REASON: usize = 180;

/// How many of those who keep a round from being closed are named at once.
const NAMED: u64 = 50;

/// What is opened.
#[derive(Debug, InputObject)]
pub struct OpenCertificationRoundInput {
    /// For this community, street or district, and below.
    area_id: ID,
    /// The year that it certifies: this one or a neighbouring one.
    year: i32,
    /// The categories that it certifies.
    categories: Vec<BeneficiaryCategory>,
    /// The last day on which people are to be certified, within a year.
    closes_on: Date,
    /// How many days after it they still may be, 0 to 90.
    #[graphql(default)]
    grace_days: i32,
    /// The kind of area at which checks are confirmed, at least: a community, street or district. What somebody
    /// checks who is granted higher is confirmed there.
    #[graphql(default_with = "AreaKind::Street")]
    confirm_level: AreaKind,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What is closed.
#[derive(Debug, InputObject)]
pub struct CloseCertificationRoundInput {
    /// The round.
    round_id: ID,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What is voided.
#[derive(Debug, InputObject)]
pub struct VoidCertificationRoundInput {
    /// The round.
    round_id: ID,
    /// Why, at most 180 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Who comes to a roster late.
#[derive(Debug, InputObject)]
pub struct AddToCertificationRoundInput {
    /// The round.
    round_id: ID,
    /// The beneficiary.
    beneficiary_id: ID,
    /// Why they were not on the roster, at most 180 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct OpenCertificationRoundPayload {
    /// The round; absent where it was refused.
    round: Option<CertificationRound>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct CloseCertificationRoundPayload {
    /// The round; absent where it was refused.
    round: Option<CertificationRound>,
    /// How many are unresolved, where that keeps it open.
    unresolved_count: Option<i64>,
    /// The first 50 of them, in the order of the roster.
    unresolved: Option<Vec<CertificationCheck>>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct VoidCertificationRoundPayload {
    /// The round; absent where it was refused.
    round: Option<CertificationRound>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct AddToCertificationRoundPayload {
    /// The check, new or there before; absent where it was refused.
    check: Option<CertificationCheck>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of rounds of certification.
#[derive(Debug, Default)]
pub struct CertificationRoundMutations;

#[Object]
impl CertificationRoundMutations {
    /// Opens a round and freezes its roster. Needs `CERTIFICATION_PLAN` at its area.
    async fn open_certification_round(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is opened.")] input: OpenCertificationRoundInput,
    ) -> async_graphql::Result<OpenCertificationRoundPayload> {
        let result = async {
            let categories = input.categories.into_iter();
            let new = NewRound {
                area: Id::<ids::Area>::parse(&input.area_id, "areaId")?.uuid(),
                year: input.year,
                categories: categories.map(Into::into).collect(),
                closes_on: input.closes_on.0,
                grace_days: input.grace_days,
                confirm_level: input.confirm_level.into(),
            };
            open::open(cx(ctx), new, input.idempotency_key.map(|key| key.0)).await
        };
        let (round, user_errors) = settled(ctx, result.await).await?;
        Ok(OpenCertificationRoundPayload { round, user_errors })
    }

    /// Adds somebody to the roster of an open round, with a reason. Needs `CERTIFICATION_PLAN`.
    async fn add_to_certification_round(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who comes late.")] input: AddToCertificationRoundInput,
    ) -> async_graphql::Result<AddToCertificationRoundPayload> {
        let result = async {
            let beneficiary =
                Id::<ids::Beneficiary>::parse(&input.beneficiary_id, "beneficiaryId")?;
            let late = Late {
                round: round_id(&input.round_id)?,
                beneficiary: beneficiary.uuid(),
                reason: text(&input.reason, REASON, "reason")?,
            };
            late::add(cx(ctx), late, input.idempotency_key.map(|key| key.0)).await
        };
        let (id, user_errors) = settle_on(ctx, result.await)?;
        let check = match id {
            Some(id) => check_of(ctx, id, "check").await?,
            None => None,
        };
        Ok(AddToCertificationRoundPayload { check, user_errors })
    }

    /// Closes a round for good; refused while anybody is unresolved, with their names. Needs
    /// `CERTIFICATION_PLAN` at its area.
    async fn close_certification_round(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is closed.")] input: CloseCertificationRoundInput,
    ) -> async_graphql::Result<CloseCertificationRoundPayload> {
        let result = async {
            let id = round_id(&input.round_id)?;
            end::close(cx(ctx), id, input.idempotency_key.map(|key| key.0)).await
        };
        let (round, user_errors) = settled(ctx, result.await).await?;
        let in_the_way = user_errors
            .iter()
            .any(|error| error.code == Code::RosterUnresolved);
        let (unresolved_count, unresolved) = if in_the_way {
            let (count, first) = named(ctx, &input.round_id).await.at_edge(ctx)?;
            (i64::try_from(count).ok(), Some(first))
        } else {
            (None, None)
        };
        Ok(CloseCertificationRoundPayload {
            round,
            unresolved_count,
            unresolved,
            user_errors,
        })
    }

    /// Voids a round while nothing in it is confirmed. Needs `CERTIFICATION_PLAN` at its area.
    async fn void_certification_round(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is voided.")] input: VoidCertificationRoundInput,
    ) -> async_graphql::Result<VoidCertificationRoundPayload> {
        let result = async {
            let id = round_id(&input.round_id)?;
            let reason = text(&input.reason, REASON, "reason")?;
            end::void(cx(ctx), id, reason, input.idempotency_key.map(|key| key.0)).await
        };
        let (round, user_errors) = settled(ctx, result.await).await?;
        Ok(VoidCertificationRoundPayload { round, user_errors })
    }
}

fn round_id(id: &ID) -> Result<uuid::Uuid> {
    Ok(Id::<ids::CertificationRound>::parse(id, "roundId")?.uuid())
}

/// Who keeps a round from being closed.
async fn named(ctx: &Context<'_>, round: &ID) -> Result<(u64, Vec<CertificationCheck>)> {
    let cx = cx(ctx);
    let (count, first) = unresolved(cx, round_id(round)?, NAMED).await?;
    let shown = first
        .into_iter()
        .map(|seen| CertificationCheck::new(cx, seen));
    Ok((count, shown.collect::<Result<_>>()?))
}

/// The round after a mutation, and why it was refused, where it was.
async fn settled(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<CertificationRound>, Vec<UserError>)> {
    let (id, user_errors) = settle_on(ctx, result)?;
    let Some(id) = id else {
        return Ok((None, user_errors));
    };
    let row = reads::one(cx(ctx), id).await.at_edge(ctx)?;
    let round = row.map(|row| CertificationRound::new(cx(ctx), row).at_edge(ctx));
    Ok((round.transpose()?, user_errors))
}
