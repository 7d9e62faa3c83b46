//! What a row of a roster changes, given what is on record.

use std::collections::{HashMap, HashSet};

use entity::circumstances::Circumstances;
use entity::enums::{CareTier, Gender, ImportAction};
use entity::{care_enrolment, emergency_contact, import_resident, resident};
use uuid::Uuid;

use crate::access::sealed::{self, Field};
use crate::error::Result;

use super::super::super::Code;
use super::super::{Import, Outcome, Verdicts};
use super::Wanted;
use super::known::{Known, Match};

/// A sealed value and its hash.
type Hidden = (Option<String>, Option<String>);

/// Decides the rows of one batch.
pub struct Deciding<'a, 'i> {
    import: &'a Import<'i>,
    known: Known,
    verdicts: &'a mut Verdicts,
    /// Who was found by which row, in this batch and those before.
    found: &'a mut HashMap<Uuid, usize>,
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

/// What the row does to the open enrolment.
struct Care {
    action: ImportAction,
    tier: Option<CareTier>,
    circumstances: Circumstances,
}

/// What the row does to the first emergency contact.
struct Contact {
    action: ImportAction,
    name: Option<String>,
    phone: Hidden,
}

impl<'a, 'i> Deciding<'a, 'i> {
    /// Begins a batch with what is on record about it.
    pub fn new(
        import: &'a Import<'i>,
        known: Known,
        verdicts: &'a mut Verdicts,
        found: &'a mut HashMap<Uuid, usize>,
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
            Match::Found(person) if person.deceased_on.is_some() => {
                (Code::PersonDeceased, "该居民已登记去世，请核对".to_owned())
            }
            Match::Found(person) => {
                let first = *self.found.entry(person.id).or_insert(wanted.ordinal);
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
        let care = self.care(wanted, open, moved);
        let on_record = known.contact(before);
        let contact = self.contact(wanted, on_record)?;
        if let Some(before) = before.filter(|before| before.name != row.name) {
            let message = format!("该身份证号登记姓名为“{}”，未更改，请核对", before.name);
            let cell = ("姓名", row.name.as_str());
            self.verdicts
                .find(wanted.ordinal, cell, Code::NameDiffers, message);
        }
        let (gender, born_on) = gender_and_birth(wanted, before);
        let (id_number_sealed, id_number_hash) = self.hidden(
            Field::IdNumber,
            row.id_number.as_ref().map(|id| id.as_str()),
            before.map(|b| (&b.id_number_sealed, &b.id_number_hash)),
        )?;
        let (phone_sealed, phone_hash) = self.hidden(
            Field::Phone,
            row.phone.as_ref().map(|phone| phone.as_str()),
            before.map(|b| (&b.phone_sealed, &b.phone_hash)),
        )?;
        let notes = before.and_then(|before| before.health_notes_sealed.as_deref());
        let health_notes_sealed = match (row.notes.as_deref(), notes) {
            (Some(new), Some(old)) if sealed::is(import.keys, Field::HealthNotes, old, new) => None,
            (Some(new), _) => Some(sealed::seal(import.keys, Field::HealthNotes, new)?),
            (None, _) => None,
        };
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
                || health_notes_sealed.is_some()
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
        self.found.entry(id).or_insert(wanted.ordinal);
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
            health_notes_sealed: health_notes_sealed.or_else(|| notes.map(str::to_owned)),
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
            let differs = is_center != home.is_center || home.closed_on.is_some();
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

    /// What becomes of the open enrolment.
    fn care(
        &mut self,
        wanted: &Wanted<'_>,
        open: Option<&care_enrolment::Model>,
        moved: bool,
    ) -> Care {
        let (row, ordinal) = (wanted.row, wanted.ordinal);
        let enrols = row.tier.is_some() || !row.circumstances.is_empty();
        let Some(open) = open else {
            return Care {
                action: if enrols {
                    ImportAction::Insert
                } else {
                    ImportAction::None
                },
                tier: enrols.then(|| row.tier.unwrap_or(CareTier::General)),
                circumstances: row.circumstances,
            };
        };
        let (mut tier, mut circumstances) = (open.tier, open.circumstances);
        if enrols {
            match (self.verdicts.said(ordinal, Code::TierMissing), row.tier) {
                (None, Some(new)) => tier = new,
                (Some(said), _) => {
                    "有探访情形但没有关爱等级，保持原有等级".clone_into(&mut said.message)
                }
                (None, None) => {}
            }
            if !row.circumstances.is_empty() {
                circumstances = row.circumstances;
            } else if !circumstances.is_empty()
                && let Some(said) = self.verdicts.said(ordinal, Code::CircumstanceMissing)
            {
                "有关爱等级但没有探访情形，保持原有情形".clone_into(&mut said.message);
            }
        } else {
            let message =
                "该居民已纳入探访，本行没有探访情形和等级，保持不变；如需退出请在系统中办理";
            let cell = ("关爱等级", "");
            self.verdicts
                .find(ordinal, cell, Code::EnrolmentKept, message);
        }
        let same = tier == open.tier && circumstances == open.circumstances;
        let action = match (same, moved) {
            (true, false) => ImportAction::None,
            (true, true) => ImportAction::Update,
            (false, _) if open.from_on >= self.import.today => ImportAction::Update,
            (false, _) => ImportAction::Replace,
        };
        Care {
            action,
            tier: Some(tier),
            circumstances,
        }
    }

    /// What becomes of the first emergency contact.
    fn contact(
        &self,
        wanted: &Wanted<'_>,
        before: Option<&emergency_contact::Model>,
    ) -> Result<Contact> {
        let row = wanted.row;
        let phone = self.hidden(
            Field::Phone,
            row.emergency_phone.as_ref().map(|phone| phone.as_str()),
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
    fn hidden(
        &self,
        field: Field,
        new: Option<&str>,
        before: Option<(&Option<String>, &Option<String>)>,
    ) -> Result<Hidden> {
        let before = before.map(|(sealed, hash)| (sealed.clone(), hash.clone()));
        let before = before.unwrap_or_default();
        let Some(new) = new else {
            return Ok(before);
        };
        let hash = sealed::hash(self.import.keys, field, new);
        if before.1.as_deref() == Some(hash.as_str()) {
            return Ok(before);
        }
        Ok((
            Some(sealed::seal(self.import.keys, field, new)?),
            Some(hash),
        ))
    }
}

/// Gender and birth date; those of an ID number on record outweigh a row without one.
fn gender_and_birth(
    wanted: &Wanted<'_>,
    before: Option<&resident::Model>,
) -> (Gender, Option<chrono::NaiveDate>) {
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
