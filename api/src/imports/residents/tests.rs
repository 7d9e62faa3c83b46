//! Each trap of a real roster once.

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use super::super::testing::{codes, sheet};
use super::*;
use entity::circumstances::Circumstance;

const HEADER: [&str; 20] = [
    BUILDING,
    UNIT,
    ROOM,
    RELATION,
    NAME,
    GENDER,
    ID_NUMBER,
    BORN_ON,
    PHONE,
    "独居",
    "空巢",
    "留守",
    "失能",
    "重残",
    "计生特殊家庭",
    TIER,
    CENTER,
    EMERGENCY_NAME,
    EMERGENCY_PHONE,
    NOTES,
];
const ID: &str = "341191195702180754";

fn today() -> NaiveDate {
    on(2026, 7, 1)
}

fn on(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// A good row in which some columns are other than usual.
fn row<'a>(changes: &[(&str, &'a str)]) -> [&'a str; 20] {
    let mut row = [""; 20];
    let usual = [
        (BUILDING, "1.01"),
        (UNIT, "1单元"),
        (ROOM, "101"),
        (NAME, "王桂兰"),
    ];
    for (column, text) in usual.iter().chain(changes) {
        let at = HEADER.iter().position(|name| name == column).unwrap();
        row[at] = text;
    }
    row
}

fn read_rows(rows: &[[&str; 20]]) -> Checked<ResidentRow> {
    read(&sheet(&HEADER, rows), today()).unwrap()
}

fn code_of(changes: &[(&str, &str)]) -> Vec<&'static str> {
    let checked = read_rows(&[row(changes)]);
    let refused = checked
        .findings
        .iter()
        .any(|found| found.severity == super::super::Severity::Refused);
    assert_eq!(checked.rows.is_empty(), refused);
    codes(&checked.findings)
        .into_iter()
        .map(|found| found.1)
        .collect()
}

#[test]
fn a_full_row_is_read() {
    let checked = read_rows(&[row(&[
        (RELATION, "户主"),
        (GENDER, "男"),
        (ID_NUMBER, ID),
        (BORN_ON, "1957.2.18"),
        (PHONE, "１３８-0000 0001"),
        ("独居", "√"),
        ("计生特殊家庭", "有"),
        ("空巢", "否"),
        (TIER, "重点"),
        (CENTER, "是"),
        (EMERGENCY_NAME, "王　芳"),
        (EMERGENCY_PHONE, "0550-3021234"),
        (NOTES, "高血压"),
    ])]);
    assert_eq!(checked.findings, []);
    let expected = ResidentRow {
        sheet: "Sheet1".to_owned(),
        row: 3,
        building_code: "1.01".to_owned(),
        unit: "1".to_owned(),
        room: "101".to_owned(),
        relation: Some("户主".to_owned()),
        name: "王桂兰".to_owned(),
        gender: Gender::Male,
        id_number: IdNumber::parse(ID).ok(),
        born_on: Some(on(1957, 2, 18)),
        phone: Phone::mobile("13800000001"),
        circumstances: [Circumstance::LivesAlone, Circumstance::SpecialFamily]
            .into_iter()
            .collect(),
        tier: Some(CareTier::Key),
        is_center: true,
        emergency_name: Some("王芳".to_owned()),
        emergency_phone: Phone::any("0550-3021234"),
        notes: Some("高血压".to_owned()),
    };
    assert_eq!(checked.rows, [expected]);
}

#[test]
fn excel_types_title_rows_merged_cells_and_a_second_sheet() {
    let mut book = Workbook::new();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let main = book.add_worksheet().set_name("台账").unwrap();
    main.merge_range(0, 0, 0, 5, "居民台账", &Format::new())
        .unwrap();
    main.write(1, 0, "填表单位：创业北路社区").unwrap();
    for (column, name) in (0..).zip([
        "姓名",
        "出生日期",
        "电话",
        "单元",
        "房间号",
        "楼栋编码",
        "民族",
    ]) {
        main.write(2, column, name).unwrap();
    }
    main.merge_range(3, 5, 5, 5, "1.01", &Format::new())
        .unwrap();
    for (row, (name, unit, room)) in (3..).zip([
        ("甲", "1", 101.0),
        ("乙", "", 101.0),
        ("丙", "2单元", 201.0),
    ]) {
        main.write(row, 0, name).unwrap();
        main.write_with_format(row, 1, ExcelDateTime::from_ymd(1946, 3, 5).unwrap(), &date)
            .unwrap();
        main.write(row, 2, 13_800_000_001_u64).unwrap();
        main.write(row, 3, unit).unwrap();
        main.write(row, 4, room).unwrap();
    }
    main.write(7, 0, "合计").unwrap();
    main.write(7, 1, 3).unwrap();
    let help = book.add_worksheet().set_name("填表说明").unwrap();
    help.write(0, 0, "请逐户填写").unwrap();

    let checked = read(&book.save_to_buffer().unwrap(), today()).unwrap();
    assert_eq!(codes(&checked.findings), [(3, "COLUMN_UNKNOWN")]);
    assert_eq!(checked.findings[0].header, "民族");
    assert_eq!(checked.findings[0].column, "G");
    let places: Vec<_> = checked
        .rows
        .iter()
        .map(|row| {
            (
                row.row,
                row.building_code.as_str(),
                row.unit.as_str(),
                row.room.as_str(),
            )
        })
        .collect();
    assert_eq!(
        places,
        [
            (4, "1.01", "1", "101"),
            (5, "1.01", "1", "101"),
            (6, "1.01", "2", "201")
        ]
    );
    assert_eq!(checked.rows[0].born_on, Some(on(1946, 3, 5)));
    assert_eq!(checked.rows[0].phone, Phone::mobile("13800000001"));
}

#[test]
fn building_and_unit_carry_down_but_no_unit_to_another_building() {
    let checked = read_rows(&[
        row(&[(NAME, "甲")]),
        row(&[(NAME, "乙"), (BUILDING, ""), (UNIT, "")]),
        row(&[(NAME, "丙"), (BUILDING, "1.02"), (UNIT, "")]),
        row(&[(NAME, "丁"), (BUILDING, ""), (UNIT, "3")]),
    ]);
    assert_eq!(checked.findings, []);
    let places: Vec<_> = checked
        .rows
        .iter()
        .map(|row| (row.building_code.as_str(), row.unit.as_str()))
        .collect();
    assert_eq!(
        places,
        [("1.01", "1"), ("1.01", "1"), ("1.02", ""), ("1.02", "3")]
    );
}

#[test]
fn an_id_number_outweighs_what_contradicts_it() {
    let checked = read_rows(&[row(&[
        (ID_NUMBER, ID),
        (BORN_ON, "1957-02-19"),
        (GENDER, "女"),
    ])]);
    assert_eq!(
        codes(&checked.findings),
        [(3, "BORN_ON_MISMATCH"), (3, "GENDER_MISMATCH")]
    );
    assert_eq!(checked.rows[0].born_on, Some(on(1957, 2, 18)));
    assert_eq!(checked.rows[0].gender, Gender::Male);
    let empty = read_rows(&[row(&[(ID_NUMBER, "341191570218075")])]);
    assert_eq!(empty.findings, []);
    assert_eq!(empty.rows[0].born_on, Some(on(1957, 2, 18)));
    assert_eq!(empty.rows[0].id_number, IdNumber::parse(ID).ok());
}

#[test]
fn an_id_number_as_a_number_cell_is_never_guessed() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, (name, text)) in (0..).zip([(BUILDING, "1.01"), (ROOM, "101"), (NAME, "王桂兰")])
    {
        sheet.write(0, column, name).unwrap();
        sheet.write(1, column, text).unwrap();
    }
    sheet.write(0, 3, ID_NUMBER).unwrap();
    sheet.write(1, 3, 341_191_195_702_180_754_u64).unwrap();
    let checked = read(&book.save_to_buffer().unwrap(), today()).unwrap();
    assert_eq!(codes(&checked.findings), [(2, "ID_PRECISION_LOST")]);
    assert!(checked.rows.is_empty());
}

#[test]
fn tiers_and_circumstances_without_each_other() {
    let checked = read_rows(&[
        row(&[(NAME, "甲"), ("独居", "1")]),
        row(&[(NAME, "乙"), (TIER, "高风险")]),
        row(&[(NAME, "丙")]),
    ]);
    assert_eq!(
        codes(&checked.findings),
        [(3, "TIER_MISSING"), (4, "CIRCUMSTANCE_MISSING")]
    );
    let tiers: Vec<_> = checked.rows.iter().map(|row| row.tier).collect();
    assert_eq!(
        tiers,
        [Some(CareTier::General), Some(CareTier::HighRisk), None]
    );
}

#[test]
fn the_same_person_twice_names_the_other_row() {
    let checked = read_rows(&[
        row(&[(NAME, "甲"), (ID_NUMBER, ID)]),
        row(&[(NAME, "甲"), (ID_NUMBER, ID), (ROOM, "202")]),
        row(&[(NAME, "乙"), (BORN_ON, "1950-1-1")]),
        row(&[(NAME, "乙"), (BORN_ON, "1950/1/1")]),
        row(&[(NAME, "乙"), (BORN_ON, "1950/1/1"), (ROOM, "303")]),
        row(&[(NAME, "乙"), (BORN_ON, "1951/1/1")]),
        row(&[(NAME, "甲"), (BORN_ON, "1957-2-18")]),
        // Namesakes and twins have numbers of their own.
        row(&[(NAME, "甲"), (ID_NUMBER, "341191195702180770")]),
    ]);
    assert_eq!(
        codes(&checked.findings),
        [
            (4, "DUPLICATE_IN_FILE"),
            (6, "DUPLICATE_IN_FILE"),
            (9, "DUPLICATE_IN_FILE")
        ]
    );
    assert_eq!(
        checked.findings[0].to_string(),
        "「Sheet1」第4行 G列 身份证号“341***********0754”：与第3行重复，已采用第3行（DUPLICATE_IN_FILE）"
    );
    assert_eq!(checked.rows.len(), 5);
}

#[test]
fn one_row_marks_the_whole_household_as_a_center() {
    let checked = read_rows(&[
        row(&[(NAME, "甲")]),
        row(&[(NAME, "乙"), (CENTER, "是"), (UNIT, "1")]),
        row(&[(NAME, "丙"), (ROOM, "102")]),
    ]);
    let centers: Vec<_> = checked.rows.iter().map(|row| row.is_center).collect();
    assert_eq!(centers, [true, true, false]);
}

#[test]
fn every_refusal_has_its_code() {
    assert_eq!(
        code_of(&[(ID_NUMBER, "341191195702180755")]),
        ["ID_CHECKSUM"]
    );
    assert_eq!(code_of(&[(ID_NUMBER, "12345")]), ["ID_INVALID"]);
    assert_eq!(code_of(&[(PHONE, "12345")]), ["PHONE_INVALID"]);
    assert_eq!(code_of(&[(EMERGENCY_PHONE, "3021234")]), ["PHONE_INVALID"]);
    assert_eq!(code_of(&[(BORN_ON, "1957-02-30")]), ["DATE_INVALID"]);
    assert_eq!(code_of(&[(BORN_ON, "2026-07-02")]), ["DATE_INVALID"]);
    assert_eq!(code_of(&[("失能", "半失能")]), ["YES_NO_INVALID"]);
    assert_eq!(code_of(&[(CENTER, "张三")]), ["YES_NO_INVALID"]);
    assert_eq!(code_of(&[(TIER, "特急")]), ["TIER_UNKNOWN"]);
    assert_eq!(code_of(&[(GENDER, "先生")]), ["GENDER_INVALID"]);
    assert_eq!(code_of(&[(BUILDING, "")]), ["VALUE_MISSING"]);
    assert_eq!(code_of(&[(ROOM, "")]), ["VALUE_MISSING"]);
    assert_eq!(code_of(&[(NAME, "　")]), ["VALUE_MISSING"]);
    assert_eq!(code_of(&[(NAME, &"长".repeat(41))]), ["VALUE_TOO_LONG"]);
    assert_eq!(code_of(&[(ROOM, &"长".repeat(21))]), ["VALUE_TOO_LONG"]);
    assert_eq!(code_of(&[(NOTES, &"长".repeat(2001))]), ["VALUE_TOO_LONG"]);
    assert_eq!(
        code_of(&[(NAME, ""), (PHONE, "1"), (TIER, "?")]),
        ["VALUE_MISSING", "PHONE_INVALID", "TIER_UNKNOWN"],
        "all that is wrong at once"
    );
}
