//! Which columns an edit of a resident changes.

use entity::enums::Gender;
use entity::resident;
use sea_orm::Value;
use sea_orm::sea_query::SimpleExpr;

use super::edit::ResidentEdit;
use super::id_number::IdNumber;
use super::rules;
use crate::access::protected::{check_id_number, is_stored, mask_name};
use crate::access::sealed::{self, Field};
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::inputs::Edit;

/// The columns that change, and the names of the fields for the audit.
pub(super) struct Changes {
    fields: Vec<&'static str>,
    values: Vec<(resident::Column, SimpleExpr)>,
}

impl Changes {
    /// Compares an edit with the row; values written back as they were shown change nothing.
    pub(super) fn of(cx: &Cx, row: &resident::Model, edit: &ResidentEdit) -> Result<Self> {
        let mut changes = Self {
            fields: Vec::new(),
            values: Vec::new(),
        };
        changes.name(row, &edit.name)?;
        changes.identity(cx, row, edit)?;
        changes.contact(cx, row, edit)?;
        Ok(changes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(super) fn fields(&self) -> String {
        self.fields.join(",")
    }

    pub(super) fn values(&self) -> impl Iterator<Item = (resident::Column, SimpleExpr)> {
        self.values.iter().cloned()
    }

    fn set(&mut self, field: &'static str, column: resident::Column, value: impl Into<Value>) {
        if self.fields.last() != Some(&field) {
            self.fields.push(field);
        }
        self.values.push((column, SimpleExpr::Value(value.into())));
    }

    fn name(&mut self, row: &resident::Model, edit: &Edit<String>) -> Result<()> {
        match edit {
            Edit::Clear => return Err(Error::refused(Code::Required).on("name")),
            Edit::Set(name) if *name != row.name && *name != mask_name(&row.name) => {
                self.set("name", resident::Column::Name, name.as_str());
            }
            Edit::Keep | Edit::Set(_) => {}
        }
        Ok(())
    }

    /// ID number, birth date and gender, which must agree with each other.
    fn identity(&mut self, cx: &Cx, row: &resident::Model, edit: &ResidentEdit) -> Result<()> {
        use resident::Column as C;
        let keys = &cx.app.keys;
        let mut number: Option<IdNumber> = None;
        let stored = row.id_number_sealed.as_deref();
        let mut stays = true;
        match &edit.id_number {
            Edit::Keep => {}
            Edit::Set(text) if is_stored(keys, Field::IdNumber, stored, text) => {}
            Edit::Set(text) => {
                let new = rules::id_number(text, "idNumber")?;
                stays = is_stored(keys, Field::IdNumber, stored, new.as_str());
                if !stays {
                    let text = new.as_str();
                    let sealed = sealed::seal(keys, Field::IdNumber, text)?;
                    self.set("id_number", C::IdNumberSealed, sealed);
                    let hash = sealed::hash(keys, Field::IdNumber, text);
                    self.set("id_number", C::IdNumberHash, hash);
                }
                number = Some(new);
            }
            Edit::Clear => {
                stays = false;
                if stored.is_some() {
                    self.set("id_number", C::IdNumberSealed, Option::<String>::None);
                    self.set("id_number", C::IdNumberHash, Option::<String>::None);
                }
            }
        }
        let born_on = match edit.born_on {
            Edit::Keep => row.born_on,
            Edit::Clear => None,
            Edit::Set(born_on) => Some(born_on),
        };
        let gender = match edit.gender {
            Edit::Keep => row.gender,
            Edit::Clear => Gender::Unknown,
            Edit::Set(gender) => gender,
        };
        let differs = born_on != row.born_on || gender != row.gender;
        if number.is_none() && stays && differs {
            number = check_id_number(keys, stored, |text| IdNumber::parse(text).ok())?.flatten();
        }
        if let Some(number) = &number {
            rules::check_identity(number, born_on, gender)?;
        }
        if born_on != row.born_on {
            if let Some(born_on) = born_on {
                rules::check_born_on(born_on, cx.app.clock.today(SHANGHAI))?;
            }
            self.set("born_on", C::BornOn, born_on);
        }
        if gender != row.gender {
            self.set("gender", C::Gender, gender);
        }
        Ok(())
    }

    /// Phone, notes on health and relation.
    fn contact(&mut self, cx: &Cx, row: &resident::Model, edit: &ResidentEdit) -> Result<()> {
        use resident::Column as C;
        let keys = &cx.app.keys;
        let stored = row.phone_sealed.as_deref();
        match &edit.phone {
            Edit::Set(text) if is_stored(keys, Field::Phone, stored, text) => {}
            Edit::Set(text) => {
                let phone = rules::phone(text, "phone")?;
                if !is_stored(keys, Field::Phone, stored, phone.as_str()) {
                    let sealed = sealed::seal(keys, Field::Phone, phone.as_str())?;
                    self.set("phone", C::PhoneSealed, sealed);
                    let hash = sealed::hash(keys, Field::Phone, phone.as_str());
                    self.set("phone", C::PhoneHash, hash);
                }
            }
            Edit::Clear if stored.is_some() => {
                self.set("phone", C::PhoneSealed, Option::<String>::None);
                self.set("phone", C::PhoneHash, Option::<String>::None);
            }
            Edit::Keep | Edit::Clear => {}
        }
        let stored = row.health_notes_sealed.as_deref();
        match &edit.health_notes {
            Edit::Set(notes) if !is_stored(keys, Field::HealthNotes, stored, notes) => {
                let sealed = sealed::seal(keys, Field::HealthNotes, notes)?;
                self.set("health_notes", C::HealthNotesSealed, sealed);
            }
            Edit::Clear if stored.is_some() => {
                self.set("health_notes", C::HealthNotesSealed, Option::<String>::None);
            }
            Edit::Keep | Edit::Set(_) | Edit::Clear => {}
        }
        let relation = match &edit.relation {
            Edit::Keep => row.relation.clone(),
            Edit::Clear => None,
            Edit::Set(relation) => Some(relation.clone()),
        };
        if relation != row.relation {
            self.set("relation", C::Relation, relation);
        }
        Ok(())
    }
}
