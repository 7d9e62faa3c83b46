//! What can be done with residents.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::contacts::{self, Contact};
use super::edit::{self, NewResident, ResidentEdit};
use super::graphql::{Gender, Resident};
use super::moves::{self, Move};
use super::queries::columns;
use super::rules::LONGEST_NOTES;
use super::service;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::{Edit, optional_text, text, text_edit};
use crate::scalars::{Date, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::write::Outcome;

const NAME: usize = 40;
/// Longer than any way to write an ID or phone number.
const NUMBER: usize = 40;
const RELATION: usize = 20;

macro_rules! payloads {
    ($($name:ident)*) => {
        $(
            /// What came of it.
            #[derive(Debug, SimpleObject)]
            pub struct $name {
                /// The resident as they are now; absent where it was refused, but for a version
                /// conflict.
                resident: Option<Resident>,
                /// Why it was refused; empty when it was done.
                user_errors: Vec<UserError>,
            }

            impl $name {
                async fn of(ctx: &Context<'_>, result: Result<Outcome>) -> async_graphql::Result<Self> {
                    let (resident, user_errors) = settled(ctx, result).await?;
                    Ok(Self { resident, user_errors })
                }
            }
        )*
    };
}

payloads! {
    AddResidentPayload
    UpdateResidentPayload
    MoveResidentPayload
    SetEmergencyContactsPayload
}

/// A resident to be added.
#[derive(Debug, InputObject)]
pub struct AddResidentInput {
    /// A UUIDv7 that your device chose for the resident, so that a repeat is the same resident.
    id: Option<Uuid>,
    /// The household they live in.
    household_id: ID,
    /// The name, at most 40 characters.
    name: String,
    /// As registered; absent, the ID number's.
    gender: Option<Gender>,
    /// The birth date; absent, the ID number's.
    born_on: Option<Date>,
    /// The ID number (GB 11643), 18 or 15 characters.
    id_number: Option<String>,
    /// The phone number: a mobile, or a landline with its area code.
    phone: Option<String>,
    /// What a visitor must know of their health, at most 2000 characters.
    health_notes: Option<String>,
    /// The relation to the head of the household, at most 20 characters.
    relation: Option<String>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What to change of a resident; what is left out stays, null clears, a masked value written back
/// changes nothing.
#[derive(Debug, InputObject)]
pub struct UpdateResidentInput {
    /// The resident.
    resident_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// The name, at most 40 characters.
    name: MaybeUndefined<String>,
    /// As registered.
    gender: MaybeUndefined<Gender>,
    /// The birth date.
    born_on: MaybeUndefined<Date>,
    /// The ID number (GB 11643), 18 or 15 characters.
    id_number: MaybeUndefined<String>,
    /// The phone number: a mobile, or a landline with its area code.
    phone: MaybeUndefined<String>,
    /// What a visitor must know of their health, at most 2000 characters.
    health_notes: MaybeUndefined<String>,
    /// The relation to the head of the household, at most 20 characters.
    relation: MaybeUndefined<String>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Who moves, and where to.
#[derive(Debug, InputObject)]
pub struct MoveResidentInput {
    /// The resident.
    resident_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// The household they live in from then on.
    household_id: ID,
    /// The first day there, not after today; today where absent.
    on_date: Option<Date>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Somebody to call about a resident.
#[derive(Debug, InputObject)]
pub struct EmergencyContactInput {
    /// The contact it changes; absent for a new one.
    id: Option<ID>,
    /// The name, at most 40 characters.
    name: String,
    /// The phone number, or its masked form where it stays.
    phone: Option<String>,
    /// The relation to the resident, at most 20 characters.
    relation: Option<String>,
}

/// The whole list of whom to call, in this order.
#[derive(Debug, InputObject)]
pub struct SetEmergencyContactsInput {
    /// The resident.
    resident_id: ID,
    /// The resident's version you saw; another one is refused.
    expected_version: i64,
    /// At most 5; contacts left out go.
    contacts: Vec<EmergencyContactInput>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Mutations of residents.
#[derive(Debug, Default)]
pub struct ResidentMutations;

#[Object]
impl ResidentMutations {
    /// Adds a resident to a household. Needs `RESIDENT_EDIT` where it lives.
    async fn add_resident(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A resident to be added.")] input: AddResidentInput,
    ) -> async_graphql::Result<AddResidentPayload> {
        let result = async {
            let key = input.idempotency_key.map(|key| key.0);
            edit::add(cx(ctx), added(&input)?, key).await
        };
        AddResidentPayload::of(ctx, result.await).await
    }

    /// Changes what is given of a resident. Needs `RESIDENT_EDIT` where they live.
    async fn update_resident(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "What to change of a resident; what is left out stays, null clears, a masked value written back changes nothing."
        )]
        input: UpdateResidentInput,
    ) -> async_graphql::Result<UpdateResidentPayload> {
        let result = async {
            let id = Id::<ids::Resident>::parse(&input.resident_id, "residentId")?.uuid();
            let key = input.idempotency_key.map(|key| key.0);
            let version = input.expected_version;
            edit::update(cx(ctx), id, version, edited(input)?, key).await
        };
        UpdateResidentPayload::of(ctx, result.await).await
    }

    /// Moves a resident to another household from a day on; their enrolment and the visits still to be
    /// made to them follow. Needs `RESIDENT_EDIT` at both.
    async fn move_resident(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who moves, and where to.")] input: MoveResidentInput,
    ) -> async_graphql::Result<MoveResidentPayload> {
        let result = async {
            let the_move = Move {
                resident: Id::<ids::Resident>::parse(&input.resident_id, "residentId")?.uuid(),
                expected_version: input.expected_version,
                household: Id::<ids::Household>::parse(&input.household_id, "householdId")?.uuid(),
                on: input.on_date.map(|on| on.0),
            };
            moves::relocate(cx(ctx), the_move, input.idempotency_key.map(|key| key.0)).await
        };
        MoveResidentPayload::of(ctx, result.await).await
    }

    /// Replaces the list of whom to call about a resident. Needs `RESIDENT_EDIT` where they live.
    async fn set_emergency_contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The whole list of whom to call, in this order.")]
        input: SetEmergencyContactsInput,
    ) -> async_graphql::Result<SetEmergencyContactsPayload> {
        let result = async {
            let id = Id::<ids::Resident>::parse(&input.resident_id, "residentId")?.uuid();
            let key = input.idempotency_key.map(|key| key.0);
            let contacts = input.contacts.iter().map(contact).collect::<Result<_>>()?;
            contacts::set(cx(ctx), id, input.expected_version, contacts, key).await
        };
        SetEmergencyContactsPayload::of(ctx, result.await).await
    }
}

fn added(input: &AddResidentInput) -> Result<NewResident> {
    Ok(NewResident {
        id: input.id.map(|id| id.0),
        household: Id::<ids::Household>::parse(&input.household_id, "householdId")?.uuid(),
        name: text(&input.name, NAME, "name")?,
        gender: input.gender.map(Into::into),
        born_on: input.born_on.map(|on| on.0),
        id_number: optional_text(input.id_number.as_deref(), NUMBER, "idNumber")?,
        phone: optional_text(input.phone.as_deref(), NUMBER, "phone")?,
        health_notes: optional_text(input.health_notes.as_deref(), LONGEST_NOTES, "healthNotes")?,
        relation: optional_text(input.relation.as_deref(), RELATION, "relation")?,
    })
}

fn edited(input: UpdateResidentInput) -> Result<ResidentEdit> {
    let gender: Edit<Gender> = input.gender.into();
    let born_on: Edit<Date> = input.born_on.into();
    Ok(ResidentEdit {
        name: text_edit(input.name, NAME, "name")?,
        gender: gender.map(Into::into),
        born_on: born_on.map(|on| on.0),
        id_number: text_edit(input.id_number, NUMBER, "idNumber")?,
        phone: text_edit(input.phone, NUMBER, "phone")?,
        health_notes: text_edit(input.health_notes, LONGEST_NOTES, "healthNotes")?,
        relation: text_edit(input.relation, RELATION, "relation")?,
    })
}

fn contact(input: &EmergencyContactInput) -> Result<Contact> {
    let id = input.id.as_ref();
    let id = id
        .map(|id| Id::<ids::EmergencyContact>::parse(id, "contacts.id"))
        .transpose()?;
    Ok(Contact {
        id: id.map(Id::uuid),
        name: text(&input.name, NAME, "contacts.name")?,
        phone: optional_text(input.phone.as_deref(), NUMBER, "contacts.phone")?,
        relation: optional_text(input.relation.as_deref(), RELATION, "contacts.relation")?,
    })
}

/// The resident after a mutation, under the rights of now; and why it was refused, where it was.
pub(super) async fn settled(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<Resident>, Vec<UserError>)> {
    let (id, user_errors) = settle_on(ctx, result)?;
    let Some(id) = id else {
        return Ok((None, user_errors));
    };
    let columns = columns(&ctx.look_ahead().field("resident"));
    let found = service::some(cx(ctx), &[id], &columns)
        .await
        .at_edge(ctx)?
        .pop();
    Ok((found.map(Resident::new), user_errors))
}
