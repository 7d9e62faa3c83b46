//! What people write in cells, good and bad.

use proptest::prelude::*;

use super::*;

fn on(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

#[test]
fn dates_in_every_form() {
    for text in [
        "1946-03-05",
        "1946/3/5",
        "1946.3.5",
        "19460305",
        "1946年3月5日",
        "１９４６年３月５日",
        "　1946-3-5 ",
        "1946/3/5 0:00",
        "1946-03-05T00:00:00",
        "1946 年 3 月 5 日",
    ] {
        assert_eq!(date(&Cell::text(text)), Ok(Some(on(1946, 3, 5))), "{text}");
    }
    assert_eq!(date(&Cell::Number(19_460_305.0)), Ok(Some(on(1946, 3, 5))));
    let cell = Cell::Date(on(1946, 3, 5).into());
    assert_eq!(date(&cell), Ok(Some(on(1946, 3, 5))));
    assert_eq!(date(&Cell::Empty), Ok(None));
    assert_eq!(date(&Cell::text("无")), Ok(None));
}

#[test]
fn what_is_no_date_is_refused() {
    for text in [
        "1946-02-30",
        "46-3-5",
        "1946年3月",
        "1946",
        "19461305",
        "三月五日",
        "1946-3-5-1",
        "１６８６６",
    ] {
        let code = date(&Cell::text(text)).map_err(|refusal| refusal.0);
        assert_eq!(code, Err(Code::DateInvalid), "{text}");
    }
    assert!(date(&Cell::Number(16_866.0)).is_err());
    assert!(date(&Cell::Error("#N/A".to_owned())).is_err());
}

#[test]
fn yes_and_no_in_every_word() {
    for text in ["是", "√", "1", "Y", "y", "有", "１", " 是　"] {
        assert_eq!(yes_no(&Cell::text(text)), Ok(true), "{text}");
    }
    for text in ["否", "0", "无", "０", "", "　"] {
        assert_eq!(yes_no(&Cell::text(text)), Ok(false), "{text}");
    }
    assert_eq!(yes_no(&Cell::Number(1.0)), Ok(true));
    assert_eq!(yes_no(&Cell::Number(0.0)), Ok(false));
    assert_eq!(yes_no(&Cell::Bool(true)), Ok(true));
    assert!(yes_no(&Cell::text("好像是")).is_err());
    assert!(yes_no(&Cell::Number(2.0)).is_err());
}

#[test]
fn id_numbers_and_what_excel_does_to_them() {
    let read = |cell: &Cell| {
        let number = id_number(cell).map_err(|refusal| refusal.0)?;
        Ok(number.map(|number| number.as_str().to_owned()))
    };
    let valid = Ok(Some("341191195702180754".to_owned()));
    assert_eq!(read(&Cell::text("341191195702180754")), valid);
    assert_eq!(read(&Cell::text("'341191195702180754")), valid);
    assert_eq!(read(&Cell::text(" 341191 19570218 0754 ")), valid);
    assert_eq!(read(&Cell::Number(341_191_570_218_075.0)), valid);
    assert_eq!(read(&Cell::Empty), Ok(None));
    for cell in [
        Cell::Number(341_191_195_702_180_754.0),
        Cell::text("3.41191E+17"),
        Cell::text("341191195702180000"),
    ] {
        assert_eq!(read(&cell), Err(Code::IdPrecisionLost), "{cell:?}");
    }
    assert_eq!(
        read(&Cell::text("341191195702180755")),
        Err(Code::IdChecksum)
    );
    assert_eq!(read(&Cell::text("3411911957")), Err(Code::IdInvalid));
}

#[test]
fn units_and_rooms() {
    for (text, expected) in [
        ("1", "1"),
        ("1单元", "1"),
        ("１ 单元", "1"),
        ("一单元", "1"),
        ("02", "2"),
        ("甲单元", "甲"),
        ("", ""),
    ] {
        assert_eq!(unit(&Cell::text(text)), Ok(expected.to_owned()), "{text}");
    }
    assert_eq!(unit(&Cell::Number(2.0)), Ok("2".to_owned()));
    for (text, expected) in [
        ("101", "101"),
        ("101室", "101"),
        ("0101", "101"),
        ("A-3", "A-3"),
    ] {
        assert_eq!(room(&Cell::text(text)), Ok(expected.to_owned()), "{text}");
    }
    assert_eq!(room(&Cell::Number(101.0)), Ok("101".to_owned()));
    // 1-2 typed into a cell of no format.
    let cell = Cell::Date(on(2025, 1, 2).into());
    assert_eq!(room(&cell).map_err(|r| r.0), Err(Code::ValueInvalid));
}

#[test]
fn area_codes() {
    let read = |cell: &Cell| area_code(cell).map_err(|refusal| refusal.0);
    let code = "341102006003.01.10";
    assert_eq!(read(&Cell::text(code)), Ok(code.to_owned()));
    assert_eq!(
        read(&Cell::Number(341_102_006_003.0)),
        Ok("341102006003".to_owned())
    );
    assert_eq!(
        read(&Cell::Number(341_102_006_003.1)),
        Err(Code::AreaCodeInvalid)
    );
    assert_eq!(read(&Cell::text("一号")), Err(Code::AreaCodeInvalid));
}

#[test]
fn prose_keeps_its_punctuation() {
    let text = "高血压，每日服药（早晚）";
    assert_eq!(
        prose(&Cell::text(&format!("　{text} "))),
        Ok(text.to_owned())
    );
    let cell = Cell::Date(on(2025, 3, 1).into());
    assert_eq!(prose(&cell), Ok("2025-03-01".to_owned()));
}

#[test]
fn names_have_no_padding() {
    let read = |text| person_name(&Cell::text(text)).unwrap();
    assert_eq!(read("王　芳"), "王芳");
    assert_eq!(read("阿依古丽·买买提"), "阿依古丽·买买提");
    assert_eq!(read("Anna  Li"), "Anna Li");
}

proptest! {
    #[test]
    fn every_form_of_a_date_reads_back(days in 0_i64..60_000, form in 0_usize..6) {
        let day = on(1900, 1, 1) + chrono::Duration::days(days);
        let format = ["%Y-%m-%d", "%Y/%-m/%-d", "%Y.%-m.%-d", "%Y%m%d", "%Y年%-m月%-d日", "%Y-%-m-%-d"];
        let text = day.format(format[form]).to_string();
        prop_assert_eq!(date(&Cell::text(&text)), Ok(Some(day)));
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,24}") {
        let cell = Cell::text(&text);
        let _ = (date(&cell), yes_no(&cell), id_number(&cell), unit(&cell), room(&cell));
        let _ = (degrees(&cell), area_code(&cell), person_name(&cell));
    }
}
