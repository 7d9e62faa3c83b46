//! The demo's households and who lives in them.

use chrono::NaiveDate;
use entity::circumstances::{Circumstance, Circumstances};
use entity::enums::{AreaKind, CareTier, Gender};

use crate::accounts::phone::Phone;
use crate::imports::areas::AreaRow;
use crate::imports::residents::ResidentRow;

use super::SHEET;
use super::areas::{COMMUNITY, areas};
use super::people::{Maker, Person, spouse_of};

/// Beginnings of phone numbers that no operator uses.
const RESIDENT_PHONES: &str = "154";
const CONTACT_PHONES: &str = "143";

const NOTES: [&str; 12] = [
    "高血压，每日服药",
    "糖尿病，注意饮食和用药",
    "听力不好，敲门请大声些",
    "腿脚不便，开门较慢",
    "冠心病，家中备有速效救心丸",
    "白内障术后，视力较差",
    "使用助行器，下楼需搀扶",
    "记性不好，常忘关煤气",
    "慢阻肺，冬季易咳喘",
    "脑梗后遗症，右侧肢体无力",
    "膝关节置换术后",
    "不会用智能手机，有事请打电话",
];

/// Everybody in the demo, household by household.
///
/// `today` decides the years of birth only: names, rooms and phones are always the same.
#[must_use]
pub fn residents(today: NaiveDate) -> Vec<ResidentRow> {
    let mut town = Town {
        maker: Maker::new(0x341_102, today),
        rows: Vec::new(),
    };
    let areas = areas();
    let buildings = areas.iter().filter(|area| area.kind == AreaKind::Building);
    for (number, building) in buildings.enumerate() {
        town.fill(number, building);
    }
    town.rows
}

/// Kinds of household.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// An in-service or retired Party member's; marked as center household.
    Center,
    LoneElder,
    ElderCouple,
    /// One of the two cannot care for themselves.
    CareCouple,
    /// Lost their only child.
    SpecialCouple,
    /// Grandparents with a grandchild whose parents work elsewhere.
    LeftBehind,
    /// A severely disabled elder with their grown child.
    DisabledElder,
    Single,
    Couple,
    Family,
    ThreeGenerations,
}

/// The households of a building: in the reference community eight, one of them a center.
fn kinds(number: usize, is_reference: bool, maker: &mut Maker) -> Vec<Kind> {
    if !is_reference {
        return vec![
            Kind::LoneElder,
            Kind::LoneElder,
            Kind::ElderCouple,
            Kind::LoneElder,
        ];
    }
    // Two lone elders in every building, and one more household with elders in need.
    let elders = match number % 20 {
        3 => Kind::SpecialCouple,
        7 | 17 => Kind::LeftBehind,
        4 | 11 | 14 => Kind::CareCouple,
        9 | 19 => Kind::DisabledElder,
        _ => Kind::ElderCouple,
    };
    let any = [
        Kind::Single,
        Kind::Single,
        Kind::Couple,
        Kind::Family,
        Kind::ThreeGenerations,
    ];
    vec![
        Kind::Center,
        Kind::LoneElder,
        Kind::LoneElder,
        elders,
        Kind::Single,
        if maker.chance(60) {
            Kind::Couple
        } else {
            Kind::Single
        },
        *maker.pick(&any),
        Kind::Single,
    ]
}

struct Town {
    maker: Maker,
    rows: Vec<ResidentRow>,
}

impl Town {
    fn fill(&mut self, number: usize, building: &AreaRow) {
        let is_reference = building.code.starts_with(COMMUNITY);
        let mut kinds = kinds(number, is_reference, &mut self.maker);
        // The second compound is new and high, the others have six floors and no lift.
        let floors = if building.name.starts_with("阳光河畔") {
            18
        } else {
            6
        };
        let units = 2 + number % 2;
        let mut doors = Vec::new();
        while doors.len() < kinds.len() {
            let unit = 1 + self.maker.below(units);
            let room = (1 + self.maker.below(floors)) * 100 + 1 + self.maker.below(2);
            if !doors.contains(&(unit, room)) {
                doors.push((unit, room));
            }
        }
        doors.sort_unstable();
        for (unit, room) in doors {
            let kind = kinds.swap_remove(self.maker.below(kinds.len()));
            let first = self.rows.len();
            self.settle(kind);
            for row in &mut self.rows[first..] {
                row.building_code.clone_from(&building.code);
                row.unit = unit.to_string();
                row.room = room.to_string();
                row.is_center = matches!(kind, Kind::Center);
            }
        }
    }

    /// Adds the people of a household of this kind.
    fn settle(&mut self, kind: Kind) {
        match kind {
            Kind::Center => {
                let age = 45 + self.age(23);
                self.couple(age);
                if age < 52 {
                    self.child(age - 27);
                }
            }
            Kind::LoneElder => {
                let gender = if self.maker.chance(65) {
                    Gender::Female
                } else {
                    Gender::Male
                };
                // Most are in their seventies, some much older.
                let age = 66 + self.age(15) + self.age(14);
                self.head(gender, age);
                let frail = self.maker.chance(8);
                self.enrol(1, age, &[Circumstance::LivesAlone], frail);
            }
            Kind::ElderCouple | Kind::CareCouple | Kind::SpecialCouple => self.elder_couple(kind),
            Kind::LeftBehind => {
                let age = 66 + self.age(9);
                self.couple(age);
                self.enrol(2, age, &[Circumstance::LeftBehind], false);
                let child = 7 + self.age(7);
                self.grandchild(child);
            }
            Kind::DisabledElder => {
                let age = 64 + self.age(20);
                let gender = if self.maker.chance(50) {
                    Gender::Female
                } else {
                    Gender::Male
                };
                self.head(gender, age);
                self.enrol(1, age, &[Circumstance::SevereDisability], false);
                self.child(age - 26);
            }
            Kind::Single => {
                let gender = if self.maker.chance(45) {
                    Gender::Female
                } else {
                    Gender::Male
                };
                let age = 23 + self.age(30);
                self.head(gender, age);
            }
            Kind::Couple => {
                let age = 27 + self.age(32);
                self.couple(age);
            }
            Kind::Family | Kind::ThreeGenerations => {
                let age = 32 + self.age(12);
                self.couple(age);
                self.child(age - 28);
                if matches!(kind, Kind::ThreeGenerations) {
                    self.mother(age + 27);
                }
            }
        }
    }

    fn elder_couple(&mut self, kind: Kind) {
        let age = match kind {
            Kind::SpecialCouple => 64 + self.age(10),
            _ => 66 + self.age(18),
        };
        self.couple(age);
        match kind {
            Kind::SpecialCouple => {
                let both = [Circumstance::EmptyNest, Circumstance::SpecialFamily];
                self.enrol(2, age, &both, false);
            }
            Kind::CareCouple => self.enrol(2, age, &[Circumstance::EmptyNest], true),
            _ => self.enrol(2, age, &[Circumstance::EmptyNest], false),
        }
    }

    /// A number of years below `span`.
    fn age(&mut self, span: usize) -> u32 {
        u32::try_from(self.maker.below(span)).unwrap_or_default()
    }

    fn head(&mut self, gender: Gender, age: u32) {
        let surname = self.maker.surname();
        let person = self.maker.person(surname, gender, age);
        self.add(person, "户主", age);
    }

    fn couple(&mut self, age: u32) {
        let gender = if self.maker.chance(80) {
            Gender::Male
        } else {
            Gender::Female
        };
        self.head(gender, age);
        let surname = self.maker.surname();
        let younger = self.age(4);
        let spouse_age = match gender {
            Gender::Male => age - younger,
            _ => age + younger,
        };
        let person = self.maker.person(surname, spouse_of(gender), spouse_age);
        self.add(person, "配偶", spouse_age);
    }

    fn child(&mut self, age: u32) {
        let gender = if self.maker.chance(48) {
            Gender::Female
        } else {
            Gender::Male
        };
        let surname = self.father_surname();
        let person = self.maker.person(surname, gender, age);
        let relation = if gender == Gender::Male { "子" } else { "女" };
        self.add(person, relation, age);
    }

    fn grandchild(&mut self, age: u32) {
        let gender = if self.maker.chance(48) {
            Gender::Female
        } else {
            Gender::Male
        };
        let surname = self.father_surname();
        let person = self.maker.person(surname, gender, age);
        let relation = if gender == Gender::Male {
            "孙子"
        } else {
            "孙女"
        };
        self.add(person, relation, age);
    }

    fn mother(&mut self, age: u32) {
        let surname = self.maker.surname();
        let person = self.maker.person(surname, Gender::Female, age);
        self.add(person, "母亲", age);
    }

    /// Surname of the last man added before; a lone woman's child has its father's.
    fn father_surname(&mut self) -> char {
        let couple = self.rows.iter().rev().take(2);
        let father = couple
            .take_while(|row| row.building_code.is_empty())
            .find(|row| row.gender == Gender::Male)
            .and_then(|row| row.name.chars().next());
        match father {
            Some(surname) => surname,
            None => self.maker.surname(),
        }
    }

    fn add(&mut self, person: Person, relation: &str, age: u32) {
        let phone = match age {
            0..14 => None,
            // Many of the oldest are reached through their children only.
            80.. if self.maker.chance(30) => None,
            _ => self.maker.phone(RESIDENT_PHONES),
        };
        self.rows.push(ResidentRow {
            sheet: SHEET.to_owned(),
            // As in a file with a header in row 1.
            row: u32::try_from(self.rows.len())
                .unwrap_or(u32::MAX)
                .saturating_add(2),
            building_code: String::new(),
            unit: String::new(),
            room: String::new(),
            relation: Some(relation.to_owned()),
            name: person.name,
            gender: person.gender,
            id_number: person.id_number,
            born_on: Some(person.born_on),
            phone,
            circumstances: Circumstances::default(),
            tier: None,
            is_center: false,
            emergency_name: None,
            emergency_phone: None,
            notes: None,
        });
    }

    /// Enrols the people added last; if one of them is frail, the very last.
    fn enrol(&mut self, count: usize, age: u32, circumstances: &[Circumstance], frail: bool) {
        let contact = self.contact(age);
        let first = self.rows.len() - count;
        for index in first..self.rows.len() {
            let noted = self.maker.chance(55);
            let note = *self.maker.pick(&NOTES);
            let row = &mut self.rows[index];
            row.circumstances = circumstances.iter().copied().collect();
            row.notes = noted.then(|| note.to_owned());
            if frail && index + 1 == first + count {
                row.circumstances.insert(Circumstance::CareDependent);
                row.notes = Some("卧床，需人照料".to_owned());
            }
            row.tier = Some(tier(row.circumstances, age));
            if !row.circumstances.contains(Circumstance::SpecialFamily)
                && let Some((name, phone)) = &contact
            {
                row.emergency_name = Some(name.clone());
                row.emergency_phone = Some(phone.clone());
            }
        }
    }

    /// A grown child who lives elsewhere; some elders have none.
    fn contact(&mut self, age: u32) -> Option<(String, Phone)> {
        let gender = if self.maker.chance(50) {
            Gender::Female
        } else {
            Gender::Male
        };
        let surname = self.father_surname();
        let name = self.maker.name(surname, gender, age - 28);
        let phone = self.maker.phone(CONTACT_PHONES)?;
        self.maker.chance(92).then_some((name, phone))
    }
}

/// The tier by the reading of the rules that the demo's staff would follow.
fn tier(circumstances: Circumstances, age: u32) -> CareTier {
    let alone = circumstances.contains(Circumstance::LivesAlone);
    let dependent = circumstances.contains(Circumstance::CareDependent);
    if alone && (age >= 80 || dependent) {
        CareTier::HighRisk
    } else if dependent
        || circumstances.contains(Circumstance::SevereDisability)
        || circumstances.contains(Circumstance::SpecialFamily)
        || (alone && age >= 75)
    {
        CareTier::Key
    } else {
        CareTier::General
    }
}
