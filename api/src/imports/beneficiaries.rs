//! A roster of beneficiaries 优抚对象名册: one row per person, known by the ID number.
//!
//! Decisions where a row can be read in two ways:
//! - Where somebody is registered 户籍地编码 is a code of ours, or the code or name of a place that is
//!   none of ours: then they are registered elsewhere, and the area where they live answers for them. A
//!   code that begins like ours and is unknown is a mistake, not another place.
//! - Where somebody lives is a building 居住地楼栋编码 or an institution 集中供养机构. With both, it is the
//!   institution, and the code, of an area of any level, says no more than where the institution lies.
//! - An empty cell says nothing; that somebody is mobile after all is said by 否.

use chrono::NaiveDate;
use entity::enums::{BeneficiaryCategory, CertificationChannel};

use crate::accounts::phone::Phone;
use crate::beneficiaries::rules::{category_named, channel_named};
use crate::residents::id_number::IdNumber;
use crate::text;

use super::Checked;
use super::cells::{self, Refusal};
use super::findings::Code;
use super::header::Wanted;
use super::line::Line;
use super::sheet::{self, Cell, FileError};
use super::table;

pub(super) const NAME: &str = "姓名";
pub(super) const ID_NUMBER: &str = "身份证号";
pub(super) const PHONE: &str = "联系电话";
pub(super) const CATEGORY: &str = "优抚类别";
pub(super) const CERTIFICATE: &str = "优待证号";
pub(super) const REGISTERED: &str = "户籍地编码";
pub(super) const HOME: &str = "居住地楼栋编码";
pub(super) const INSTITUTION: &str = "集中供养机构";
const IMMOBILE: &str = "行动不便";
const CHANNEL: &str = "拟认证方式";

/// The columns that are read, of this file and of results on paper, by their usual names.
pub(super) const NAME_COLUMN: Wanted = Wanted {
    name: NAME,
    variants: &["优抚对象姓名", "对象姓名", "人员姓名"],
    required: true,
};
pub(super) const ID_NUMBER_VARIANTS: &[&str] =
    &["身份证", "身份证号码", "公民身份号码", "证件号码"];
pub(super) const CERTIFICATE_COLUMN: Wanted = Wanted {
    name: CERTIFICATE,
    variants: &["优待证", "优待证号码", "优待证编号"],
    required: false,
};

const fn column(name: &'static str, variants: &'static [&'static str], required: bool) -> Wanted {
    Wanted {
        name,
        variants,
        required,
    }
}

/// The columns of a roster.
pub(super) const WANTED: &[Wanted] = &[
    NAME_COLUMN,
    column(ID_NUMBER, ID_NUMBER_VARIANTS, true),
    column(
        PHONE,
        &[
            "手机号",
            "手机号码",
            "电话",
            "手机",
            "电话号码",
            "联系方式",
            "本人电话",
        ],
        false,
    ),
    column(
        CATEGORY,
        &[
            "优抚对象类别",
            "对象类别",
            "人员类别",
            "优抚对象类型",
            "类别",
        ],
        true,
    ),
    CERTIFICATE_COLUMN,
    column(
        REGISTERED,
        &["户籍地", "户籍地区域编码", "户籍所在地编码", "户籍编码"],
        true,
    ),
    column(
        HOME,
        &["居住地编码", "楼栋编码", "居住楼栋编码", "现居住地编码"],
        false,
    ),
    column(
        INSTITUTION,
        &["供养机构", "养老机构", "集中供养机构名称"],
        false,
    ),
    column(IMMOBILE, &["行动不便者"], false),
    column(
        CHANNEL,
        &["拟采用认证方式", "计划认证方式", "拟认证渠道"],
        false,
    ),
];

/// A beneficiary as a file has them.
#[derive(Clone, Debug, PartialEq)]
pub struct BeneficiaryRow {
    /// Sheet it stands in.
    pub sheet: String,
    /// Row as Excel numbers it.
    pub row: u32,
    /// The name, up to 40 characters.
    pub name: String,
    /// Citizen ID number. Protected.
    pub id_number: IdNumber,
    /// Mobile or landline. Protected.
    pub phone: Option<Phone>,
    /// As what they are one.
    pub category: BeneficiaryCategory,
    /// Number of their certificate, up to 40 characters.
    pub certificate_number: Option<String>,
    /// Where they are registered: a code, or the name of a place elsewhere, up to 120 characters.
    pub registered: String,
    /// Code of the building where they live, or of where the institution lies.
    pub home_code: Option<String>,
    /// Institution where they live, up to 60 characters.
    pub institution: Option<String>,
    /// Whether they cannot come to the station; none where the file does not say.
    pub is_immobile: Option<bool>,
    /// How they are best certified.
    pub channel: Option<CertificationChannel>,
}

/// Reads and checks a roster; `today` is the last possible birth date.
pub fn read(bytes: &[u8], today: NaiveDate) -> Result<Checked<BeneficiaryRow>, FileError> {
    let sheets = sheet::read(bytes)?;
    let (tables, mut findings) = table::tables(&sheets, WANTED);
    let mut rows = Vec::new();
    let mut seen = std::collections::HashMap::new();
    for table in &tables {
        let mut lines = table.lines(&mut findings);
        while let Some(mut line) = lines.next_line() {
            if let Some(row) = read_line(&mut line, today)
                && line.is_first(ID_NUMBER, &mut seen, row.id_number.clone())
            {
                rows.push(row);
            }
        }
    }
    Ok(Checked::new(rows, findings, &sheets))
}

fn read_line(line: &mut Line<'_>, today: NaiveDate) -> Option<BeneficiaryRow> {
    let filled = |text: String| Some(text).filter(|text| !cells::is_nothing(text));
    let name = line.required(NAME, 40, cells::person_name);
    let id_number = id_number(line, today);
    let phone = line.read(PHONE, cells::phone).flatten();
    let category = line.read(CATEGORY, category);
    let certificate_number = filled(line.text(CERTIFICATE, 40, certificate));
    let registered = line.required(REGISTERED, 120, registered);
    let home_code = filled(line.text(HOME, 64, cells::area_code));
    let institution = filled(line.text(INSTITUTION, 60, cells::words));
    let is_immobile = match line.cell(IMMOBILE) {
        Cell::Empty => None,
        _ => line.read(IMMOBILE, cells::yes_no),
    };
    let channel = line.read(CHANNEL, channel).flatten();
    if line.is_refused() {
        return None;
    }
    Some(BeneficiaryRow {
        sheet: line.sheet().to_owned(),
        row: line.row(),
        name,
        id_number: id_number?,
        phone,
        category: category?,
        certificate_number,
        registered,
        home_code,
        institution,
        is_immobile,
        channel,
    })
}

/// The ID number is what a person is known by: it is there, and of somebody who is born.
fn id_number(line: &mut Line<'_>, today: NaiveDate) -> Option<IdNumber> {
    match line.read(ID_NUMBER, cells::id_number)? {
        None => line.find(
            ID_NUMBER,
            Code::ValueMissing,
            "不能为空，名册按身份证号认人",
        ),
        Some(number) if number.born_on() > today => {
            let message = "其中的出生日期不可能，请核对证件";
            line.find(ID_NUMBER, Code::IdInvalid, message);
        }
        found => return found,
    }
    None
}

fn category(cell: &Cell) -> Result<BeneficiaryCategory, Refusal> {
    let text = text::compact(&cells::words(cell)?);
    if text.is_empty() {
        return Err((Code::ValueMissing, "不能为空"));
    }
    category_named(&text).ok_or((
        Code::CategoryUnknown,
        "不是能识别的优抚类别，请填简称或全称，如“伤残人员”“三属”",
    ))
}

/// A certificate's number as it is printed: without spaces, in capitals.
pub(super) fn certificate(cell: &Cell) -> Result<String, Refusal> {
    Ok(text::compact(&cells::words(cell)?).to_uppercase())
}

/// The code of an area, or the name of a place.
fn registered(cell: &Cell) -> Result<String, Refusal> {
    match (cells::area_code(cell), cell) {
        (Err(_), Cell::Text(text)) if !text.is_ascii() => cells::words(cell),
        (read, _) => read,
    }
}

/// A way to certify; none if the cell is empty.
pub(super) fn channel(cell: &Cell) -> Result<Option<CertificationChannel>, Refusal> {
    let text = text::compact(&cells::words(cell)?).to_uppercase();
    if cells::is_nothing(&text) {
        return Ok(None);
    }
    channel_named(&text).map(Some).ok_or((
        Code::ChannelUnknown,
        "请填“上门”“集中”“预约”“视频”“线上自助”或“协查函”",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "优抚对象年度审核名册\n姓名,身份证号码,手机号,优抚类别,优待证号,户籍地编码,居住地楼栋编码,集中供养机构,行动不便,拟认证方式\n";
    const WANG: &str = "341191194603050028";

    fn read_rows(rows: &str) -> Checked<BeneficiaryRow> {
        let today = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        read(format!("{HEADER}{rows}").as_bytes(), today).unwrap()
    }

    fn codes(checked: &Checked<BeneficiaryRow>) -> Vec<(u32, &str, &str)> {
        let findings = checked.findings.iter();
        findings
            .map(|finding| (finding.row, finding.column.as_str(), finding.code.as_str()))
            .collect()
    }

    #[test]
    fn a_row_is_read_as_people_write_it() {
        let checked = read_rows(&format!(
            "王　秀兰, {WANG} ,１３９００００１１１１,年满60周岁烈士子女,yf 001,341191001002,341102006003.01.01.01,,√,上门认证\n"
        ));
        assert_eq!(codes(&checked), []);
        let row = &checked.rows[0];
        assert_eq!(
            (row.name.as_str(), row.id_number.as_str()),
            ("王秀兰", WANG)
        );
        assert_eq!(row.phone.as_ref().map(Phone::as_str), Some("13900001111"));
        assert_eq!(row.category, BeneficiaryCategory::MartyrChild);
        assert_eq!(row.certificate_number.as_deref(), Some("YF001"));
        assert_eq!(row.registered, "341191001002");
        assert_eq!(row.home_code.as_deref(), Some("341102006003.01.01.01"));
        assert_eq!(
            (row.institution.as_deref(), row.is_immobile),
            (None, Some(true))
        );
        assert_eq!(row.channel, Some(CertificationChannel::Home));
        let unsaid = read_rows(&format!(
            "王秀兰,{WANG},,三属,,河南省信阳市,,乐康养老中心,,\n"
        ));
        let row = &unsaid.rows[0];
        assert_eq!(
            (row.registered.as_str(), row.is_immobile),
            ("河南省信阳市", None)
        );
    }

    #[test]
    fn what_is_wrong_is_told_at_once_and_refuses_the_row() {
        let checked = read_rows(&format!(
            "王秀兰,341191194603050021,12,老兵,,341102006003,,,也许,电话\n\
             李秀英,,,三属,,341102006003,,,,\n\
             赵秀兰,{WANG},,,,,,,,\n\
             孙秀兰,{WANG},,三属,,341102006003,,,,\n\
             王秀兰,{WANG},,三属,,341102006003,,,,\n"
        ));
        assert_eq!(
            codes(&checked),
            [
                (3, "B", "ID_CHECKSUM"),
                (3, "C", "PHONE_INVALID"),
                (3, "D", "CATEGORY_UNKNOWN"),
                (3, "I", "YES_NO_INVALID"),
                (3, "J", "CHANNEL_UNKNOWN"),
                (4, "B", "VALUE_MISSING"),
                (5, "D", "VALUE_MISSING"),
                (5, "F", "VALUE_MISSING"),
                (7, "B", "DUPLICATE_IN_FILE"),
            ]
        );
        assert_eq!(
            checked.rows.len(),
            1,
            "the one that repeats a good row is refused"
        );
    }
}
