//! What is on record about the people of a batch of rows.

use std::collections::{HashMap, HashSet};

use entity::enums::CheckStatus;
use entity::{beneficiary, certification_check, resident};
use sea_orm::{ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use uuid::Uuid;

use crate::db::Handle as _;
use crate::error::Result;

use super::super::{Import, REASON};
use super::Wanted;

/// Records that a batch of rows may be about.
pub struct Known {
    beneficiaries: Vec<beneficiary::Model>,
    by_id_number: HashMap<String, usize>,
    residents: Vec<resident::Model>,
    /// Which beneficiary a resident is.
    matched: HashMap<Uuid, beneficiary::Model>,
    /// Hashes of phone numbers that somebody's check brought and another confirmed.
    confirmed: HashSet<(Uuid, String)>,
}

/// Whom a row is about.
pub enum Person<'a> {
    /// Nobody on record.
    New,
    /// This beneficiary.
    Known(&'a beneficiary::Model),
    /// This beneficiary outside the import's reach.
    Elsewhere(Uuid),
    /// More than one might be meant.
    Ambiguous,
}

/// Which resident a beneficiary is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// Nobody is known to be them.
    Nobody,
    /// Number and name are the same.
    Same(Uuid),
    /// The number is this resident's and the name is not.
    OtherName(Uuid),
    /// The number is this resident's, whom another beneficiary is.
    Taken(Uuid),
    /// Name and birth date are this resident's.
    NameAndBirth(Uuid),
}

impl Known {
    /// Reads the records: four statements, however many rows there are.
    pub async fn read(import: &Import<'_>, batch: &[Wanted<'_>]) -> Result<Self> {
        use beneficiary::Column as B;
        use certification_check::Column as C;
        use resident::Column as R;
        let connection = import.db.unscoped(REASON);
        let hashes: Vec<&str> = batch.iter().map(|w| w.id_number_hash.as_str()).collect();
        let names: HashSet<&str> = batch.iter().map(|w| w.row.name.as_str()).collect();
        let born: HashSet<_> = batch.iter().map(|w| w.row.id_number.born_on()).collect();
        let unnumbered = Condition::all()
            .add(B::IdNumberHash.is_null())
            .add(B::Name.is_in(names.iter().copied()))
            .add(B::BornOn.is_in(born.iter().copied()));
        let people = Condition::any()
            .add(B::IdNumberHash.is_in(hashes.iter().copied()))
            .add(unnumbered);
        let beneficiaries = beneficiary::Entity::find()
            .filter(people)
            .all(&connection)
            .await?;
        // Those whom nobody has matched may be matched by their names on record.
        let names = names.into_iter().map(str::to_owned);
        let names: HashSet<String> = names
            .chain(beneficiaries.iter().map(|person| person.name.clone()))
            .collect();
        let alike = Condition::all()
            .add(R::IdNumberHash.is_null())
            .add(R::Name.is_in(names))
            .add(R::BornOn.is_in(born));
        let residents: Vec<resident::Model> = resident::Entity::find()
            .filter(
                Condition::any()
                    .add(R::IdNumberHash.is_in(hashes))
                    .add(alike),
            )
            .all(&connection)
            .await?
            .into_iter()
            .filter(|person| import.reach.covers(person.area_id))
            .collect();
        let matched = beneficiary::Entity::find()
            .filter(B::ResidentId.is_in(residents.iter().map(|person| person.id)))
            .all(&connection)
            .await?;
        let confirmed = certification_check::Entity::find()
            .select_only()
            .columns([C::BeneficiaryId, C::NewPhoneHash])
            .filter(C::BeneficiaryId.is_in(beneficiaries.iter().map(|person| person.id)))
            .filter(C::Status.eq(CheckStatus::Confirmed))
            .filter(C::NewPhoneHash.is_not_null())
            .into_tuple::<(Uuid, String)>()
            .all(&connection)
            .await?;
        let by_id_number = beneficiaries.iter().enumerate();
        let by_id_number =
            by_id_number.filter_map(|(at, person)| Some((person.id_number_hash.clone()?, at)));
        Ok(Self {
            by_id_number: by_id_number.collect(),
            beneficiaries,
            residents,
            confirmed: confirmed.into_iter().collect(),
            matched: matched
                .into_iter()
                .filter_map(|person| Some((person.resident_id?, person)))
                .collect(),
        })
    }

    /// Whom the row is about: by ID number, else a record within reach that has none, by name and birth
    /// date.
    pub fn person(&self, import: &Import<'_>, wanted: &Wanted<'_>) -> Person<'_> {
        let reached = |person: &beneficiary::Model| import.reach.covers(person.area_id);
        if let Some(at) = self.by_id_number.get(&wanted.id_number_hash) {
            let person = &self.beneficiaries[*at];
            return if reached(person) {
                Person::Known(person)
            } else {
                Person::Elsewhere(person.id)
            };
        }
        let mut alike = self.beneficiaries.iter().filter(|person| {
            person.id_number_hash.is_none()
                && person.name == wanted.row.name
                && person.born_on == Some(wanted.row.id_number.born_on())
                && reached(person)
        });
        match (alike.next(), alike.next()) {
            (None, _) => Person::New,
            (Some(person), None) => Person::Known(person),
            (Some(_), Some(_)) => Person::Ambiguous,
        }
    }

    /// Which resident within reach the beneficiary of this name is. That another beneficiary is that
    /// resident is told only to whom reaches both.
    pub fn likeness(
        &self,
        import: &Import<'_>,
        wanted: &Wanted<'_>,
        (beneficiary, name): (Uuid, &str),
    ) -> Likeness {
        let other = |person: &resident::Model| {
            let other = self.matched.get(&person.id);
            other.filter(|other| other.id != beneficiary)
        };
        let numbered = self.residents.iter().find(|person| {
            person.id_number_hash.as_deref() == Some(wanted.id_number_hash.as_str())
        });
        if let Some(person) = numbered {
            return match other(person) {
                Some(other) if import.reach.covers(other.area_id) => Likeness::Taken(person.id),
                Some(_) => Likeness::Nobody,
                None if person.name == name => Likeness::Same(person.id),
                None => Likeness::OtherName(person.id),
            };
        }
        let alike = self.residents.iter().find(|person| {
            person.id_number_hash.is_none()
                && person.name == name
                && person.born_on == Some(wanted.row.id_number.born_on())
                && other(person).is_none()
        });
        alike.map_or(Likeness::Nobody, |person| Likeness::NameAndBirth(person.id))
    }

    /// Whether the phone number on record is one that a check brought and another confirmed.
    pub fn is_phone_confirmed(&self, person: &beneficiary::Model) -> bool {
        let number = person.phone_hash.clone();
        number.is_some_and(|number| self.confirmed.contains(&(person.id, number)))
    }
}
