//! What one grid holds: households and who lives in them, visits and certification.

use chrono::{DateTime, Days, Duration, Utc};
use entity::circumstances::{Circumstance, Circumstances};
use entity::enums::{CareTier, Gender};
use entity::{care_enrolment, emergency_contact, household, household_place, residence, resident};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::places::{Grid, Town};
use super::rows::{Of, insert, key};
use super::{BENEFICIARY_EVERY, ELDER_EVERY, HOUSEHOLDS, Making, certification, visits};
use crate::access::sealed::{Field, hash, seal};
use crate::db::Db;
use crate::demo::people::{Person, spouse_of};
use crate::error::Result;

/// An elder who is visited.
pub(super) struct Elder {
    /// Among all elders, from 0.
    pub number: u64,
    pub resident: Uuid,
    pub household: Uuid,
    pub building: Uuid,
    pub enrolment: Uuid,
    pub tier: CareTier,
}

/// Rows of a grid.
#[derive(Default)]
struct Homes {
    households: Vec<household::ActiveModel>,
    places: Vec<household_place::ActiveModel>,
    residents: Vec<resident::ActiveModel>,
    residences: Vec<residence::ActiveModel>,
    contacts: Vec<emergency_contact::ActiveModel>,
    enrolments: Vec<care_enrolment::ActiveModel>,
}

/// Writes a grid in one transaction.
pub(super) async fn write(
    db: &Db,
    making: &mut Making<'_>,
    town: &Town,
    grid: &Grid,
) -> Result<()> {
    let mut homes = Homes::default();
    let mut elders = Vec::new();
    let mut certified = certification::Rows::default();
    if grid.number.is_multiple_of(super::GRIDS) {
        certified.open(making, town, grid);
    }
    for (building, at) in (0..).zip(&grid.buildings) {
        for home in 0..HOUSEHOLDS {
            let in_grid = building * HOUSEHOLDS + home;
            let household = homes.add(making, grid, *at, in_grid);
            for place in 0..=in_grid % 4 {
                let is_elder = place == 0 && in_grid.is_multiple_of(ELDER_EVERY);
                let person = somebody(making, place, is_elder);
                let resident = homes.live(making, grid, (household, *at), &person, place)?;
                if is_elder {
                    elders.push(homes.enrol(making, grid, (household, *at), resident)?);
                } else if place == 0 && in_grid % BENEFICIARY_EVERY == 1 {
                    certified.add(making, town, grid, (*at, resident, &person))?;
                }
            }
        }
    }
    let (tasks, reports) = visits::of(making, grid, &elders)?;
    let tx = db.begin().await?;
    insert(&tx, homes.households).await?;
    insert(&tx, homes.places).await?;
    insert(&tx, homes.residents).await?;
    insert(&tx, homes.residences).await?;
    insert(&tx, homes.contacts).await?;
    insert(&tx, homes.enrolments).await?;
    insert(&tx, tasks).await?;
    insert(&tx, reports).await?;
    certified.write(&tx).await?;
    tx.commit().await
}

/// Elders are 65 and more; the first of another household is grown up.
fn somebody(making: &mut Making<'_>, place: u32, is_elder: bool) -> Person {
    let surname = making.maker.surname();
    let drawn = u32::try_from(making.maker.below(30)).unwrap_or_default();
    let age = match (is_elder, place) {
        (true, _) => 65 + drawn,
        (false, 0 | 1) => 30 + drawn,
        (false, _) => 3 + drawn,
    };
    let gender = if making.maker.chance(50) {
        Gender::Male
    } else {
        spouse_of(Gender::Male)
    };
    making.maker.person(surname, gender, age)
}

/// When everybody moved in.
fn moved_in(making: &Making<'_>) -> DateTime<Utc> {
    making.now - Duration::days(398)
}

impl Homes {
    fn add(&mut self, making: &Making<'_>, grid: &Grid, building: Uuid, in_grid: u32) -> Uuid {
        let at = moved_in(making);
        let number = u64::from(grid.number) * 1_000 + u64::from(in_grid);
        let id = key(Of::Household, number, at);
        let room = in_grid % HOUSEHOLDS;
        self.households.push(household::ActiveModel {
            id: Set(id),
            area_id: Set(building),
            grid_id: Set(grid.id),
            unit: Set(format!("{}", room / 10 + 1)),
            room: Set(format!("{}{:02}", room % 10 / 2 + 1, room % 2 + 1)),
            is_center: Set(room == 7),
            closed_on: Set(None),
            merged_into_id: Set(None),
            version: Set(1),
            created_at: Set(at),
            updated_at: Set(at),
        });
        self.places.push(household_place::ActiveModel {
            id: Set(key(Of::Place, number, at)),
            household_id: Set(id),
            area_id: Set(building),
            from_on: Set(making.today - Days::new(398)),
            to_on: Set(None),
        });
        id
    }

    fn live(
        &mut self,
        making: &mut Making<'_>,
        grid: &Grid,
        (household, building): (Uuid, Uuid),
        person: &Person,
        place: u32,
    ) -> Result<Uuid> {
        let at = moved_in(making);
        let number = u64::from(grid.number) * 1_000 + self.residents.len() as u64;
        let id = key(Of::Resident, number, at);
        let keys = making.keys;
        let id_number = person
            .id_number
            .as_ref()
            .map(super::super::residents::id_number::IdNumber::as_str);
        let phone = (place < 2).then(|| making.maker.phone("154")).flatten();
        let phone = phone
            .as_ref()
            .map(super::super::accounts::phone::Phone::as_str);
        let sealed =
            |field, value: Option<&str>| value.map(|value| seal(keys, field, value)).transpose();
        self.residents.push(resident::ActiveModel {
            id: Set(id),
            household_id: Set(household),
            area_id: Set(building),
            grid_id: Set(grid.id),
            name: Set(person.name.clone()),
            gender: Set(person.gender),
            born_on: Set(Some(person.born_on)),
            id_number_sealed: Set(sealed(Field::IdNumber, id_number)?),
            id_number_hash: Set(id_number.map(|value| hash(keys, Field::IdNumber, value))),
            phone_sealed: Set(sealed(Field::Phone, phone)?),
            phone_hash: Set(phone.map(|value| hash(keys, Field::Phone, value))),
            health_notes_sealed: Set(None),
            relation: Set((place == 0).then(|| "户主".to_owned())),
            deceased_on: Set(None),
            version: Set(1),
            created_at: Set(at),
            updated_at: Set(at),
        });
        self.residences.push(residence::ActiveModel {
            id: Set(key(Of::Residence, number, at)),
            resident_id: Set(id),
            household_id: Set(household),
            from_on: Set(making.today - Days::new(398)),
            to_on: Set(None),
        });
        Ok(id)
    }

    /// Enrols an elder, with somebody to ring.
    fn enrol(
        &mut self,
        making: &mut Making<'_>,
        grid: &Grid,
        (household, building): (Uuid, Uuid),
        resident: Uuid,
    ) -> Result<Elder> {
        let at = moved_in(making);
        let number = u64::from(grid.number) * 100 + self.enrolments.len() as u64;
        let enrolment = key(Of::Enrolment, number, at);
        let tier = match number % 10 {
            0 => CareTier::HighRisk,
            1 | 2 => CareTier::Key,
            _ => CareTier::General,
        };
        let circumstance = match number % 3 {
            0 => Circumstance::LivesAlone,
            1 => Circumstance::EmptyNest,
            _ => Circumstance::CareDependent,
        };
        self.enrolments.push(care_enrolment::ActiveModel {
            id: Set(enrolment),
            resident_id: Set(resident),
            area_id: Set(building),
            grid_id: Set(grid.id),
            tier: Set(tier),
            circumstances: Set([circumstance].into_iter().collect::<Circumstances>()),
            from_on: Set(making.today - Days::new(398)),
            to_on: Set(None),
            reason: Set(None),
            end_reason: Set(None),
            paused_on: Set(None),
            review_on: Set(None),
            version: Set(1),
            created_at: Set(at),
            updated_at: Set(at),
        });
        let phone = making.maker.phone("143");
        let phone = phone
            .as_ref()
            .map(super::super::accounts::phone::Phone::as_str);
        let surname = making.maker.surname();
        self.contacts.push(emergency_contact::ActiveModel {
            id: Set(key(Of::Contact, number, at)),
            resident_id: Set(resident),
            name: Set(making.maker.name(surname, Gender::Female, 45)),
            phone_sealed: Set(phone
                .map(|value| seal(making.keys, Field::Phone, value))
                .transpose()?),
            phone_hash: Set(phone.map(|value| hash(making.keys, Field::Phone, value))),
            relation: Set(Some("女儿".to_owned())),
            position: Set(0),
            version: Set(1),
            created_at: Set(at),
            updated_at: Set(at),
        });
        Ok(Elder {
            number,
            resident,
            household,
            building,
            enrolment,
            tier,
        })
    }
}
