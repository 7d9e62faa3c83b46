//! Adding and changing residents.

use chrono::NaiveDate;
use entity::enums::{ChangeKind, Gender};
use entity::{household, residence, resident};
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use serde::Serialize;
use uuid::Uuid;

use super::changes::Changes;
use super::rules;
use crate::access::policy::Permission;
use crate::access::scope::{self, Grant};
use crate::access::sealed::{self, Field};
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::inputs::Edit;
use crate::write::{Begun, Outcome, Request, Write, id_of_new};

/// A resident to be added.
#[derive(Clone, Debug, Serialize)]
pub struct NewResident {
    /// The id the phone chose for them.
    pub id: Option<Uuid>,
    /// Where they live.
    pub household: Uuid,
    /// The name.
    pub name: String,
    /// As registered; absent, the ID number's.
    pub gender: Option<Gender>,
    /// The birth date; absent, the ID number's.
    pub born_on: Option<NaiveDate>,
    /// The ID number.
    pub id_number: Option<String>,
    /// The phone number.
    pub phone: Option<String>,
    /// What a visitor must know of their health.
    pub health_notes: Option<String>,
    /// The relation to the head of the household.
    pub relation: Option<String>,
}

/// What is changed of a resident.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ResidentEdit {
    /// The name.
    pub name: Edit<String>,
    /// As registered; cleared, not known.
    pub gender: Edit<Gender>,
    /// The birth date.
    pub born_on: Edit<NaiveDate>,
    /// The ID number.
    pub id_number: Edit<String>,
    /// The phone number.
    pub phone: Edit<String>,
    /// What a visitor must know of their health.
    pub health_notes: Edit<String>,
    /// The relation to the head of the household.
    pub relation: Edit<String>,
}

/// Adds a resident to a household. Needs `RESIDENT_EDIT` where it lives.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `NO_LONGER_HERE`, `PHONE_INVALID`, `ID_INVALID`,
/// `ID_CHECKSUM`, `BORN_ON_MISMATCH`, `GENDER_MISMATCH`, `OUT_OF_RANGE`, `ID_NUMBER_TAKEN`,
/// `UUID_INVALID`, `ID_TAKEN`.
pub async fn add(cx: &Cx, new: NewResident, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    actor.require(Permission::ResidentEdit)?;
    let write = match Write::begin(cx, Request::new("addResident", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let id = id_of_new(cx, new.id)?;
    let (home, grant) = write
        .to_change::<household::Entity>(
            cx,
            new.household,
            Permission::ResidentEdit,
            Permission::HouseholdRead,
        )
        .await
        .map_err(|error| error.on("householdId"))?;
    if home.closed_on.is_some() {
        return Err(Error::refused(Code::NoLongerHere).on("householdId"));
    }
    let wanted = row(cx, &home, id, &new)?;
    let Some(row) = settle(cx, write.tx(), &grant, wanted.clone()).await? else {
        let is_same = is_on_record(cx, &write, &wanted, &new).await?;
        return write.made_before(id, is_same).await;
    };
    let changed = Changed::new(ChangeKind::Resident, row.id, Some(row.area_id));
    let fields = "household,name,gender,born_on,id_number,phone,health_notes,relation";
    let act = act("addResident", &row, fields, Some(&new));
    write.record(cx, act, changed).await?;
    let outcome = Outcome::of(row.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The row of a new resident, its values checked and sealed.
fn row(
    cx: &Cx,
    home: &household::Model,
    id: Uuid,
    new: &NewResident,
) -> Result<resident::ActiveModel> {
    let (keys, now) = (&cx.app.keys, cx.app.clock.now());
    let seal = |field, value: Option<&str>| {
        value
            .map(|value| sealed::seal(keys, field, value))
            .transpose()
    };
    let hash = |field, value: Option<&str>| value.map(|value| sealed::hash(keys, field, value));
    let id_number = new.id_number.as_deref();
    let id_number = id_number
        .map(|number| rules::id_number(number, "idNumber"))
        .transpose()?;
    let phone = new.phone.as_deref();
    let phone = phone
        .map(|phone| rules::phone(phone, "phone"))
        .transpose()?;
    let (mut born_on, mut gender) = (new.born_on, new.gender.unwrap_or(Gender::Unknown));
    if let Some(number) = &id_number {
        rules::check_identity(number, born_on, gender)?;
        born_on = Some(number.born_on());
        gender = number.gender();
    }
    if let Some(born_on) = born_on {
        rules::check_born_on(born_on, cx.app.clock.today(SHANGHAI))?;
    }
    let id_number = id_number.as_ref().map(super::id_number::IdNumber::as_str);
    let phone = phone.as_ref().map(crate::accounts::phone::Phone::as_str);
    Ok(resident::ActiveModel {
        id: Set(id),
        household_id: Set(home.id),
        area_id: Set(home.area_id),
        grid_id: Set(home.grid_id),
        name: Set(new.name.clone()),
        gender: Set(gender),
        born_on: Set(born_on),
        id_number_sealed: Set(seal(Field::IdNumber, id_number)?),
        id_number_hash: Set(hash(Field::IdNumber, id_number)),
        phone_sealed: Set(seal(Field::Phone, phone)?),
        phone_hash: Set(hash(Field::Phone, phone)),
        health_notes_sealed: Set(seal(Field::HealthNotes, new.health_notes.as_deref())?),
        relation: Set(new.relation.clone()),
        deceased_on: Set(None),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    })
}

/// Whether the resident with this id is the one to be added, as they were to be added.
async fn is_on_record(
    cx: &Cx,
    write: &Write,
    wanted: &resident::ActiveModel,
    new: &NewResident,
) -> Result<bool> {
    let known = cx
        .actor()?
        .scoped::<resident::Entity>(Permission::ResidentEdit)
        .id(*wanted.id.as_ref())
        .one(write.tx())
        .await?;
    let notes = |sealed: Option<&str>| match (sealed, new.health_notes.as_deref()) {
        (Some(sealed), Some(notes)) => sealed::is(&cx.app.keys, Field::HealthNotes, sealed, notes),
        (sealed, notes) => sealed.is_none() && notes.is_none(),
    };
    Ok(known.is_some_and(|known| {
        known.household_id == *wanted.household_id.as_ref()
            && known.name == *wanted.name.as_ref()
            && known.gender == *wanted.gender.as_ref()
            && known.born_on == *wanted.born_on.as_ref()
            && known.id_number_hash == *wanted.id_number_hash.as_ref()
            && known.phone_hash == *wanted.phone_hash.as_ref()
            && known.relation == *wanted.relation.as_ref()
            && notes(known.health_notes_sealed.as_deref())
    }))
}

/// Writes a new resident, who lives in their household from today on; nobody where the id is taken.
async fn settle(
    cx: &Cx,
    tx: &Tx,
    grant: &Grant,
    row: resident::ActiveModel,
) -> Result<Option<resident::Model>> {
    let written = scope::insert_new(tx, grant, row).await.map_err(taken)?;
    let Some(row) = written else {
        return Ok(None);
    };
    let stay = residence::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        resident_id: Set(row.id),
        household_id: Set(row.household_id),
        from_on: Set(cx.app.clock.today(SHANGHAI)),
        to_on: Set(None),
    };
    scope::insert(tx, grant, stay).await?;
    Ok(Some(row))
}

/// Changes what is given of a resident; a masked value written back changes nothing. Needs
/// `RESIDENT_EDIT` where they live.
///
/// Refused: as [`add`], and `REQUIRED`, `VERSION_CONFLICT`.
pub async fn update(
    cx: &Cx,
    id: Uuid,
    expected_version: i64,
    edit: ResidentEdit,
    key: Option<Uuid>,
) -> Result<Outcome> {
    use resident::Column as C;
    let actor = cx.actor()?;
    actor.require(Permission::ResidentEdit)?;
    let request = Request::new("updateResident", key, &(id, expected_version, &edit));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let row = to_edit(cx, &write, id, expected_version).await?;
    let outcome = Outcome::of(id);
    let new = Changes::of(cx, &row, &edit)?;
    if new.is_empty() {
        write.commit(&outcome).await?;
        return Ok(outcome);
    }
    let row = actor
        .scoped::<resident::Entity>(Permission::ResidentEdit)
        .id(id)
        .filter(C::Version.eq(expected_version))
        .update(write.tx(), |update| {
            update
                .values(new.values())
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
        })
        .await
        .map_err(taken)?
        .pop()
        .ok_or(Error::Conflict(id))?;
    let changed = Changed::in_place(ChangeKind::Resident, id, Some(row.area_id));
    let act = act("updateResident", &row, &new.fields(), Some(&edit));
    write.record(cx, act, changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The resident an edit is about, held until the end, at the version the actor saw.
pub(super) async fn to_edit(
    cx: &Cx,
    write: &Write,
    id: Uuid,
    expected_version: i64,
) -> Result<resident::Model> {
    let (row, _) = write
        .to_change::<resident::Entity>(cx, id, Permission::ResidentEdit, Permission::ResidentRead)
        .await
        .map_err(|error| error.on("residentId"))?;
    if row.version == expected_version {
        Ok(row)
    } else {
        Err(Error::Conflict(id))
    }
}

/// That the number is known is all that is told: not of whom, nor where.
fn taken(error: Error) -> Error {
    error.where_unique("id_number_hash", Code::IdNumberTaken, "idNumber")
}

/// The audit entry of a change; `details` hold the new values and are sealed.
pub(super) fn act(
    action: &'static str,
    row: &resident::Model,
    fields: &str,
    details: Option<&impl Serialize>,
) -> Act {
    Act {
        action,
        subject_kind: "Resident",
        subject_id: row.id,
        area_id: Some(row.area_id),
        reason: None,
        fields: fields.to_owned(),
        // Inputs are plain structs, which always have a JSON form.
        details: details.and_then(|details| serde_json::to_string(details).ok()),
    }
}
