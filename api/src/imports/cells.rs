//! One cell at a time: what people write for a date, a yes, a room.

use chrono::{NaiveDate, NaiveDateTime};

use crate::accounts::phone::Phone;
use crate::residents::id_number::{IdNumber, IdNumberError};
use crate::text;

use super::findings::Code;
use super::sheet::Cell;

/// Largest number of which Excel keeps every digit.
const MAX_EXACT: f64 = 999_999_999_999_999.0;

/// Why a cell could not be read: the code, and a Chinese sentence.
pub type Refusal = (Code, &'static str);

const BROKEN_FORMULA: Refusal = (Code::ValueInvalid, "公式出错，请填写实际内容");

/// The text of a cell, folded; none of a broken formula.
///
/// A number has no digits after the point unless it has a fraction.
#[must_use]
pub fn plain(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Empty => Some(String::new()),
        // Some write '341… so that a program takes it for a text.
        Cell::Text(text) => Some(text::fold(text.trim_start_matches(['\'', '‘', '’']))),
        // Rust writes whole numbers without point and exponent.
        Cell::Number(number) => Some(number.to_string()),
        Cell::Bool(value) => Some(if *value { "TRUE" } else { "FALSE" }.to_owned()),
        Cell::Date(date) => Some(date.date().to_string()),
        Cell::Error(_) => None,
    }
}

/// A cell of a column of words; empty if it is empty.
pub fn words(cell: &Cell) -> Result<String, Refusal> {
    if let Cell::Date(_) = cell {
        return Err((
            Code::ValueInvalid,
            "被 Excel 当成了日期，请把该列设为文本格式后重填",
        ));
    }
    plain(cell).ok_or(BROKEN_FORMULA)
}

/// A cell of prose as it stands: folding would spoil its punctuation, and a date is welcome.
pub fn prose(cell: &Cell) -> Result<String, Refusal> {
    match cell {
        Cell::Text(text) => Ok(text.clone()),
        _ => plain(cell).ok_or(BROKEN_FORMULA),
    }
}

/// A person's name: no spaces, except between words in Latin letters.
pub fn person_name(cell: &Cell) -> Result<String, Refusal> {
    let name = words(cell)?;
    Ok(if name.chars().any(|c| c.is_ascii_alphabetic()) {
        name.split(' ')
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    } else {
        text::compact(&name)
    })
}

/// A date in any of the forms people write; none if the cell is empty.
///
/// Refused are serial numbers without a date format (which of Excel's two calendars they belong to
/// is lost), years of two digits, and dates without a day.
pub fn date(cell: &Cell) -> Result<Option<NaiveDate>, Refusal> {
    let refusal = (
        Code::DateInvalid,
        "不是能识别的日期，请写成 1946-03-05 这样的形式",
    );
    let text = match cell {
        Cell::Date(date) => return Ok(Some(NaiveDateTime::date(date))),
        Cell::Error(_) | Cell::Bool(_) => return Err(refusal),
        Cell::Empty | Cell::Text(_) | Cell::Number(_) => plain(cell).unwrap_or_default(),
    };
    if is_nothing(&text) {
        return Ok(None);
    }
    parse_date(&text).map(Some).ok_or(refusal)
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    // What Excel exports of a date may carry a time of midnight.
    let text = match text.split_once([' ', 'T']) {
        Some((day, time)) if time.trim().starts_with(['0', '1', '2']) && time.contains(':') => day,
        _ => text,
    };
    let text = text::compact(text);
    let digits = |text: &str| {
        let valid = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        valid.then(|| text.parse().ok()).flatten()
    };
    if text.len() == 8
        && let Some(number) = digits(&text)
    {
        let year = i32::try_from(number / 10_000).ok()?;
        return NaiveDate::from_ymd_opt(year, number / 100 % 100, number % 100);
    }
    let text = text.strip_suffix(['日', '号']).unwrap_or(&text);
    let parts: Vec<&str> = text.split(['-', '/', '.', '年', '月']).collect();
    let [year, month, day] = parts[..] else {
        return None;
    };
    if year.len() != 4 || month.len() > 2 || day.len() > 2 {
        return None;
    }
    NaiveDate::from_ymd_opt(
        i32::try_from(digits(year)?).ok()?,
        digits(month)?,
        digits(day)?,
    )
}

/// A yes or a no; an empty cell is a no.
pub fn yes_no(cell: &Cell) -> Result<bool, Refusal> {
    let text = plain(cell).map(|text| text::compact(&text).to_uppercase());
    match text.as_deref() {
        Some("是" | "√" | "1" | "Y" | "有" | "YES" | "TRUE" | "✓" | "✔" | "☑" | "对") => {
            Ok(true)
        }
        Some(
            "" | "否" | "0" | "无" | "N" | "NO" | "FALSE" | "×" | "✗" | "✘" | "□" | "☐" | "不是"
            | "没有" | "/" | "\\" | "-" | "—" | "——" | "--",
        ) => Ok(false),
        _ => Err((Code::YesNoInvalid, "请填“是”或“否”")),
    }
}

/// An ID number; none if the cell is empty.
///
/// A number of more than 15 digits has lost its last ones in Excel, whatever its checksum says;
/// so has what a program wrote as `3.41E+17`.
pub fn id_number(cell: &Cell) -> Result<Option<IdNumber>, Refusal> {
    const LOST: Refusal = (
        Code::IdPrecisionLost,
        "被 Excel 当成数字，末几位已丢失，请把该列设为文本格式后按证件重填",
    );
    if matches!(cell, Cell::Number(number) if number.abs() > MAX_EXACT) {
        return Err(LOST);
    }
    let text = text::compact(&words(cell)?);
    if is_nothing(&text) {
        return Ok(None);
    }
    let lost_exponent = text.contains("E+") || text.contains("e+");
    match IdNumber::parse(&text) {
        Ok(number) => Ok(Some(number)),
        Err(_) if lost_exponent => Err(LOST),
        // 15 digits kept and three noughts: a number cell that was saved as text.
        Err(IdNumberError::Checksum) if text.ends_with("000") => Err(LOST),
        Err(IdNumberError::Checksum) => {
            Err((Code::IdChecksum, "校验位不对，可能有数字录错，请核对证件"))
        }
        Err(IdNumberError::Shape) => Err((
            Code::IdInvalid,
            "不是 18 位（或旧 15 位）身份证号，请核对证件",
        )),
        Err(IdNumberError::BirthDate) => Err((Code::IdInvalid, "其中的出生日期不存在，请核对证件")),
    }
}

/// A phone number, mobile or landline; none if the cell is empty.
pub fn phone(cell: &Cell) -> Result<Option<Phone>, Refusal> {
    let text = words(cell)?;
    if is_nothing(&text) {
        return Ok(None);
    }
    Phone::any(&text).map(Some).ok_or((
        Code::PhoneInvalid,
        "不是电话号码，请填一个 11 位手机号，或带区号的座机如 0550-3021234",
    ))
}

/// An area's code; empty if the cell is empty.
///
/// A number with a fraction is refused: `….10` would have become `….1`.
pub fn area_code(cell: &Cell) -> Result<String, Refusal> {
    if matches!(cell, Cell::Number(number) if number.fract() != 0.0 || number.abs() > MAX_EXACT) {
        return Err((
            Code::AreaCodeInvalid,
            "编码被 Excel 当成小数，末尾的 0 可能已丢失，请设为文本格式后重填",
        ));
    }
    let code = text::compact(&words(cell)?);
    let valid = code
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
    if valid {
        Ok(code)
    } else {
        Err((
            Code::AreaCodeInvalid,
            "编码只能由数字、字母和点组成，如 341102006003.01.01.01",
        ))
    }
}

/// A unit without 单元: `1单元` and `一单元` are `1`.
pub fn unit(cell: &Cell) -> Result<String, Refusal> {
    let text = text::compact(&words(cell)?);
    let unit = text.strip_suffix("单元").unwrap_or(&text);
    Ok(match unit {
        "一" => "1",
        "二" => "2",
        "三" => "3",
        "四" => "4",
        "五" => "5",
        "六" => "6",
        _ => without_leading_zeros(unit),
    }
    .to_owned())
}

/// A room without 室: `101室` and the number 101 are `101`.
pub fn room(cell: &Cell) -> Result<String, Refusal> {
    let text = text::compact(&words(cell)?);
    let room = text.trim_end_matches(['室', '号', '房']);
    Ok(without_leading_zeros(room).to_owned())
}

/// Excel drops the zeros of `0101` where it takes it for a number, so they can't tell two apart.
fn without_leading_zeros(text: &str) -> &str {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        let stripped = text.trim_start_matches('0');
        if stripped.is_empty() && !text.is_empty() {
            return "0";
        }
        return stripped;
    }
    text
}

/// A number in degrees; none if the cell is empty.
pub fn degrees(cell: &Cell) -> Result<Option<f64>, Refusal> {
    let text = text::compact(&words(cell)?);
    if is_nothing(&text) {
        return Ok(None);
    }
    let number = text.trim_end_matches(['°', '度']).parse::<f64>();
    match number {
        Ok(number) if number.is_finite() => Ok(Some(number)),
        _ => Err((Code::CoordinateInvalid, "不是经纬度，请填小数，如 32.3086")),
    }
}

/// Whether a text stands for an empty cell.
#[must_use]
pub fn is_nothing(text: &str) -> bool {
    matches!(
        text,
        "" | "无" | "/" | "\\" | "-" | "—" | "——" | "--" | "不详" | "未知"
    )
}

#[cfg(test)]
mod tests;
