//! Who can sign in to the demo.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use entity::enums::{AreaKind, Gender, Role};

use crate::accounts::phone::Phone;
use crate::imports::accounts::AccountRow;
use crate::imports::residents::ResidentRow;

use super::SHEET;
use super::areas::{BAIYUN, COMMUNITY, DISTRICT, LONGCHI, LONGCHI_STREET, STREET, areas};
use super::people::Maker;
use super::residents::residents;

/// The password of every demo account.
pub const PASSWORD: &str = "nuanlin-demo-1";

/// The phone numbers begin after this one, in a range that no operator uses.
const PHONES: u64 = 16_400_000_000;
/// The compound whose branch has a canteen.
pub const CANTEEN: &str = "341102006003.01";
/// Volunteers of the reference community.
const VOLUNTEERS: usize = 60;
/// Members with a role in each compound's branch: one secretary and the committee; 13 of the 45.
const BRANCHES: [(&str, usize); 3] = [
    ("341102006003.01", 5),
    ("341102006003.02", 4),
    ("341102006003.03", 4),
];
/// Members of each grid's group: its lead and the group's lead; 32 of the 45.
const LEADS_PER_GRID: usize = 2;

/// A grant in the demo, with what is needed to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoAccount {
    /// What is granted.
    pub role: Role,
    /// Code of the area it is granted at.
    pub area_code: String,
    /// The phone number to sign in with.
    pub phone: Phone,
    /// The password to sign in with.
    pub password: &'static str,
    /// The person's name.
    pub name: String,
    /// Last day of the grant; none if it has no end.
    pub valid_until: Option<NaiveDate>,
}

/// Every grant of the demo, the most powerful first. A person may have several, with one phone.
#[must_use]
pub fn demo_accounts(today: NaiveDate) -> Vec<DemoAccount> {
    let mut office = Office {
        maker: Maker::new(0x45_60, today),
        people: 0,
        accounts: Vec::new(),
    };
    office.hire(Role::Admin, DISTRICT, 1);
    for area in [DISTRICT, STREET] {
        office.hire(Role::Supervisor, area, 1);
    }
    for (area, count) in [(COMMUNITY, 3), (BAIYUN, 1), (LONGCHI, 1)] {
        office.hire(Role::CommunityStaff, area, count);
    }
    for (area, count) in [
        (STREET, 2),
        (LONGCHI_STREET, 1),
        (COMMUNITY, 1),
        (BAIYUN, 1),
    ] {
        office.hire(Role::VeteransStaff, area, count);
    }
    for (compound, members) in BRANCHES {
        office.hire(Role::CompoundSecretary, compound, members);
    }
    let areas = areas();
    let grids = areas.iter().filter(|area| area.kind == AreaKind::Grid);
    let (own, neighbours): (Vec<_>, Vec<_>) = grids
        .map(|area| area.code.as_str())
        .partition(|code| code.starts_with(COMMUNITY));
    for grid in &own {
        office.hire(Role::GridLead, grid, LEADS_PER_GRID);
    }
    office.add_centers(&residents(today));
    let end = NaiveDate::from_ymd_opt(today.year() + 1, 12, 31);
    let first = office.accounts.len();
    for number in 0..VOLUNTEERS {
        // Round and round, so that every grid has at least three.
        office.hire(Role::Volunteer, own[number % own.len()], 1);
    }
    // Volunteers of grids nearby help out where the neighbours have none of their own yet.
    for (number, grid) in neighbours.iter().flat_map(|grid| [grid, grid]).enumerate() {
        let mut helper = office.accounts[first + number].clone();
        (*grid).clone_into(&mut helper.area_code);
        office.accounts.push(helper);
    }
    // Two volunteers of the first grid go for the canteen, all over its compound.
    for nth in [2, 3] {
        let mut helper = office.accounts[first + nth * own.len()].clone();
        CANTEEN.clone_into(&mut helper.area_code);
        office.accounts.push(helper);
    }
    for account in &mut office.accounts[first..] {
        account.valid_until = end;
    }
    // Last, so that nobody else's phone number changes.
    office.hire(Role::Partner, LONGCHI, 1);
    office.accounts
}

/// The same grants as rows of the importer.
#[must_use]
pub fn accounts(today: NaiveDate) -> Vec<AccountRow> {
    (2..)
        .zip(demo_accounts(today))
        .map(|(row, account)| AccountRow {
            sheet: SHEET.to_owned(),
            row,
            name: account.name,
            phone: account.phone,
            role: account.role,
            area_code: account.area_code,
            valid_until: account.valid_until,
        })
        .collect()
}

struct Office {
    maker: Maker,
    people: u64,
    accounts: Vec<DemoAccount>,
}

impl Office {
    /// Adds people with a role at an area.
    fn hire(&mut self, role: Role, area: &str, count: usize) {
        for _ in 0..count {
            let gender = if self.maker.chance(55) {
                Gender::Female
            } else {
                Gender::Male
            };
            let age = 24 + u32::try_from(self.maker.below(40)).unwrap_or_default();
            let surname = self.maker.surname();
            let name = self.maker.name(surname, gender, age);
            self.people += 1;
            // In the order of the list, so that a number is typed from memory.
            let phone = Phone::mobile(&(PHONES + self.people).to_string());
            self.add(role, area, phone, name);
        }
    }

    /// Of the center households one per grid takes part in the app: its head, with their own phone.
    fn add_centers(&mut self, residents: &[ResidentRow]) {
        let mut centers: BTreeMap<&str, &ResidentRow> = BTreeMap::new();
        for row in residents {
            let is_head = row.relation.as_deref() == Some("户主");
            if let Some((grid, _)) = row.building_code.rsplit_once('.')
                && row.is_center
                && is_head
            {
                centers.entry(grid).or_insert(row);
            }
        }
        for row in centers.into_values() {
            let name = row.name.clone();
            self.add(
                Role::CenterHousehold,
                &row.building_code,
                row.phone.clone(),
                name,
            );
        }
    }

    fn add(&mut self, role: Role, area: &str, phone: Option<Phone>, name: String) {
        self.accounts.extend(phone.map(|phone| DemoAccount {
            role,
            area_code: area.to_owned(),
            phone,
            password: PASSWORD,
            name,
            valid_until: None,
        }));
    }
}
