//! Which values a row of a roster leads to; an empty cell keeps what is on record.

use chrono::NaiveDate;
use entity::enums::{Gender, ImportAction};
use entity::{emergency_contact, resident};

use crate::access::keys::Keys;
use crate::access::sealed::{self, Field};
use crate::accounts::phone::Phone;
use crate::error::Result;

use super::Wanted;

/// A sealed value and its hash.
pub type Hidden = (Option<String>, Option<String>);

/// What the row does to the first emergency contact.
pub struct Contact {
    /// Nothing, or to create or change it.
    pub action: ImportAction,
    /// Absent if nothing is done.
    pub name: Option<String>,
    /// The phone number.
    pub phone: Hidden,
}

/// What becomes of the first emergency contact.
pub fn contact(
    keys: &Keys,
    wanted: &Wanted<'_>,
    before: Option<&emergency_contact::Model>,
) -> Result<Contact> {
    let row = wanted.row;
    let phone = hidden(
        keys,
        Field::Phone,
        row.emergency_phone.as_ref().map(Phone::as_str),
        before.map(|before| (&before.phone_sealed, &before.phone_hash)),
    )?;
    let new = row.emergency_name.as_ref();
    let action = match before {
        None if new.is_none() && phone.1.is_none() => ImportAction::None,
        None => ImportAction::Insert,
        Some(before)
            if before.phone_hash == phone.1 && new.is_none_or(|new| *new == before.name) =>
        {
            ImportAction::None
        }
        Some(_) => ImportAction::Update,
    };
    // A phone without a name is worth keeping; the column wants a word.
    let name = new.map_or_else(
        || before.map_or("紧急联系人", |before| before.name.as_str()),
        String::as_str,
    );
    Ok(Contact {
        action,
        name: (action != ImportAction::None).then(|| name.to_owned()),
        phone,
    })
}

/// The value on record where the row has none or the same, else the row's, sealed.
pub fn hidden(
    keys: &Keys,
    field: Field,
    new: Option<&str>,
    before: Option<(&Option<String>, &Option<String>)>,
) -> Result<Hidden> {
    let before = before.map(|(sealed, hash)| (sealed.clone(), hash.clone()));
    let before = before.unwrap_or_default();
    let Some(new) = new else {
        return Ok(before);
    };
    let hash = sealed::hash(keys, field, new);
    if before.1.as_deref() == Some(hash.as_str()) {
        return Ok(before);
    }
    Ok((Some(sealed::seal(keys, field, new)?), Some(hash)))
}

/// The row's notes, sealed, if they differ from those on record.
pub fn new_notes(keys: &Keys, wanted: &Wanted<'_>, before: Option<&str>) -> Result<Option<String>> {
    match (wanted.row.notes.as_deref(), before) {
        (Some(new), Some(old)) if sealed::is(keys, Field::HealthNotes, old, new) => Ok(None),
        (Some(new), _) => sealed::seal(keys, Field::HealthNotes, new).map(Some),
        (None, _) => Ok(None),
    }
}

/// Gender and birth date; those of an ID number on record outweigh a row without one.
pub fn gender_and_birth(
    wanted: &Wanted<'_>,
    before: Option<&resident::Model>,
) -> (Gender, Option<NaiveDate>) {
    let row = wanted.row;
    let Some(before) = before else {
        return (row.gender, row.born_on);
    };
    if row.id_number.is_none() && before.id_number_hash.is_some() {
        return (before.gender, before.born_on);
    }
    let gender = match row.gender {
        Gender::Unknown => before.gender,
        known => known,
    };
    (gender, row.born_on.or(before.born_on))
}
