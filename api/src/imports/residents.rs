//! A roster of residents: one row per person.
//!
//! Decisions where a row can be read in two ways:
//! - The ID number outweighs the birth date and gender beside it; it carries a checksum.
//! - Building and unit carry down to rows that leave them empty, a unit only within its building;
//!   a room does so only in a truly merged cell, for an empty one may be a forgotten one.
//! - A bad phone refuses the row, be it the person's or the emergency contact's: a row imported
//!   without it would look complete.
//! - A household is a center household if any of its rows says so.

pub(super) mod columns;
mod people;

use std::collections::HashSet;

use chrono::NaiveDate;
use entity::circumstances::Circumstances;
use entity::enums::{CareTier, Gender};

use crate::accounts::phone::Phone;
use crate::residents::id_number::IdNumber;
use crate::residents::rules::LONGEST_NOTES;

use super::cells::{self, Refusal};
use super::findings::Code;
use super::line::Line;
use super::sheet::{self, FileError};
use super::table;
use super::{Cell, Checked};
use columns::{
    BORN_ON, BUILDING, CENTER, CIRCUMSTANCES, EMERGENCY_NAME, EMERGENCY_PHONE, GENDER, ID_NUMBER,
    NAME, NOTES, PHONE, RELATION, ROOM, TIER, UNIT, WANTED,
};
use people::People;

/// A resident as a file has them.
#[derive(Clone, Debug, PartialEq)]
pub struct ResidentRow {
    /// Sheet it stands in.
    pub sheet: String,
    /// Row as Excel numbers it.
    pub row: u32,
    /// Code of the building; whether it exists the database knows.
    pub building_code: String,
    /// Unit without 单元, up to 20 characters; empty if the building has none.
    pub unit: String,
    /// Room without 室, up to 20 characters.
    pub room: String,
    /// Relation to the head of household, up to 20 characters.
    pub relation: Option<String>,
    /// The person's name, up to 40 characters.
    pub name: String,
    /// By the ID number, else by the column.
    pub gender: Gender,
    /// Citizen ID number. Protected.
    pub id_number: Option<IdNumber>,
    /// By the ID number, else by the column.
    pub born_on: Option<NaiveDate>,
    /// Mobile or landline. Protected.
    pub phone: Option<Phone>,
    /// Circumstances; with neither these nor a tier the row enrols nobody.
    pub circumstances: Circumstances,
    /// Tier, 一般 where the file has a circumstance only.
    pub tier: Option<CareTier>,
    /// Whether the household is a center household.
    pub is_center: bool,
    /// Name of the emergency contact, up to 40 characters.
    pub emergency_name: Option<String>,
    /// Phone of the emergency contact. Protected.
    pub emergency_phone: Option<Phone>,
    /// Notes, up to [`LONGEST_NOTES`] characters. Protected: they may be about health.
    pub notes: Option<String>,
}

/// Reads and checks a roster; `today` is the last possible birth date.
pub fn read(bytes: &[u8], today: NaiveDate) -> Result<Checked<ResidentRow>, FileError> {
    let sheets = sheet::read(bytes)?;
    let (tables, mut findings) = table::tables(&sheets, WANTED);
    let mut rows = Vec::new();
    let mut people = People::default();
    for table in &tables {
        let mut carried = Carried::default();
        let mut lines = table.lines(&mut findings);
        while let Some(mut line) = lines.next_line() {
            if let Some(row) = read_line(&mut line, &mut carried, today)
                && people.is_first(&mut line, &row)
            {
                rows.push(row);
            }
        }
    }
    spread_center(&mut rows);
    Ok(Checked::new(rows, findings, &sheets))
}

/// Building and unit of the last row that had them.
#[derive(Debug, Default)]
struct Carried {
    building: String,
    unit: String,
}

impl Carried {
    /// Building and unit of a row, its own or those carried down.
    fn read(&mut self, line: &mut Line<'_>) -> (String, String) {
        if *line.cell(BUILDING) != Cell::Empty {
            let building = line.text(BUILDING, 64, cells::area_code);
            if building != self.building {
                self.building = building;
                self.unit.clear();
            }
        } else if self.building.is_empty() {
            line.find(
                BUILDING,
                Code::ValueMissing,
                "不能为空，上面的行也没有可沿用的",
            );
        }
        if *line.cell(UNIT) != Cell::Empty {
            self.unit = line.text(UNIT, 20, cells::unit);
        }
        (self.building.clone(), self.unit.clone())
    }
}

fn read_line(line: &mut Line<'_>, carried: &mut Carried, today: NaiveDate) -> Option<ResidentRow> {
    let (building_code, unit) = carried.read(line);
    let room = line.required(ROOM, 20, cells::room);
    let name = line.required(NAME, 40, cells::person_name);
    let relation = line.text(RELATION, 20, cells::words);
    let id_number = line.read(ID_NUMBER, cells::id_number).flatten();
    let born_on = read_born_on(line, id_number.as_ref(), today);
    let gender = read_gender(line, id_number.as_ref());
    let phone = line.read(PHONE, cells::phone).flatten();
    let (circumstances, tier) = read_care(line);
    let is_center = line.read(CENTER, cells::yes_no).unwrap_or_default();
    let emergency_name = line.text(EMERGENCY_NAME, 40, cells::person_name);
    let emergency_phone = line.read(EMERGENCY_PHONE, cells::phone).flatten();
    let notes = line.text(NOTES, LONGEST_NOTES, cells::prose);
    if line.is_refused() {
        return None;
    }
    let filled = |text: String| Some(text).filter(|text| !cells::is_nothing(text));
    Some(ResidentRow {
        sheet: line.sheet().to_owned(),
        row: line.row(),
        building_code,
        unit,
        room,
        relation: filled(relation),
        name,
        gender,
        id_number,
        born_on,
        phone,
        circumstances,
        tier,
        is_center,
        emergency_name: filled(emergency_name),
        emergency_phone,
        notes: filled(notes),
    })
}

fn read_born_on(
    line: &mut Line<'_>,
    id_number: Option<&IdNumber>,
    today: NaiveDate,
) -> Option<NaiveDate> {
    let possible = NaiveDate::from_ymd_opt(1900, 1, 1)?..=today;
    let official = id_number.map(IdNumber::born_on);
    if official.is_some_and(|day| !possible.contains(&day)) {
        line.find(
            ID_NUMBER,
            Code::IdInvalid,
            "其中的出生日期不可能，请核对证件",
        );
    }
    let written = line.read(BORN_ON, cells::date).flatten();
    if written.is_some_and(|day| !possible.contains(&day)) {
        line.find(BORN_ON, Code::DateInvalid, "出生日期不可能，请核对");
        return None;
    }
    if let (Some(official), Some(written)) = (official, written)
        && official != written
    {
        let message = format!("与身份证号中的{official}不符，已采用身份证号的");
        line.find(BORN_ON, Code::BornOnMismatch, message);
    }
    official.or(written)
}

fn read_gender(line: &mut Line<'_>, id_number: Option<&IdNumber>) -> Gender {
    let written = line.read(GENDER, gender).unwrap_or(Gender::Unknown);
    let Some(official) = id_number.map(IdNumber::gender) else {
        return written;
    };
    if written != Gender::Unknown && written != official {
        line.find(
            GENDER,
            Code::GenderMismatch,
            "与身份证号不符，已采用身份证号的",
        );
    }
    official
}

fn gender(cell: &Cell) -> Result<Gender, Refusal> {
    match cells::words(cell)?.as_str() {
        "男" | "男性" | "M" | "m" => Ok(Gender::Male),
        "女" | "女性" | "F" | "f" => Ok(Gender::Female),
        text if cells::is_nothing(text) => Ok(Gender::Unknown),
        _ => Err((Code::GenderInvalid, "请填“男”或“女”")),
    }
}

/// Circumstances and tier, and what is odd about having one without the other.
fn read_care(line: &mut Line<'_>) -> (Circumstances, Option<CareTier>) {
    let mut circumstances = Circumstances::default();
    for (column, circumstance) in CIRCUMSTANCES {
        if line.read(column, cells::yes_no) == Some(true) {
            circumstances.insert(circumstance);
        }
    }
    let Some(tier) = line.read(TIER, tier) else {
        return (circumstances, None);
    };
    match tier {
        None if !circumstances.is_empty() => {
            line.find(
                TIER,
                Code::TierMissing,
                "有探访情形但没有关爱等级，已按“一般”纳入",
            );
            (circumstances, Some(CareTier::General))
        }
        Some(_) if circumstances.is_empty() => {
            line.find(
                TIER,
                Code::CircumstanceMissing,
                "有关爱等级但没有探访情形，已纳入，不计入月探访率",
            );
            (circumstances, tier)
        }
        _ => (circumstances, tier),
    }
}

fn tier(cell: &Cell) -> Result<Option<CareTier>, Refusal> {
    match cells::words(cell)?.as_str() {
        "高风险" | "高风险类" | "高" => Ok(Some(CareTier::HighRisk)),
        "重点" | "重点类" | "重点关爱" => Ok(Some(CareTier::Key)),
        "一般" | "一般类" | "普通" => Ok(Some(CareTier::General)),
        text if cells::is_nothing(text) => Ok(None),
        _ => Err((
            Code::TierUnknown,
            "请填“高风险”“重点”或“一般”，不探访的留空",
        )),
    }
}

/// Marks every row of a household of which one row says that it is a center household.
fn spread_center(rows: &mut [ResidentRow]) {
    let household = |row: &ResidentRow| {
        (
            row.building_code.clone(),
            row.unit.clone(),
            row.room.clone(),
        )
    };
    let centers: HashSet<_> = rows
        .iter()
        .filter(|row| row.is_center)
        .map(household)
        .collect();
    if centers.is_empty() {
        return;
    }
    for row in rows {
        row.is_center = centers.contains(&household(row));
    }
}

#[cfg(test)]
mod tests;
