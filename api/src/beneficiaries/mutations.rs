//! What can be done about beneficiaries.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::changes::Details;
use super::edit::{self, NewBeneficiary};
use super::graphql::{Beneficiary, BeneficiaryCategory, CertificationChannel, CheckOutcome};
use super::{matching, reads};
use crate::error::{Code, Error, Result};
use crate::ids::{self, Id};
use crate::inputs::{Edit, text, text_edit};
use crate::residents::graphql::Gender;
use crate::scalars::{Date, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::write::Outcome;

const NAME: usize = 40;
const NUMBER: usize = 40;
const PLACE: usize = 120;
const INSTITUTION: usize = 60;
const HEALTH: usize = 500;
const REASON: usize = 180;

/// What is said of a beneficiary. Of one on record, what is left out stays and null clears.
#[derive(Debug, InputObject)]
pub struct BeneficiaryDetails {
    /// The name, at most 40 characters. A new record needs it.
    name: MaybeUndefined<String>,
    /// As registered; the ID number's where absent.
    gender: MaybeUndefined<Gender>,
    /// The birth date; the ID number's where absent.
    born_on: MaybeUndefined<Date>,
    /// The ID number.
    id_number: MaybeUndefined<String>,
    /// The phone number.
    phone: MaybeUndefined<String>,
    /// As what they are one. A new record needs it.
    category: MaybeUndefined<BeneficiaryCategory>,
    /// The number of their certificate, at most 40 characters.
    certificate_number: MaybeUndefined<String>,
    /// Where they are registered, when that is no area of ours; at most 120 characters.
    registered_elsewhere: MaybeUndefined<String>,
    /// The building where they live.
    home_area_id: MaybeUndefined<ID>,
    /// The institution where they live, at most 60 characters; instead of a building.
    institution: MaybeUndefined<String>,
    /// Where they live below the building, or elsewhere; at most 120 characters.
    address: MaybeUndefined<String>,
    /// What one must know of their health, at most 500 characters.
    health_notes: MaybeUndefined<String>,
    /// Whether they cannot come to the station.
    is_immobile: MaybeUndefined<bool>,
    /// How they are best certified.
    preferred_channel: MaybeUndefined<CertificationChannel>,
    /// Who acts for them, at most 40 characters.
    guardian_name: MaybeUndefined<String>,
    /// The guardian's phone number.
    guardian_phone: MaybeUndefined<String>,
}

impl BeneficiaryDetails {
    fn into_details(self) -> Result<Details> {
        let home = match self.home_area_id {
            MaybeUndefined::Value(id) => {
                Edit::Set(Id::<ids::Area>::parse(&id, "homeAreaId")?.uuid())
            }
            MaybeUndefined::Null => Edit::Clear,
            MaybeUndefined::Undefined => Edit::Keep,
        };
        Ok(Details {
            name: text_edit(self.name, NAME, "name")?,
            gender: Edit::from(self.gender).map(Into::into),
            born_on: Edit::from(self.born_on).map(|day: Date| day.0),
            id_number: text_edit(self.id_number, NUMBER, "idNumber")?,
            phone: text_edit(self.phone, NUMBER, "phone")?,
            category: Edit::from(self.category).map(Into::into),
            certificate_number: text_edit(self.certificate_number, NUMBER, "certificateNumber")?,
            registered_elsewhere: text_edit(
                self.registered_elsewhere,
                PLACE,
                "registeredElsewhere",
            )?,
            home,
            institution: text_edit(self.institution, INSTITUTION, "institution")?,
            address: text_edit(self.address, PLACE, "address")?,
            health_notes: text_edit(self.health_notes, HEALTH, "healthNotes")?,
            is_immobile: self.is_immobile.into(),
            preferred_channel: Edit::from(self.preferred_channel).map(Into::into),
            guardian_name: text_edit(self.guardian_name, NAME, "guardianName")?,
            guardian_phone: text_edit(self.guardian_phone, NUMBER, "guardianPhone")?,
        })
    }
}

/// Whom to add.
#[derive(Debug, InputObject)]
pub struct AddBeneficiaryInput {
    /// A UUIDv7 that your device chose, so that a repeat is the same create.
    id: Option<Uuid>,
    /// Where they are registered: who answers for them.
    area_id: ID,
    /// What is said of them.
    details: BeneficiaryDetails,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Whom to change, and how.
#[derive(Debug, InputObject)]
pub struct UpdateBeneficiaryInput {
    /// The beneficiary.
    beneficiary_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// What is said of them.
    details: BeneficiaryDetails,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Who is a beneficiary no more.
#[derive(Debug, InputObject)]
pub struct EndBeneficiaryInput {
    /// The beneficiary.
    beneficiary_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// The first day, not after today.
    ended_on: Date,
    /// Why; not `ALIVE`.
    reason: CheckOutcome,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Who is a beneficiary after all.
#[derive(Debug, InputObject)]
pub struct ReinstateBeneficiaryInput {
    /// The beneficiary.
    beneficiary_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// Why, at most 180 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which resident a beneficiary is.
#[derive(Debug, InputObject)]
pub struct MatchBeneficiaryInput {
    /// The beneficiary.
    beneficiary_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// The resident; none where absent.
    resident_id: Option<ID>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

macro_rules! payloads {
    ($($name:ident)*) => {
        $(
            /// What came of it.
            #[derive(Debug, SimpleObject)]
            pub struct $name {
                /// The beneficiary as they are now; absent where it was refused, but for a version conflict.
                beneficiary: Option<Beneficiary>,
                /// Why it was refused; empty when it was done.
                user_errors: Vec<UserError>,
            }

            impl $name {
                async fn of(ctx: &Context<'_>, result: Result<Outcome>) -> async_graphql::Result<Self> {
                    let (beneficiary, user_errors) = settled(ctx, result).await?;
                    Ok(Self { beneficiary, user_errors })
                }
            }
        )*
    };
}

payloads! {
    AddBeneficiaryPayload
    UpdateBeneficiaryPayload
    EndBeneficiaryPayload
    ReinstateBeneficiaryPayload
    MatchBeneficiaryPayload
}

/// Mutations of beneficiaries.
#[derive(Debug, Default)]
pub struct BeneficiaryMutations;

#[Object]
impl BeneficiaryMutations {
    /// Adds a beneficiary. Needs `BENEFICIARY_EDIT` where they are registered.
    async fn add_beneficiary(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to add.")] input: AddBeneficiaryInput,
    ) -> async_graphql::Result<AddBeneficiaryPayload> {
        let result = async {
            let id = input.id.map(|id| id.0);
            if id.is_some_and(|id| id.get_version_num() != 7) {
                return Err(Error::refused(Code::UuidInvalid).on("id"));
            }
            let new = NewBeneficiary {
                id,
                area: Id::<ids::Area>::parse(&input.area_id, "areaId")?.uuid(),
                details: input.details.into_details()?,
            };
            new.check()?;
            edit::add(cx(ctx), new, input.idempotency_key.map(|key| key.0)).await
        };
        AddBeneficiaryPayload::of(ctx, result.await).await
    }

    /// Changes what is given of a beneficiary. Needs `BENEFICIARY_EDIT` where they are registered.
    async fn update_beneficiary(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to change, and how.")] input: UpdateBeneficiaryInput,
    ) -> async_graphql::Result<UpdateBeneficiaryPayload> {
        let result = async {
            let id = id(&input.beneficiary_id)?;
            let details = input.details.into_details()?;
            let key = input.idempotency_key.map(|key| key.0);
            edit::update(cx(ctx), (id, input.expected_version), details, key).await
        };
        UpdateBeneficiaryPayload::of(ctx, result.await).await
    }

    /// Notes that somebody is a beneficiary no more. Needs `BENEFICIARY_EDIT`; checks of an open round stay.
    async fn end_beneficiary(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is a beneficiary no more.")] input: EndBeneficiaryInput,
    ) -> async_graphql::Result<EndBeneficiaryPayload> {
        let result = async {
            let row = (id(&input.beneficiary_id)?, input.expected_version);
            let end = (input.ended_on.0, input.reason.into());
            edit::end(cx(ctx), row, end, input.idempotency_key.map(|key| key.0)).await
        };
        EndBeneficiaryPayload::of(ctx, result.await).await
    }

    /// Takes an end back. Needs `BENEFICIARY_EDIT`.
    async fn reinstate_beneficiary(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is a beneficiary after all.")] input: ReinstateBeneficiaryInput,
    ) -> async_graphql::Result<ReinstateBeneficiaryPayload> {
        let result = async {
            let row = (id(&input.beneficiary_id)?, input.expected_version);
            let reason = text(&input.reason, REASON, "reason")?;
            edit::reinstate(cx(ctx), row, reason, input.idempotency_key.map(|key| key.0)).await
        };
        ReinstateBeneficiaryPayload::of(ctx, result.await).await
    }

    /// Notes which resident a beneficiary is. Needs `BENEFICIARY_EDIT` for both.
    async fn match_beneficiary(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which resident a beneficiary is.")] input: MatchBeneficiaryInput,
    ) -> async_graphql::Result<MatchBeneficiaryPayload> {
        let result = async {
            let row = (id(&input.beneficiary_id)?, input.expected_version);
            let resident = input.resident_id.as_ref();
            let resident = resident
                .map(|id| Id::<ids::Resident>::parse(id, "residentId"))
                .transpose()?;
            let key = input.idempotency_key.map(|key| key.0);
            matching::settle(cx(ctx), row, resident.map(Id::uuid), key).await
        };
        MatchBeneficiaryPayload::of(ctx, result.await).await
    }
}

fn id(id: &ID) -> Result<uuid::Uuid> {
    Ok(Id::<ids::Beneficiary>::parse(id, "beneficiaryId")?.uuid())
}

/// The beneficiary after a mutation, and why it was refused, where it was.
async fn settled(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<Beneficiary>, Vec<UserError>)> {
    let (id, user_errors) = settle_on(ctx, result)?;
    let Some(id) = id else {
        return Ok((None, user_errors));
    };
    let row = reads::one(cx(ctx), id).await.at_edge(ctx)?;
    let beneficiary = row.map(|row| Beneficiary::new(cx(ctx), row).at_edge(ctx));
    Ok((beneficiary.transpose()?, user_errors))
}
