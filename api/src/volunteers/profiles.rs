//! Editing a profile: by the volunteer, and by those who answer for volunteers where they serve.

use chrono::NaiveDate;
use entity::enums::{ChangeKind, Gender, IdKind};
use entity::volunteer_profile;
use sea_orm::{ActiveEnum as _, ActiveModelTrait as _, EntityTrait as _};
use serde::Serialize;
use uuid::Uuid;

use super::people;
use crate::access::keys::Keys;
use crate::access::protected::{check_id_number, is_stored};
use crate::access::sealed::{self, Field};
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::{Code, Error, Result};
use crate::inputs::Edit;
use crate::residents::rules as residents;
use crate::write::{Begun, Outcome, Request, Write};

const REASON: &str = "the profile of the actor, or of a volunteer whom the scope let through";

/// What an edit does to a profile.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ProfileEdit {
    /// Gender.
    pub gender: Edit<Gender>,
    /// Birth date.
    pub born_on: Edit<NaiveDate>,
    /// Kind of identity document.
    pub id_kind: Edit<IdKind>,
    /// Its number.
    pub id_number: Edit<String>,
    /// Address.
    pub address: Edit<String>,
    /// Whom to call in an emergency.
    pub emergency_name: Edit<String>,
    /// Their phone number.
    pub emergency_phone: Edit<String>,
    /// What they can do.
    pub skills: Edit<String>,
    /// Number in the national system; not by the volunteer.
    pub volunteer_number: Edit<String>,
    /// Insurer and policy; not by the volunteer.
    pub insurance_policy: Edit<String>,
    /// Last day of the insurance; not by the volunteer.
    pub insurance_until_on: Edit<NaiveDate>,
    /// Day of joining; not by the volunteer.
    pub joined_on: Edit<NaiveDate>,
}

/// Changes what is given of a profile. One's own, or with `VOLUNTEER_EDIT` where the volunteer serves.
///
/// Version 0 is that of a profile nobody has written yet. Refused: `NOT_FOUND`, `VERSION_CONFLICT`,
/// `NOT_PERMITTED` on what the volunteer may not change, `ID_INVALID`, `ID_CHECKSUM`,
/// `BORN_ON_MISMATCH`, `GENDER_MISMATCH`, `PHONE_INVALID`, `OUT_OF_RANGE`, `ID_NUMBER_TAKEN`,
/// `VOLUNTEER_NUMBER_TAKEN`.
pub async fn update(
    cx: &Cx,
    account: Uuid,
    expected_version: i64,
    edit: ProfileEdit,
    key: Option<Uuid>,
) -> Result<Outcome> {
    let mine = cx.actor()?.account == account;
    let input = (account, expected_version, &edit);
    let request = Request::new("updateVolunteerProfile", key, &input);
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let area = if mine {
        people::hold(&write, account).await?;
        check_own(&edit)?;
        None
    } else {
        Some(people::to_edit(cx, &write, account).await?.area())
    };
    let outcome = Outcome::of(account);
    let fields = apply(cx, &write, account, expected_version, &edit).await?;
    if fields.is_empty() {
        write.commit(&outcome).await?;
        return Ok(outcome);
    }
    let act = Act {
        action: "updateVolunteerProfile",
        subject_kind: "VolunteerProfile",
        subject_id: account,
        area_id: area,
        reason: None,
        fields: fields.join(","),
        // Inputs are plain structs, which always have a JSON form.
        details: serde_json::to_string(&edit).ok(),
    };
    let changed = Changed::in_place(ChangeKind::Account, account, area);
    write.record(cx, act, changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// What a volunteer leaves to those who answer for them.
fn check_own(edit: &ProfileEdit) -> Result<()> {
    let barred = [
        (edit.volunteer_number != Edit::Keep, "volunteerNumber"),
        (edit.insurance_policy != Edit::Keep, "insurancePolicy"),
        (edit.insurance_until_on != Edit::Keep, "insuranceUntilOn"),
        (edit.joined_on != Edit::Keep, "joinedOn"),
    ];
    match barred.iter().find(|(given, _)| *given) {
        Some((_, field)) => Err(Error::refused(Code::NotPermitted).on(field)),
        None => Ok(()),
    }
}

/// Writes what differs and returns the names of the fields; the volunteer's writes are held.
async fn apply(
    cx: &Cx,
    write: &Write,
    account: Uuid,
    expected_version: i64,
    edit: &ProfileEdit,
) -> Result<Vec<&'static str>> {
    let connection = write.tx().unscoped(REASON);
    let before = volunteer_profile::Entity::find_by_id(account)
        .one(&connection)
        .await?;
    if before.as_ref().map_or(0, |row| row.version) != expected_version {
        return Err(Error::Conflict(account));
    }
    let (now, is_new) = (cx.app.clock.now(), before.is_none());
    let row = before.unwrap_or_else(|| empty(account, now));
    let mut after = row.clone();
    plain(&mut after, edit);
    emergency(cx, &mut after, edit)?;
    identity(cx, &mut after, edit)?;
    let fields = changed(&row, &after);
    if fields.is_empty() {
        return Ok(fields);
    }
    after.version = row.version + 1;
    after.updated_at = now;
    let after = volunteer_profile::ActiveModel::from(after).reset_all();
    let written = if is_new {
        after.insert(&connection).await
    } else {
        after.update(&connection).await
    };
    written.map_err(taken)?;
    Ok(fields)
}

/// What is known of a volunteer before anything is.
fn empty(account: Uuid, now: chrono::DateTime<chrono::Utc>) -> volunteer_profile::Model {
    volunteer_profile::Model {
        account_id: account,
        volunteer_number: None,
        gender: Gender::Unknown,
        born_on: None,
        id_kind: None,
        id_number_sealed: None,
        id_number_hash: None,
        address_sealed: None,
        emergency_name: None,
        emergency_phone_sealed: None,
        insurance_policy: None,
        insurance_until_on: None,
        joined_on: None,
        skills: None,
        version: 0,
        created_at: now,
        updated_at: now,
    }
}

fn taken(error: sea_orm::DbErr) -> Error {
    Error::from(error)
        .where_unique("id_number_hash", Code::IdNumberTaken, "idNumber")
        .where_unique(
            "volunteer_number",
            Code::VolunteerNumberTaken,
            "volunteerNumber",
        )
}

/// The value after an edit.
fn edited<T: Clone>(value: &mut Option<T>, edit: &Edit<T>) {
    match edit {
        Edit::Keep => {}
        Edit::Clear => *value = None,
        Edit::Set(new) => *value = Some(new.clone()),
    }
}

fn plain(row: &mut volunteer_profile::Model, edit: &ProfileEdit) {
    edited(&mut row.volunteer_number, &edit.volunteer_number);
    edited(&mut row.emergency_name, &edit.emergency_name);
    edited(&mut row.skills, &edit.skills);
    edited(&mut row.insurance_policy, &edit.insurance_policy);
    edited(&mut row.insurance_until_on, &edit.insurance_until_on);
    edited(&mut row.joined_on, &edit.joined_on);
    edited(&mut row.born_on, &edit.born_on);
    edited(&mut row.id_kind, &edit.id_kind);
    match edit.gender {
        Edit::Keep => {}
        Edit::Clear => row.gender = Gender::Unknown,
        Edit::Set(gender) => row.gender = gender,
    }
}

fn emergency(cx: &Cx, row: &mut volunteer_profile::Model, edit: &ProfileEdit) -> Result<()> {
    let keys = &cx.app.keys;
    let phone = match &edit.emergency_phone {
        Edit::Set(text)
            if !is_stored(
                keys,
                Field::Phone,
                row.emergency_phone_sealed.as_deref(),
                text,
            ) =>
        {
            let phone = residents::phone(text, "emergencyPhone")?;
            Edit::Set(phone.as_str().to_owned())
        }
        other => other.clone(),
    };
    reseal(keys, Field::Phone, &mut row.emergency_phone_sealed, &phone)?;
    reseal(keys, Field::Address, &mut row.address_sealed, &edit.address)
}

/// Seals a new value; one written back as it is stored or was shown changes nothing.
fn reseal(
    keys: &Keys,
    field: Field,
    sealed: &mut Option<String>,
    edit: &Edit<String>,
) -> Result<()> {
    match edit {
        Edit::Set(text) if !is_stored(keys, field, sealed.as_deref(), text) => {
            *sealed = Some(sealed::seal(keys, field, text)?);
        }
        Edit::Clear => *sealed = None,
        Edit::Keep | Edit::Set(_) => {}
    }
    Ok(())
}

/// Document, birth date and gender: a citizen's number must be right and agree with the other two.
fn identity(cx: &Cx, row: &mut volunteer_profile::Model, edit: &ProfileEdit) -> Result<()> {
    let keys = &cx.app.keys;
    let is_citizen = matches!(row.id_kind, None | Some(IdKind::IdentityCard));
    let mut number = edit.id_number.clone();
    if let Edit::Set(text) = &edit.id_number
        && is_citizen
        && !is_stored(keys, Field::IdNumber, row.id_number_sealed.as_deref(), text)
    {
        number = Edit::Set(residents::id_number(text, "idNumber")?.as_str().to_owned());
    }
    reseal(keys, Field::IdNumber, &mut row.id_number_sealed, &number)?;
    let stored = row.id_number_sealed.as_deref();
    if stored.is_some() && row.id_kind.is_none() {
        row.id_kind = Some(IdKind::IdentityCard);
    }
    let kind = row.id_kind.map(|kind| kind.to_value()).unwrap_or_default();
    row.id_number_hash = check_id_number(keys, stored, |number| {
        sealed::hash(keys, Field::IdNumber, &format!("{kind} {number}"))
    })?;
    let parsed = check_id_number(keys, stored, |number| {
        is_citizen.then(|| residents::id_number(number, "idNumber"))
    })?;
    if let Some(number) = parsed.flatten().transpose()? {
        residents::check_identity(&number, row.born_on, row.gender)?;
        row.born_on = Some(number.born_on());
        row.gender = number.gender();
    }
    match row.born_on {
        Some(born_on) => residents::check_born_on(born_on, cx.app.clock.today(SHANGHAI)),
        None => Ok(()),
    }
}

/// The names of the fields in which two rows differ, for the audit.
fn changed(
    before: &volunteer_profile::Model,
    after: &volunteer_profile::Model,
) -> Vec<&'static str> {
    let (b, a) = (before, after);
    [
        (b.volunteer_number != a.volunteer_number, "volunteer_number"),
        (b.gender != a.gender, "gender"),
        (b.born_on != a.born_on, "born_on"),
        (b.id_kind != a.id_kind, "id_kind"),
        (b.id_number_sealed != a.id_number_sealed, "id_number"),
        (b.address_sealed != a.address_sealed, "address"),
        (b.emergency_name != a.emergency_name, "emergency_name"),
        (
            b.emergency_phone_sealed != a.emergency_phone_sealed,
            "emergency_phone",
        ),
        (b.insurance_policy != a.insurance_policy, "insurance_policy"),
        (
            b.insurance_until_on != a.insurance_until_on,
            "insurance_until_on",
        ),
        (b.joined_on != a.joined_on, "joined_on"),
        (b.skills != a.skills, "skills"),
    ]
    .into_iter()
    .filter_map(|(differs, field)| differs.then_some(field))
    .collect()
}
