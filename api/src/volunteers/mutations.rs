//! What can be done with volunteers.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::entries::{self, Annulled, NewAward, NewCorrection, NewTraining};
use super::graphql::{AwardKind, IdKind, VolunteerProfile};
use super::profiles::{self, ProfileEdit};
use super::queries;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::{Edit, optional_text, text, text_edit};
use crate::residents::graphql::Gender;
use crate::scalars::{Date, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::write::Outcome;

const NAME: usize = 40;
/// Longer than any way to write an ID or phone number.
const NUMBER: usize = 40;
const POLICY: usize = 60;
const TRAINING: usize = 60;
const TITLE: usize = 80;
const ISSUER: usize = 80;
const ADDRESS: usize = 120;
const REASON: usize = 200;
const SKILLS: usize = 500;

macro_rules! payloads {
    ($($name:ident)*) => {
        $(
            /// What came of it.
            #[derive(Debug, SimpleObject)]
            pub struct $name {
                /// The volunteer's profile as it is now; absent where it was refused, but for a version
                /// conflict.
                volunteer_profile: Option<VolunteerProfile>,
                /// Why it was refused; empty when it was done.
                user_errors: Vec<UserError>,
            }

            impl $name {
                async fn of(ctx: &Context<'_>, result: Result<Outcome>) -> async_graphql::Result<Self> {
                    let (id, user_errors) = settle_on(ctx, result)?;
                    let volunteer_profile = match id {
                        Some(id) => queries::after(ctx, id, "volunteerProfile").await.at_edge(ctx)?,
                        None => None,
                    };
                    Ok(Self { volunteer_profile, user_errors })
                }
            }
        )*
    };
}

payloads! {
    UpdateVolunteerProfilePayload
    RecordTrainingPayload
    AnnulTrainingPayload
    RecordAwardPayload
    AnnulAwardPayload
    CorrectServiceRecordPayload
}

/// What to change of a profile; what is left out stays, null clears, a value written back as it was
/// shown changes nothing.
#[derive(Debug, InputObject)]
pub struct UpdateVolunteerProfileInput {
    /// The volunteer's account.
    account_id: ID,
    /// The version you saw, 0 before the first change; another one is refused.
    expected_version: i64,
    /// The gender; absent, the identity card's.
    gender: MaybeUndefined<Gender>,
    /// The birth date; absent, the identity card's.
    born_on: MaybeUndefined<Date>,
    /// The kind of identity document.
    id_kind: MaybeUndefined<IdKind>,
    /// The document's number, at most 40 characters.
    id_number: MaybeUndefined<String>,
    /// The address, at most 120 characters.
    address: MaybeUndefined<String>,
    /// Whom to call in an emergency, at most 40 characters.
    emergency_name: MaybeUndefined<String>,
    /// Their phone number: a mobile, or a landline with its area code.
    emergency_phone: MaybeUndefined<String>,
    /// What they can do, at most 500 characters.
    skills: MaybeUndefined<String>,
    /// The number in the national system, at most 40 characters. Not of oneself.
    volunteer_number: MaybeUndefined<String>,
    /// Insurer and policy, at most 60 characters. Not of oneself.
    insurance_policy: MaybeUndefined<String>,
    /// The last day on which the insurance covers. Not of oneself.
    insurance_until_on: MaybeUndefined<Date>,
    /// The day of becoming a volunteer. Not of oneself.
    joined_on: MaybeUndefined<Date>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// A training to be recorded.
#[derive(Debug, InputObject)]
pub struct RecordTrainingInput {
    /// The volunteer's account; not your own.
    account_id: ID,
    /// What it was about, at most 60 characters.
    training: String,
    /// How long it took, in minutes.
    minutes: i32,
    /// The day on which it was completed.
    completed_on: Date,
    /// The last day on which it counts; without end where absent.
    valid_until_on: Option<Date>,
    /// Who gave it, at most 80 characters.
    issuer: Option<String>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which training was recorded by mistake, and why.
#[derive(Debug, InputObject)]
pub struct AnnulTrainingInput {
    /// The training.
    training_id: ID,
    /// Why, at most 200 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// An award or evaluation to be recorded.
#[derive(Debug, InputObject)]
pub struct RecordAwardInput {
    /// The volunteer's account; not your own.
    account_id: ID,
    /// An award or an evaluation.
    kind: AwardKind,
    /// What it says, at most 80 characters.
    title: String,
    /// The day on which it was given.
    awarded_on: Date,
    /// Who gave it, at most 80 characters.
    issuer: Option<String>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which award or evaluation was recorded by mistake, and why.
#[derive(Debug, InputObject)]
pub struct AnnulAwardInput {
    /// The award or evaluation.
    award_id: ID,
    /// Why, at most 200 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Minutes to be added to a service record, or taken from it.
#[derive(Debug, InputObject)]
pub struct CorrectServiceRecordInput {
    /// The volunteer's account; not your own.
    account_id: ID,
    /// How many; negative takes away, but never more than there are.
    minutes: i32,
    /// The day to which they count.
    counts_on: Date,
    /// Why, at most 200 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Mutations of volunteers' records.
#[derive(Debug, Default)]
pub struct VolunteerMutations;

#[Object]
impl VolunteerMutations {
    /// Changes what is given of a volunteer's profile. Your own, but for number, insurance and day of
    /// joining; all of it with `VOLUNTEER_EDIT` where they serve.
    async fn update_volunteer_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "What to change of a profile; what is left out stays, null clears, a value written back as it was shown changes nothing."
        )]
        input: UpdateVolunteerProfileInput,
    ) -> async_graphql::Result<UpdateVolunteerProfilePayload> {
        let result = async {
            let account = account(&input.account_id)?;
            let (version, key) = (input.expected_version, key(input.idempotency_key));
            profiles::update(cx(ctx), account, version, edited(input)?, key).await
        };
        UpdateVolunteerProfilePayload::of(ctx, result.await).await
    }

    /// Records a training that somebody else completed. Needs `VOLUNTEER_EDIT` where they serve.
    async fn record_training(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A training to be recorded.")] input: RecordTrainingInput,
    ) -> async_graphql::Result<RecordTrainingPayload> {
        let result = async {
            let new = NewTraining {
                account: account(&input.account_id)?,
                training: text(&input.training, TRAINING, "training")?,
                minutes: input.minutes,
                completed_on: input.completed_on.0,
                valid_until_on: input.valid_until_on.map(|on| on.0),
                issuer: optional_text(input.issuer.as_deref(), ISSUER, "issuer")?,
            };
            entries::record_training(cx(ctx), new, key(input.idempotency_key)).await
        };
        RecordTrainingPayload::of(ctx, result.await).await
    }

    /// Annuls a training that was recorded by mistake; it stays, marked so. Needs `VOLUNTEER_EDIT`
    /// where the volunteer serves.
    async fn annul_training(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which training was recorded by mistake, and why.")]
        input: AnnulTrainingInput,
    ) -> async_graphql::Result<AnnulTrainingPayload> {
        let result = async {
            let id = Id::<ids::VolunteerTraining>::parse(&input.training_id, "trainingId")?;
            let reason = text(&input.reason, REASON, "reason")?;
            let entry = Annulled::Training(id.uuid());
            entries::annul(cx(ctx), entry, reason, key(input.idempotency_key)).await
        };
        AnnulTrainingPayload::of(ctx, result.await).await
    }

    /// Records an award or evaluation of somebody else. Needs `VOLUNTEER_EDIT` where they serve.
    async fn record_award(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An award or evaluation to be recorded.")] input: RecordAwardInput,
    ) -> async_graphql::Result<RecordAwardPayload> {
        let result = async {
            let new = NewAward {
                account: account(&input.account_id)?,
                kind: input.kind.into(),
                title: text(&input.title, TITLE, "title")?,
                awarded_on: input.awarded_on.0,
                issuer: optional_text(input.issuer.as_deref(), ISSUER, "issuer")?,
            };
            entries::record_award(cx(ctx), new, key(input.idempotency_key)).await
        };
        RecordAwardPayload::of(ctx, result.await).await
    }

    /// Annuls an award or evaluation that was recorded by mistake; it stays, marked so. Needs
    /// `VOLUNTEER_EDIT` where the volunteer serves.
    async fn annul_award(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which award or evaluation was recorded by mistake, and why.")]
        input: AnnulAwardInput,
    ) -> async_graphql::Result<AnnulAwardPayload> {
        let result = async {
            let id = Id::<ids::VolunteerAward>::parse(&input.award_id, "awardId")?;
            let reason = text(&input.reason, REASON, "reason")?;
            let entry = Annulled::Award(id.uuid());
            entries::annul(cx(ctx), entry, reason, key(input.idempotency_key)).await
        };
        AnnulAwardPayload::of(ctx, result.await).await
    }

    /// Adds minutes to somebody else's service record, or takes some from it, by a counter-entry. Needs
    /// `VOLUNTEER_EDIT` where they serve.
    async fn correct_service_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Minutes to be added to a service record, or taken from it.")]
        input: CorrectServiceRecordInput,
    ) -> async_graphql::Result<CorrectServiceRecordPayload> {
        let result = async {
            let new = NewCorrection {
                account: account(&input.account_id)?,
                minutes: input.minutes,
                counts_on: input.counts_on.0,
                reason: text(&input.reason, REASON, "reason")?,
            };
            entries::correct(cx(ctx), new, key(input.idempotency_key)).await
        };
        CorrectServiceRecordPayload::of(ctx, result.await).await
    }
}

fn account(id: &ID) -> Result<uuid::Uuid> {
    Id::<ids::Account>::parse(id, "accountId").map(Id::uuid)
}

fn key(key: Option<Uuid>) -> Option<uuid::Uuid> {
    key.map(|key| key.0)
}

fn edited(input: UpdateVolunteerProfileInput) -> Result<ProfileEdit> {
    let gender: Edit<Gender> = input.gender.into();
    let id_kind: Edit<IdKind> = input.id_kind.into();
    let day = |value: MaybeUndefined<Date>| Edit::from(value).map(|on: Date| on.0);
    Ok(ProfileEdit {
        gender: gender.map(Into::into),
        born_on: day(input.born_on),
        id_kind: id_kind.map(Into::into),
        id_number: text_edit(input.id_number, NUMBER, "idNumber")?,
        address: text_edit(input.address, ADDRESS, "address")?,
        emergency_name: text_edit(input.emergency_name, NAME, "emergencyName")?,
        emergency_phone: text_edit(input.emergency_phone, NUMBER, "emergencyPhone")?,
        skills: text_edit(input.skills, SKILLS, "skills")?,
        volunteer_number: text_edit(input.volunteer_number, NUMBER, "volunteerNumber")?,
        insurance_policy: text_edit(input.insurance_policy, POLICY, "insurancePolicy")?,
        insurance_until_on: day(input.insurance_until_on),
        joined_on: day(input.joined_on),
    })
}
