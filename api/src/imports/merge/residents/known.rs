//! What is on record about the people and households of a batch of rows.

use std::collections::HashMap;

use entity::{care_enrolment, emergency_contact, household, resident};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use crate::db::Handle as _;
use crate::error::Result;

use super::super::{Import, REASON};
use super::Wanted;

/// Position of the emergency contact that a roster names.
const FIRST: i32 = 1;

/// Records that a batch of rows may be about.
#[derive(Default)]
pub struct Known {
    households: HashMap<(Uuid, String, String), household::Model>,
    residents: HashMap<Uuid, resident::Model>,
    by_id_number: HashMap<String, Uuid>,
    by_household: HashMap<Uuid, Vec<Uuid>>,
    enrolments: HashMap<Uuid, care_enrolment::Model>,
    contacts: HashMap<Uuid, emergency_contact::Model>,
}

/// Who a row is about.
pub enum Match<'a> {
    /// Nobody on record.
    New,
    /// This person.
    Found(&'a resident::Model),
    /// More than one person might be meant.
    Ambiguous,
}

impl Known {
    /// Reads the records: five statements, however many rows there are.
    pub async fn read(import: &Import<'_>, batch: &[Wanted<'_>]) -> Result<Self> {
        let connection = import.db.unscoped(REASON);
        let mut known = Self::default();
        let mut buildings: Vec<Uuid> = batch.iter().map(|wanted| wanted.building).collect();
        buildings.dedup();
        let households = household::Entity::find()
            .filter(household::Column::AreaId.is_in(buildings))
            // Behind a closed one's door another household may live.
            .filter(household::Column::ClosedOn.is_null())
            .all(&connection)
            .await?;
        let all: HashMap<_, _> = households
            .into_iter()
            .map(|home| ((home.area_id, home.unit.clone(), home.room.clone()), home))
            .collect();
        for wanted in batch {
            let row = wanted.row;
            let key = (wanted.building, row.unit.clone(), row.room.clone());
            if let Some(home) = all.get(&key) {
                known.households.insert(key, home.clone());
            }
        }
        let homes = known.households.values().map(|home| home.id);
        let neighbours = resident::Entity::find()
            .filter(resident::Column::HouseholdId.is_in(homes))
            .all(&connection)
            .await?;
        let hashes = batch.iter().filter_map(|w| w.id_number_hash.as_deref());
        let identified = resident::Entity::find()
            .filter(resident::Column::IdNumberHash.is_in(hashes))
            .all(&connection)
            .await?;
        for person in neighbours.into_iter().chain(identified) {
            known.remember(person);
        }
        let ids: Vec<Uuid> = known.residents.keys().copied().collect();
        for some in ids.chunks(10_000) {
            let enrolments = care_enrolment::Entity::find()
                .filter(care_enrolment::Column::ResidentId.is_in(some.iter().copied()))
                .filter(care_enrolment::Column::ToOn.is_null())
                .all(&connection)
                .await?;
            let keyed = enrolments.into_iter().map(|e| (e.resident_id, e));
            known.enrolments.extend(keyed);
            let contacts = emergency_contact::Entity::find()
                .filter(emergency_contact::Column::ResidentId.is_in(some.iter().copied()))
                .filter(emergency_contact::Column::Position.eq(FIRST))
                .all(&connection)
                .await?;
            known
                .contacts
                .extend(contacts.into_iter().map(|c| (c.resident_id, c)));
        }
        Ok(known)
    }

    fn remember(&mut self, person: resident::Model) {
        if self.residents.contains_key(&person.id) {
            return;
        }
        if let Some(hash) = &person.id_number_hash {
            self.by_id_number.insert(hash.clone(), person.id);
        }
        let neighbours = self.by_household.entry(person.household_id).or_default();
        neighbours.push(person.id);
        self.residents.insert(person.id, person);
    }

    /// The household behind the row's door.
    pub fn household(&self, wanted: &Wanted<'_>) -> Option<&household::Model> {
        let row = wanted.row;
        let key = (wanted.building, row.unit.clone(), row.room.clone());
        self.households.get(&key)
    }

    /// The person's open enrolment.
    pub fn enrolment(&self, person: Option<&resident::Model>) -> Option<&care_enrolment::Model> {
        self.enrolments.get(&person?.id)
    }

    /// The person's first emergency contact.
    pub fn contact(&self, person: Option<&resident::Model>) -> Option<&emergency_contact::Model> {
        self.contacts.get(&person?.id)
    }

    /// Who the row is about.
    ///
    /// By ID number, else by name and birth date within the household. Two ID numbers are two people;
    /// a birth date that only one side knows fits any, though less well than the same date.
    pub fn person(&self, wanted: &Wanted<'_>) -> Match<'_> {
        let row = wanted.row;
        let by_id_number = wanted.id_number_hash.as_ref();
        if let Some(id) = by_id_number.and_then(|hash| self.by_id_number.get(hash)) {
            return Match::Found(&self.residents[id]);
        }
        let Some(home) = self.household(wanted) else {
            return Match::New;
        };
        let neighbours = self.by_household.get(&home.id).into_iter().flatten();
        let mut fitting: Vec<&resident::Model> = neighbours
            .map(|id| &self.residents[id])
            .filter(|person| {
                person.name == row.name
                    && (by_id_number.is_none() || person.id_number_hash.is_none())
                    && (person.born_on == row.born_on
                        || person.born_on.is_none()
                        || row.born_on.is_none())
            })
            .collect();
        let exact = |person: &&resident::Model| person.born_on == row.born_on;
        if fitting.iter().filter(|person| exact(person)).count() == 1 {
            fitting.retain(exact);
        }
        match fitting[..] {
            [] => Match::New,
            [person] => Match::Found(person),
            _ => Match::Ambiguous,
        }
    }
}
