//! What a row of a roster changes, given what is on record.

use std::collections::{HashMap, HashSet};

use entity::enums::ImportAction;
use entity::{import_resident, resident};
use uuid::Uuid;

use crate::access::sealed::Field;
use crate::accounts::phone::Phone;
use crate::error::Result;
use crate::residents::id_number::IdNumber;

use super::super::super::Code;
use super::super::{Import, Outcome, Verdicts};
use super::care::care;
use super::known::{Known, Match};
use super::values::{contact, gender_and_birth, hidden, new_notes};
use super::{Found, Wanted};

/// Decides the rows of one batch.
pub struct Deciding<'a, 'i> {
    import: &'a Import<'i>,
    known: Known,
    verdicts: &'a mut Verdicts,
    found: &'a mut Found,
    /// Households that the batch creates, by door.
    new_homes: HashMap<(Uuid, String, String), Uuid>,
    /// Households whose change a row carries already.
    changed_homes: HashSet<Uuid>,
}

/// What the row says of the household.
struct Home {
    id: Uuid,
    version: Option<i64>,
    is_new: bool,
    changed: bool,
    is_center: bool,
}

impl<'a, 'i> Deciding<'a, 'i> {
    /// Begins a batch with what is on record about it.
    pub fn new(
        import: &'a Import<'i>,
        known: Known,
        verdicts: &'a mut Verdicts,
        found: &'a mut Found,
    ) -> Self {
        Self {
            import,
            known,
            verdicts,
            found,
            new_homes: HashMap::new(),
            changed_homes: HashSet::new(),
        }
    }

    /// The rows to stage: those that change anything.
    pub fn decide(mut self, batch: &[Wanted<'_>]) -> Result<Vec<import_resident::Model>> {
        let known = std::mem::take(&mut self.known);
        let mut staged = Vec::with_capacity(batch.len());
        for wanted in batch {
            if let Some(person) = self.person(&known, wanted) {
                staged.extend(self.row(&known, wanted, person)?);
            }
        }
        Ok(staged)
    }

    /// Who the row is about, if they are on record; none at all if that refuses the row.
    #[expect(clippy::option_option, reason = "refused, new, or on record")]
    fn person<'k>(
        &mut self,
        known: &'k Known,
        wanted: &Wanted<'_>,
    ) -> Option<Option<&'k resident::Model>> {
        let name = wanted.row.name.as_str();
        let (code, message) = match known.person(wanted) {
            Match::New => return Some(None),
            Match::Ambiguous => {
                let message = "该户登记有多位同名的人，请填身份证号或出生日期";
                (Code::PersonAmbiguous, message.to_owned())
            }
            Match::Found(person) if !self.import.reach.covers(person.area_id) => {
                let message = "该身份证号在您的管辖范围外已有登记，请联系其所在社区";
                (Code::PersonElsewhere, message.to_owned())
            }
            Match::Found(person) if person.deceased_on.is_some() => {
                (Code::PersonDeceased, "该居民已登记去世，请核对".to_owned())
            }
            Match::Found(person) => {
                let first = self.found.row_of(person, wanted.ordinal);
                if first == wanted.ordinal {
                    return Some(Some(person));
                }
                let (sheet, row) = &self.verdicts.places[first];
                let message = format!("与「{sheet}」第{row}行是同一个人，已采用那一行");
                (Code::DuplicateInFile, message)
            }
        };
        self.verdicts
            .find(wanted.ordinal, ("姓名", name), code, message);
        None
    }

    fn row(
        &mut self,
        known: &Known,
        wanted: &Wanted<'_>,
        before: Option<&resident::Model>,
    ) -> Result<Option<import_resident::Model>> {
        let (import, row) = (self.import, wanted.row);
        let home = self.home(known, wanted);
        let open = known.enrolment(before);
        let moved = before.is_some_and(|before| before.household_id != home.id);
        let care = care(import, self.verdicts, wanted, open, moved);
        let on_record = known.contact(before);
        let contact = contact(import.keys, wanted, on_record)?;
        if let Some(before) = before.filter(|before| before.name != row.name) {
            let message = format!("该身份证号登记姓名为“{}”，未更改，请核对", before.name);
            let cell = ("姓名", row.name.as_str());
            self.verdicts.opened.push(("Resident", before.id));
            self.verdicts
                .find(wanted.ordinal, cell, Code::NameDiffers, message);
        }
        let (gender, born_on) = gender_and_birth(wanted, before);
        let (id_number_sealed, id_number_hash) = hidden(
            import.keys,
            Field::IdNumber,
            row.id_number.as_ref().map(IdNumber::as_str),
            before.map(|b| (&b.id_number_sealed, &b.id_number_hash)),
        )?;
        let (phone_sealed, phone_hash) = hidden(
            import.keys,
            Field::Phone,
            row.phone.as_ref().map(Phone::as_str),
            before.map(|b| (&b.phone_sealed, &b.phone_hash)),
        )?;
        let notes = before.and_then(|before| before.health_notes_sealed.as_deref());
        let new_notes = new_notes(import.keys, wanted, notes)?;
        let relation = row
            .relation
            .clone()
            .or(before.and_then(|b| b.relation.clone()));
        let changed = before.is_some_and(|before| {
            moved
                || before.gender != gender
                || before.born_on != born_on
                || before.id_number_hash != id_number_hash
                || before.phone_hash != phone_hash
                || before.relation != relation
                || new_notes.is_some()
        });
        let does = |action| action != ImportAction::None;
        self.verdicts.outcomes[wanted.ordinal] = match before {
            None => Outcome::Created,
            Some(_) if changed || home.changed || does(care.action) || does(contact.action) => {
                Outcome::Updated
            }
            Some(_) => return Ok(None),
        };
        let id = before.map_or_else(|| import.clock.new_id(), |before| before.id);
        self.found.by_person.insert(id, wanted.ordinal);
        let fresh = |wanted: bool| wanted.then(|| import.clock.new_id());
        Ok(Some(import_resident::Model {
            import_id: import.id,
            ordinal: i32::try_from(wanted.ordinal).unwrap_or(i32::MAX),
            resident_id: id,
            resident_is_new: before.is_none(),
            resident_changed: changed,
            resident_version: before.map(|before| before.version),
            household_id: home.id,
            household_is_new: home.is_new,
            household_changed: home.changed,
            household_version: home.version,
            place_id: fresh(home.is_new),
            area_id: wanted.building,
            grid_id: wanted.grid,
            unit: row.unit.clone(),
            room: row.room.clone(),
            is_center: home.is_center,
            name: before.map_or(&row.name, |before| &before.name).clone(),
            gender,
            born_on,
            id_number_sealed,
            id_number_hash,
            phone_sealed,
            phone_hash,
            health_notes_sealed: new_notes.or_else(|| notes.map(str::to_owned)),
            relation,
            move_household: moved,
            residence_id: fresh(before.is_none() || moved),
            enrolment_id: fresh(matches!(
                care.action,
                ImportAction::Insert | ImportAction::Replace
            )),
            enrolment_action: care.action,
            open_enrolment_id: open.map(|open| open.id),
            enrolment_version: open.map(|open| open.version),
            tier: care.tier,
            circumstances: care.circumstances,
            contact_id: on_record
                .map(|contact| contact.id)
                .or_else(|| fresh(contact.action == ImportAction::Insert)),
            contact_version: on_record.map(|contact| contact.version),
            contact_action: contact.action,
            contact_name: contact.name,
            contact_phone_sealed: contact.phone.0,
            contact_phone_hash: contact.phone.1,
            created_at: import.now,
        }))
    }

    /// The household behind the row's door; the first row that names it creates or changes it.
    fn home(&mut self, known: &Known, wanted: &Wanted<'_>) -> Home {
        let row = wanted.row;
        if let Some(home) = known.household(wanted) {
            let is_center = home.is_center || row.is_center;
            let differs = is_center != home.is_center;
            return Home {
                id: home.id,
                version: Some(home.version),
                is_new: false,
                changed: differs && self.changed_homes.insert(home.id),
                is_center,
            };
        }
        let key = (wanted.building, row.unit.clone(), row.room.clone());
        let known = self.new_homes.get(&key).copied();
        let id = known.unwrap_or_else(|| self.import.clock.new_id());
        self.new_homes.insert(key, id);
        Home {
            id,
            version: None,
            is_new: known.is_none(),
            changed: false,
            is_center: row.is_center,
        }
    }
}
