//! What the demo promises, counted.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

use chrono::NaiveDate;
use entity::circumstances::Circumstance;
use entity::enums::{AreaKind, CareTier, Gender, Role};

use super::areas::{BAIYUN, COMMUNITY, DISTRICT, LONGCHI, STREET};
use super::*;
use crate::accounts::phone::Phone;
use crate::imports::areas::AreaRow;
use crate::imports::{self, Checked};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 7, 1).unwrap()
}

fn codes(kind: AreaKind, within: &str) -> Vec<String> {
    areas()
        .into_iter()
        .filter(|area| area.kind == kind && area.code.starts_with(within))
        .map(|area| area.code)
        .collect()
}

fn grid_of(building: &str) -> &str {
    building.rsplit_once('.').unwrap().0
}

#[test]
fn the_reference_community_has_its_3_compounds_16_grids_and_120_buildings() {
    assert_eq!(codes(AreaKind::Compound, COMMUNITY).len(), 3);
    assert_eq!(codes(AreaKind::Grid, COMMUNITY).len(), 16);
    assert_eq!(codes(AreaKind::Building, COMMUNITY).len(), 120);
    let names: Vec<String> = areas()
        .into_iter()
        .filter(|area| area.kind == AreaKind::Compound && area.code.starts_with(COMMUNITY))
        .map(|area| area.name)
        .collect();
    assert_eq!(names, ["创业北路小区", "阳光河畔怡园小区", "创业苑小区"]);
    for neighbour in [BAIYUN, LONGCHI] {
        assert_eq!(codes(AreaKind::Compound, neighbour).len(), 1);
        assert_eq!(codes(AreaKind::Grid, neighbour).len(), 2);
        assert_eq!(codes(AreaKind::Building, neighbour).len(), 6);
    }
    assert!(BAIYUN.starts_with(STREET) && !LONGCHI.starts_with(STREET));
}

#[test]
fn buildings_stand_close_together_and_each_for_itself() {
    let places: Vec<(f64, f64)> = areas()
        .iter()
        .filter(|area| area.kind == AreaKind::Building)
        .filter_map(|area| area.latitude.zip(area.longitude))
        .collect();
    assert_eq!(places.len(), 132);
    for (index, (latitude, longitude)) in places.iter().enumerate() {
        assert!((latitude - 32.305).abs() < 0.012 && (longitude - 118.315).abs() < 0.012);
        for (other_latitude, other_longitude) in &places[..index] {
            let apart = (latitude - other_latitude).abs() + (longitude - other_longitude).abs();
            assert!(apart > 0.000_3);
        }
    }
}

#[test]
fn some_thousand_households_and_1500_residents() {
    let residents = residents(today());
    let households: HashSet<_> = residents
        .iter()
        .map(|row| (&row.building_code, &row.unit, &row.room))
        .collect();
    assert!(
        (800..=1200).contains(&households.len()),
        "{}",
        households.len()
    );
    assert!(
        (1400..=1600).contains(&residents.len()),
        "{}",
        residents.len()
    );
    let centers: Vec<_> = households
        .iter()
        .filter(|(building, unit, room)| {
            residents.iter().any(|row| {
                row.is_center
                    && (&row.building_code, &row.unit, &row.room) == (*building, *unit, *room)
            })
        })
        .map(|(building, ..)| *building)
        .collect();
    assert_eq!(centers.len(), 120);
    assert_eq!(
        centers.iter().collect::<HashSet<_>>().len(),
        120,
        "one per building"
    );
}

#[test]
fn every_grid_has_15_enrolled_elders_and_every_circumstance_occurs() {
    let residents = residents(today());
    let mut enrolled: BTreeMap<&str, usize> = BTreeMap::new();
    for row in residents.iter().filter(|row| row.tier.is_some()) {
        assert!(
            row.born_on.unwrap().years_before(today()) >= 60,
            "{}",
            row.name
        );
        *enrolled.entry(grid_of(&row.building_code)).or_default() += 1;
    }
    assert_eq!(enrolled.len(), 20);
    assert!(enrolled.values().all(|count| *count >= 15), "{enrolled:?}");
    for circumstance in [
        Circumstance::LivesAlone,
        Circumstance::EmptyNest,
        Circumstance::LeftBehind,
        Circumstance::CareDependent,
        Circumstance::SevereDisability,
        Circumstance::SpecialFamily,
    ] {
        let count = residents
            .iter()
            .filter(|row| row.circumstances.contains(circumstance));
        assert!(count.count() >= 8, "{circumstance:?}");
    }
    for tier in [CareTier::HighRisk, CareTier::Key, CareTier::General] {
        let count = residents
            .iter()
            .filter(|row| row.tier == Some(tier))
            .count();
        assert!(count >= 40, "{tier:?} {count}");
    }
}

trait Years {
    fn years_before(self, day: NaiveDate) -> u32;
}

impl Years for NaiveDate {
    fn years_before(self, day: NaiveDate) -> u32 {
        day.years_since(self).unwrap()
    }
}

#[test]
fn who_lives_alone_does() {
    let residents = residents(today());
    let mut people: BTreeMap<_, usize> = BTreeMap::new();
    for row in &residents {
        *people
            .entry((&row.building_code, &row.unit, &row.room))
            .or_default() += 1;
    }
    for row in residents
        .iter()
        .filter(|row| row.circumstances.contains(Circumstance::LivesAlone))
    {
        assert_eq!(people[&(&row.building_code, &row.unit, &row.room)], 1);
    }
}

#[test]
fn the_45_members_and_60_volunteers_sign_in() {
    let accounts = demo_accounts(today());
    let people = |roles: &[Role], within: &str| {
        let phones = accounts
            .iter()
            .filter(|account| {
                roles.contains(&account.role) && account.area_code.starts_with(within)
            })
            .map(|account| &account.phone);
        phones.collect::<HashSet<_>>().len()
    };
    assert_eq!(
        people(&[Role::GridLead, Role::CompoundSecretary], COMMUNITY),
        45
    );
    assert_eq!(people(&[Role::Volunteer], ""), 60);
    assert_eq!(people(&[Role::Volunteer], COMMUNITY), 60);
    assert_eq!(people(&[Role::CenterHousehold], COMMUNITY), 16);
    assert_eq!(people(&[Role::Admin], DISTRICT), 1);
    let has = |role, area: &str| {
        accounts
            .iter()
            .any(|account| account.role == role && account.area_code == area)
    };
    assert!(has(Role::Admin, DISTRICT) && has(Role::Supervisor, DISTRICT));
    assert!(has(Role::VeteransStaff, STREET));
    let cooks = accounts
        .iter()
        .filter(|account| account.role == Role::Volunteer && account.area_code == CANTEEN);
    assert_eq!(cooks.count(), 2);
    for community in [COMMUNITY, BAIYUN, LONGCHI] {
        assert!(has(Role::CommunityStaff, community));
    }
    for compound in codes(AreaKind::Compound, COMMUNITY) {
        assert!(has(Role::CompoundSecretary, &compound));
    }
    for grid in codes(AreaKind::Grid, COMMUNITY) {
        assert!(has(Role::GridLead, &grid));
    }
    for grid in codes(AreaKind::Grid, "") {
        let of_grid = accounts
            .iter()
            .filter(|account| account.role == Role::Volunteer && account.area_code == grid);
        assert!(of_grid.count() >= 2, "{grid}");
    }
    assert!(accounts.iter().all(|account| account.password == PASSWORD));
}

#[test]
fn id_numbers_and_phones_are_nobodys_and_unique() {
    let residents = residents(today());
    let numbers: HashSet<_> = residents
        .iter()
        .filter_map(|row| row.id_number.as_ref())
        .collect();
    assert_eq!(numbers.len(), residents.len());
    assert!(
        numbers
            .iter()
            .all(|number| number.as_str().starts_with("341191"))
    );
    let phones: Vec<_> = residents
        .iter()
        .filter_map(|row| row.phone.as_ref())
        .collect();
    assert_eq!(phones.iter().collect::<HashSet<_>>().len(), phones.len());
    // One phone, one account: the same name wherever it stands.
    let mut names = BTreeMap::new();
    for account in demo_accounts(today()) {
        let name = names.entry(account.phone).or_insert(account.name.clone());
        assert_eq!(*name, account.name);
    }
}

#[test]
fn another_day_changes_birth_dates_only() {
    let later = NaiveDate::from_ymd_opt(2028, 2, 29).unwrap();
    assert_eq!(residents(today()), residents(today()));
    let plain = |day| {
        let mut rows = residents(day);
        for row in &mut rows {
            row.id_number = None;
            row.born_on = None;
        }
        rows
    };
    assert_eq!(plain(today()), plain(later));
    let names = |day| demo_accounts(day).into_iter().map(|account| account.name);
    assert!(names(today()).eq(names(later)));
}

/// Each kind of rows, written as staff would write them, is read again without a finding.
#[test]
fn areas_come_back_from_a_file() {
    let mut text = "编码,名称,类型,上级编码,纬度,经度\n".to_owned();
    for row in areas() {
        let kind = match row.kind {
            AreaKind::District => "区",
            AreaKind::Street => "街道",
            AreaKind::Community => "社区",
            AreaKind::Compound => "小区",
            AreaKind::Grid => "网格",
            AreaKind::Building => "楼栋",
        };
        let degrees = |number: Option<f64>| number.map(|n| n.to_string()).unwrap_or_default();
        let AreaRow {
            code,
            name,
            parent_code,
            latitude,
            longitude,
            ..
        } = row;
        let parent = parent_code.unwrap_or_default();
        let (latitude, longitude) = (degrees(latitude), degrees(longitude));
        writeln!(text, "{code},{name},{kind},{parent},{latitude},{longitude}").unwrap();
    }
    let Checked { rows, findings } = imports::areas::read(text.as_bytes()).unwrap();
    assert_eq!(findings, []);
    assert_eq!(rows.len(), areas().len());
}

#[test]
fn residents_come_back_from_a_file() {
    let mut text = "楼栋编码,单元,房号,与户主关系,姓名,性别,身份证号,出生日期,联系电话,独居,空巢,\
                    留守,失能,重残,计生特殊家庭,关爱等级,党员中心户,紧急联系人,紧急联系电话,备注\n"
        .to_owned();
    for row in residents(today()) {
        let gender = if row.gender == Gender::Male {
            "男"
        } else {
            "女"
        };
        let yes = |circumstance| {
            if row.circumstances.contains(circumstance) {
                "是"
            } else {
                ""
            }
        };
        let tier = match row.tier {
            Some(CareTier::HighRisk) => "高风险",
            Some(CareTier::Key) => "重点",
            Some(CareTier::General) => "一般",
            None => "",
        };
        let cells = [
            row.building_code.as_str(),
            &row.unit,
            &row.room,
            row.relation.as_deref().unwrap_or_default(),
            &row.name,
            gender,
            row.id_number.as_ref().unwrap().as_str(),
            &row.born_on.unwrap().to_string(),
            row.phone.as_ref().map(Phone::as_str).unwrap_or_default(),
            yes(Circumstance::LivesAlone),
            yes(Circumstance::EmptyNest),
            yes(Circumstance::LeftBehind),
            yes(Circumstance::CareDependent),
            yes(Circumstance::SevereDisability),
            yes(Circumstance::SpecialFamily),
            tier,
            if row.is_center { "是" } else { "" },
            row.emergency_name.as_deref().unwrap_or_default(),
            row.emergency_phone
                .as_ref()
                .map(Phone::as_str)
                .unwrap_or_default(),
            row.notes.as_deref().unwrap_or_default(),
        ];
        writeln!(text, "{}", cells.join(",")).unwrap();
    }
    let mut checked = imports::residents::read(text.as_bytes(), today()).unwrap();
    assert_eq!(checked.findings, []);
    for row in &mut checked.rows {
        SHEET.clone_into(&mut row.sheet);
    }
    assert_eq!(checked.rows, residents(today()));
}

#[test]
fn accounts_come_back_from_a_file() {
    let mut text = "姓名,手机号,角色,区域编码,有效期至\n".to_owned();
    for row in accounts(today()) {
        let role = match row.role {
            Role::Volunteer => "志愿者",
            Role::CenterHousehold => "中心户",
            Role::GridLead => "网格长",
            Role::CompoundSecretary => "小区支部书记",
            Role::CommunityStaff => "社区工作人员",
            Role::VeteransStaff => "退役军人服务站",
            Role::Partner => "社区合伙人",
            Role::Supervisor => "督查",
            Role::Admin => "管理员",
        };
        let until = row
            .valid_until
            .map(|day| day.to_string())
            .unwrap_or_default();
        let (name, phone, area) = (row.name, row.phone.as_str().to_owned(), row.area_code);
        writeln!(text, "{name},{phone},{role},{area},{until}").unwrap();
    }
    let mut checked = imports::accounts::read(text.as_bytes()).unwrap();
    assert_eq!(checked.findings, []);
    for row in &mut checked.rows {
        SHEET.clone_into(&mut row.sheet);
    }
    assert_eq!(checked.rows, accounts(today()));
}
