//! Which columns a record's details come to: of a new beneficiary all, of an edit those that differ.

use chrono::NaiveDate;
use entity::beneficiary;
use entity::enums::{AreaKind, BeneficiaryCategory, CertificationChannel, Gender};
use sea_orm::ActiveValue::Set;
use sea_orm::IntoActiveModel as _;
use serde::Serialize;
use uuid::Uuid;

use super::rules::check_home;
use crate::access::protected::is_stored;
use crate::access::sealed::{self, Field};
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::inputs::Edit;
use crate::residents::rules as people;

/// What is said of a beneficiary; of a new one, what is kept is not known.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Details {
    /// The name.
    pub name: Edit<String>,
    /// As registered; the ID number's where absent.
    pub gender: Edit<Gender>,
    /// The birth date; the ID number's where absent.
    pub born_on: Edit<NaiveDate>,
    /// The ID number.
    pub id_number: Edit<String>,
    /// The phone number.
    pub phone: Edit<String>,
    /// As what they are one.
    pub category: Edit<BeneficiaryCategory>,
    /// The number of their certificate.
    pub certificate_number: Edit<String>,
    /// Where they are registered, when that is no area of ours.
    pub registered_elsewhere: Edit<String>,
    /// The building where they live.
    pub home: Edit<Uuid>,
    /// The institution where they live.
    pub institution: Edit<String>,
    /// Where they live below the building, or elsewhere.
    pub address: Edit<String>,
    /// What one must know of their health.
    pub health_notes: Edit<String>,
    /// Whether they cannot come to the station.
    pub is_immobile: Edit<bool>,
    /// How they are best certified.
    pub preferred_channel: Edit<CertificationChannel>,
    /// Who acts for them.
    pub guardian_name: Edit<String>,
    /// The guardian's phone number.
    pub guardian_phone: Edit<String>,
}

/// A record that takes on details, and the names of the fields that changed.
#[derive(Debug)]
pub struct Changes {
    /// The row as it will be; only changed columns are set.
    pub row: beneficiary::ActiveModel,
    /// The names of the changed fields.
    pub fields: Vec<&'static str>,
    before: beneficiary::Model,
}

macro_rules! plain {
    ($self:ident, $details:ident: $($field:ident)*) => {
        $(
            match &$details.$field {
                Edit::Keep => {}
                Edit::Clear => $self.note(stringify!($field), $self.before.$field.is_some(), |row| {
                    row.$field = Set(None);
                }),
                Edit::Set(value) => {
                    let differs = $self.before.$field.as_ref() != Some(value);
                    $self.note(stringify!($field), differs, |row| {
                        row.$field = Set(Some(value.clone()));
                    });
                }
            }
        )*
    };
}

macro_rules! sealed_text {
    ($self:ident, $cx:ident: $($field:ident = $details:expr, $column:ident, $kind:expr;)*) => {
        $(
            let stored = $self.before.$column.clone();
            match $details {
                Edit::Keep => {}
                Edit::Clear => $self.note(stringify!($field), stored.is_some(), |row| {
                    row.$column = Set(None);
                }),
                Edit::Set(text) => {
                    if !is_stored(&$cx.app.keys, $kind, stored.as_deref(), text) {
                        let value = sealed::seal(&$cx.app.keys, $kind, text)?;
                        $self.note(stringify!($field), true, |row| row.$column = Set(Some(value)));
                    }
                }
            }
        )*
    };
}

impl Changes {
    /// What `details` change of a record. A value written back as it is changes nothing.
    ///
    /// Refused: `REQUIRED` (name or category cleared), `PHONE_INVALID`, `ID_INVALID`, `ID_CHECKSUM`,
    /// `BORN_ON_MISMATCH`, `GENDER_MISMATCH`, `OUT_OF_RANGE`, `AREA_UNFIT`, `NOT_FOUND` (the home).
    pub fn of(cx: &Cx, before: &beneficiary::Model, details: &Details) -> Result<Self> {
        let mut changes = Self {
            row: before.clone().into_active_model(),
            fields: Vec::new(),
            before: before.clone(),
        };
        changes.required(details)?;
        changes.identity(cx, details)?;
        changes.contact(cx, details)?;
        changes.home(cx, details)?;
        plain!(changes, details: certificate_number registered_elsewhere preferred_channel guardian_name);
        Ok(changes)
    }

    fn note(
        &mut self,
        field: &'static str,
        differs: bool,
        change: impl FnOnce(&mut beneficiary::ActiveModel),
    ) {
        if differs {
            self.fields.push(field);
            change(&mut self.row);
        }
    }

    fn required(&mut self, details: &Details) -> Result<()> {
        match &details.name {
            Edit::Clear => return Err(Error::refused(Code::Required).on("name")),
            Edit::Set(name) => {
                let differs = *name != self.before.name;
                self.note("name", differs, |row| row.name = Set(name.clone()));
            }
            Edit::Keep => {}
        }
        match details.category {
            Edit::Clear => return Err(Error::refused(Code::Required).on("category")),
            Edit::Set(category) => {
                let differs = category != self.before.category;
                self.note("category", differs, |row| row.category = Set(category));
            }
            Edit::Keep => {}
        }
        let is_immobile = match details.is_immobile {
            Edit::Keep => self.before.is_immobile,
            Edit::Clear => false,
            Edit::Set(value) => value,
        };
        let differs = is_immobile != self.before.is_immobile;
        self.note("is_immobile", differs, |row| {
            row.is_immobile = Set(is_immobile);
        });
        Ok(())
    }

    /// ID number, birth date and gender; the number has the last word on the others.
    fn identity(&mut self, cx: &Cx, details: &Details) -> Result<()> {
        let keys = &cx.app.keys;
        let stored = self.before.id_number_sealed.clone();
        let mut born_on = edited(details.born_on, self.before.born_on);
        let mut gender =
            edited(details.gender, Some(self.before.gender)).unwrap_or(Gender::Unknown);
        match &details.id_number {
            Edit::Keep => {}
            Edit::Clear => self.note("id_number", stored.is_some(), |row| {
                row.id_number_sealed = Set(None);
                row.id_number_hash = Set(None);
            }),
            Edit::Set(text) => {
                let number = people::id_number(text, "idNumber")?;
                let said = |given: bool| given.then_some(());
                let born = said(matches!(details.born_on, Edit::Set(_))).and(born_on);
                let said_gender = said(matches!(details.gender, Edit::Set(_))).map(|()| gender);
                people::check_identity(&number, born, said_gender.unwrap_or(Gender::Unknown))?;
                born_on = Some(number.born_on());
                gender = number.gender();
                if !is_stored(keys, Field::IdNumber, stored.as_deref(), number.as_str()) {
                    let value = sealed::seal(keys, Field::IdNumber, number.as_str())?;
                    let hash = sealed::hash(keys, Field::IdNumber, number.as_str());
                    self.note("id_number", true, |row| {
                        row.id_number_sealed = Set(Some(value));
                        row.id_number_hash = Set(Some(hash));
                    });
                }
            }
        }
        if let Some(born_on) = born_on.filter(|day| Some(*day) != self.before.born_on) {
            people::check_born_on(born_on, cx.app.clock.today(SHANGHAI))?;
        }
        let differs = born_on != self.before.born_on;
        self.note("born_on", differs, |row| row.born_on = Set(born_on));
        let differs = gender != self.before.gender;
        self.note("gender", differs, |row| row.gender = Set(gender));
        Ok(())
    }

    /// Phones, and what is sealed besides.
    fn contact(&mut self, cx: &Cx, details: &Details) -> Result<()> {
        let phone = |edit: &Edit<String>, field| -> Result<Edit<String>> {
            Ok(match edit {
                Edit::Keep => Edit::Keep,
                Edit::Clear => Edit::Clear,
                Edit::Set(text) => Edit::Set(people::phone(text, field)?.as_str().to_owned()),
            })
        };
        let (own, guardian) = (
            phone(&details.phone, "phone")?,
            phone(&details.guardian_phone, "guardianPhone")?,
        );
        let hash = match &own {
            Edit::Set(text) => Some(sealed::hash(&cx.app.keys, Field::Phone, text)),
            Edit::Keep => self.before.phone_hash.clone(),
            Edit::Clear => None,
        };
        sealed_text! {
            self, cx:
            phone = &own, phone_sealed, Field::Phone;
            guardian_phone = &guardian, guardian_phone_sealed, Field::Phone;
            address = &details.address, address_sealed, Field::Address;
            health_notes = &details.health_notes, health_notes_sealed, Field::HealthNotes;
        }
        if hash != self.before.phone_hash {
            self.row.phone_hash = Set(hash);
        }
        Ok(())
    }

    fn home(&mut self, cx: &Cx, details: &Details) -> Result<()> {
        if let Edit::Set(home) = details.home {
            let node = cx.actor()?.tree.get(home);
            let node = node.ok_or_else(|| Error::refused(Code::NotFound).on("homeAreaId"))?;
            if node.kind != AreaKind::Building {
                return Err(Error::refused(Code::AreaUnfit).on("homeAreaId"));
            }
        }
        let home = edited(details.home, self.before.home_area_id);
        let institution = edited(details.institution.clone(), self.before.institution.clone());
        check_home(home.is_some(), institution.is_some())?;
        let differs = home != self.before.home_area_id;
        self.note("home", differs, |row| row.home_area_id = Set(home));
        let differs = institution != self.before.institution;
        self.note("institution", differs, |row| {
            row.institution = Set(institution);
        });
        Ok(())
    }
}

/// A value after its edit.
fn edited<T>(edit: Edit<T>, before: Option<T>) -> Option<T> {
    match edit {
        Edit::Keep => before,
        Edit::Clear => None,
        Edit::Set(value) => Some(value),
    }
}
