//! Results of checks that were taken down on paper: one row per person of a round's roster.
//!
//! The register that is exported of a round is such a sheet, filled in by hand. Decisions:
//! - A person is known by the ID number, else by the certificate's number; the name must be theirs.
//! - A row in which nothing of a result is filled in is not read; how many there are is told once.
//! - A day is a day in Shanghai, taken as its noon; today is now.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone as _, Utc};
use entity::enums::CheckOutcome;

use crate::accounts::phone::Phone;
use crate::beneficiaries::rules::outcome_named;
use crate::certifications::checks::found::Found;
use crate::certifications::checks::rules::{self, Given};
use crate::clock::{SHANGHAI, local_date};
use crate::error::{self, Error};
use crate::exports::workbook;
use crate::residents::id_number::IdNumber;
use crate::text;

use super::Checked;
use super::beneficiaries::{
    CERTIFICATE, CERTIFICATE_COLUMN, ID_NUMBER, ID_NUMBER_VARIANTS, NAME, NAME_COLUMN, certificate,
    channel,
};
use super::cells::{self, Refusal};
use super::findings::{Code, Finding};
use super::header::Wanted;
use super::line::Line;
use super::sheet::{self, Cell, FileError};
use super::table;

pub(super) const CHANNEL: &str = "认证方式";
pub(super) const OUTCOME: &str = "认证结果";
pub(super) const DAY: &str = "认证日期";
const HOLDS_ON: &str = "生效日期";
const SOURCE: &str = "依据";
const REFERENCE: &str = "文号";
const NOTES: &str = "备注";
const NEW_PHONE: &str = "新电话";
const NEW_ADDRESS: &str = "新地址";

/// What is filled in of a result.
const RESULT: [&str; 9] = [
    CHANNEL,
    OUTCOME,
    DAY,
    HOLDS_ON,
    SOURCE,
    REFERENCE,
    NOTES,
    NEW_PHONE,
    NEW_ADDRESS,
];

const fn column(name: &'static str, variants: &'static [&'static str], required: bool) -> Wanted {
    Wanted {
        name,
        variants,
        required,
    }
}

/// The columns that are read, and those of the register that say nothing new.
pub(super) const WANTED: &[Wanted] = &[
    NAME_COLUMN,
    column(ID_NUMBER, ID_NUMBER_VARIANTS, false),
    CERTIFICATE_COLUMN,
    column(CHANNEL, &["核查方式"], true),
    column(OUTCOME, &["核查结果", "结果"], true),
    column(DAY, &["核查日期", "认证时间"], true),
    column(
        HOLDS_ON,
        &["去世日期", "死亡日期", "迁出日期", "终止日期"],
        false,
    ),
    column(SOURCE, &["认证依据", "核实依据", "信息来源"], false),
    column(REFERENCE, &["函号", "认证编号", "材料编号"], false),
    column(NOTES, &["备注说明"], false),
    column(NEW_PHONE, &["新联系电话", "变更后电话"], false),
    column(NEW_ADDRESS, &["新住址", "变更后住址"], false),
    column("优抚类别", &[], false),
    column("户籍地", &[], false),
    column("居住地", &[], false),
    column("联系电话", &[], false),
    column("拟认证方式", &[], false),
    column("状态", &[], false),
    column("核查人", &[], false),
    column("复核人", &[], false),
];

/// A result as a file has it.
#[derive(Clone, Debug)]
pub struct PaperRow {
    /// Sheet it stands in.
    pub sheet: String,
    /// Row as Excel numbers it.
    pub row: u32,
    /// The person's name.
    pub name: String,
    /// Citizen ID number. Protected.
    pub id_number: Option<IdNumber>,
    /// Number of their certificate.
    pub certificate_number: Option<String>,
    /// What was found.
    pub found: Found,
}

/// Reads and checks results; `now` is the last moment at which one was taken down.
pub fn read(bytes: &[u8], now: DateTime<Utc>) -> Result<Checked<PaperRow>, FileError> {
    let sheets = sheet::read(bytes)?;
    let (tables, mut findings) = table::tables(&sheets, WANTED);
    let (mut rows, mut empty) = (Vec::new(), 0);
    for table in &tables {
        let mut lines = table.lines(&mut findings);
        while let Some(mut line) = lines.next_line() {
            if RESULT.iter().all(|column| is_empty(line.cell(column))) {
                empty += 1;
            } else {
                rows.extend(read_line(&mut line, now));
            }
        }
    }
    if empty > 0 {
        findings.push(Finding {
            sheet: String::new(),
            row: 0,
            column: String::new(),
            header: String::new(),
            value: String::new(),
            code: Code::ResultMissing,
            severity: Code::ResultMissing.severity(),
            message: format!("有 {empty} 行没有填写认证结果，没有读取"),
        });
    }
    Ok(Checked::new(rows, findings, &sheets))
}

fn is_empty(cell: &Cell) -> bool {
    cells::plain(cell).is_some_and(|text| text.is_empty())
}

fn read_line(line: &mut Line<'_>, now: DateTime<Utc>) -> Option<PaperRow> {
    let filled = |text: String| Some(text).filter(|text| !cells::is_nothing(&text::fold(text)));
    let name = line.required(NAME, 40, cells::person_name);
    let id_number = line.read(ID_NUMBER, cells::id_number);
    let certificate_number = filled(line.text(CERTIFICATE, 40, certificate));
    if id_number == Some(None) && certificate_number.is_none() {
        let message = "身份证号和优待证号至少填一个";
        line.find(ID_NUMBER, Code::ValueMissing, message);
    }
    let channel = required(line, CHANNEL, channel);
    let outcome = required(line, OUTCOME, outcome);
    let occurred_at = required(line, DAY, cells::date).and_then(|day| moment(line, day, now));
    let holds_on = line.read(HOLDS_ON, cells::date).flatten();
    let source = filled(line.text(SOURCE, 180, words));
    let reference = filled(line.text(REFERENCE, 120, words));
    let notes = filled(line.text(NOTES, 2000, words));
    let new_phone = line.read(NEW_PHONE, cells::phone).flatten();
    let new_address = filled(line.text(NEW_ADDRESS, 120, words));
    let found = Found {
        session: None,
        channel: channel?,
        outcome: outcome?,
        occurred_at: Some(occurred_at?),
        holds_on,
        source,
        reference,
        notes,
        new_phone: new_phone.as_ref().map(Phone::as_str).map(str::to_owned),
        new_address,
        new_health_notes: None,
    };
    check(line, &found, local_date(now, SHANGHAI));
    if line.is_refused() {
        return None;
    }
    Some(PaperRow {
        sheet: line.sheet().to_owned(),
        row: line.row(),
        name,
        id_number: id_number.flatten(),
        certificate_number,
        found,
    })
}

/// Reads a column that a result must have.
fn required<T>(
    line: &mut Line<'_>,
    column: &str,
    read: impl FnOnce(&Cell) -> Result<Option<T>, Refusal>,
) -> Option<T> {
    let value = line.read(column, read)?;
    if value.is_none() {
        line.find(column, Code::ValueMissing, "不能为空");
    }
    value
}

/// The moment that stands for a day, if it is within the last year.
fn moment(line: &mut Line<'_>, day: NaiveDate, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let noon = SHANGHAI
        .from_local_datetime(&day.and_time(NaiveTime::from_hms_opt(12, 0, 0)?))
        .earliest()?
        .with_timezone(&Utc);
    let at = if day == local_date(now, SHANGHAI) {
        now
    } else {
        noon
    };
    if rules::check_past(at, now).is_err() {
        line.find(DAY, Code::DateInvalid, "在将来或一年以前，请核对");
        return None;
    }
    Some(at)
}

/// Tells what the channel and the outcome need and the row does not say.
fn check(line: &mut Line<'_>, found: &Found, today: NaiveDate) {
    if found.holds_on.is_some_and(|day| day > today) {
        line.find(HOLDS_ON, Code::DateInvalid, "在将来，请核对");
    }
    let given = Given {
        channel: found.channel,
        outcome: found.outcome,
        number: found.reference.is_some(),
        source: found.source.is_some(),
        holds_on: found.holds_on,
    };
    let Err(Error::Refused(refusal)) = rules::check(given) else {
        return;
    };
    let (column, code, message) = match (refusal.field, refusal.code) {
        (Some("reference"), _) => (REFERENCE, Code::ValueMissing, "线上自助和协查函须填文号"),
        (Some("source"), _) => (SOURCE, Code::ValueMissing, "不是健在的，须填依据"),
        (_, error::Code::Required) => (HOLDS_ON, Code::ValueMissing, "不是健在的，须填生效日期"),
        _ => (HOLDS_ON, Code::DateInvalid, "健在的不填生效日期"),
    };
    line.find(column, code, message);
}

fn outcome(cell: &Cell) -> Result<Option<CheckOutcome>, Refusal> {
    let text = text::compact(&cells::words(cell)?);
    if cells::is_nothing(&text) {
        return Ok(None);
    }
    outcome_named(&text).map(Some).ok_or((
        Code::OutcomeUnknown,
        "请填“健在”“去世”“迁出”或“待遇终止”；没有见到人的留空",
    ))
}

/// Words as they stand, also where an exported sheet kept them from running as a formula.
fn words(cell: &Cell) -> Result<String, Refusal> {
    let text = cells::prose(cell)?;
    Ok(text::trim(workbook::meant(&text)).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "序号,姓名,身份证号,优待证号,状态,认证方式,认证结果,认证日期,生效日期,依据,文号,备注,新电话,新地址\n";
    const WANG: &str = "341191194603050028";

    fn read_rows(rows: &str) -> Checked<PaperRow> {
        let now = Utc.with_ymd_and_hms(2026, 3, 2, 1, 0, 0).unwrap();
        read(format!("{HEADER}{rows}").as_bytes(), now).unwrap()
    }

    fn codes(checked: &Checked<PaperRow>) -> Vec<(u32, &str, &str)> {
        let findings = checked.findings.iter();
        findings
            .map(|finding| (finding.row, finding.column.as_str(), finding.code.as_str()))
            .collect()
    }

    #[test]
    fn a_day_is_its_noon_and_today_is_now() {
        let checked = read_rows(&format!(
            "1,王秀兰,{WANG},,待核查,上门,健在,2026-03-01,,,,'-好,１３９００００１１１１,（东）1栋\n\
             2,王秀兰,,yf 1,待核查,集中认证,健在,2026/3/2,,,,无,,\n"
        ));
        assert_eq!(codes(&checked), []);
        let [first, second] = &checked.rows[..] else {
            panic!("two rows");
        };
        let at = |row: &PaperRow| row.found.occurred_at.unwrap().to_rfc3339();
        assert_eq!(at(first), "2026-03-01T04:00:00+00:00");
        assert_eq!(at(second), "2026-03-02T01:00:00+00:00");
        assert_eq!(first.found.notes.as_deref(), Some("-好"));
        assert_eq!(first.found.new_address.as_deref(), Some("（东）1栋"));
        assert_eq!(first.found.new_phone.as_deref(), Some("13900001111"));
        assert_eq!(second.certificate_number.as_deref(), Some("YF1"));
        assert_eq!((&second.found.notes, &second.id_number), (&None, &None));
    }

    #[test]
    fn what_a_result_lacks_is_told_and_what_is_not_filled_in_is_not_read() {
        let checked = read_rows(&format!(
            "1,王秀兰,{WANG},,待核查,,,,,,,,,\n\
             2,王秀兰,,,待核查,上门,健在,2026-03-01,,,,,,\n\
             3,王秀兰,{WANG},,待核查,电话,未见,2026-03-03,,,,,12,\n\
             4,王秀兰,{WANG},,待核查,上门,,2026-03-01,,,,,,\n\
             5,王秀兰,{WANG},,待核查,上门,去世,2026-03-01,,,,,,\n\
             6,王秀兰,{WANG},,待核查,上门,去世,2026-03-01,2026-02-01,,,,,\n\
             7,王秀兰,{WANG},,待核查,上门,迁出,2026-03-01,2026-03-05,户口簿,,,,\n\
             8,王秀兰,{WANG},,待核查,协查函,健在,2026-03-01,,,,,,\n\
             9,王秀兰,{WANG},,待核查,上门,健在,2026-03-01,2026-02-01,,,,,\n\
             10,王秀兰,{WANG},,待核查,上门,健在,2025-02-28,,,,,,\n\
             11,,,,待核查,,,,,,,,,\n"
        ));
        assert!(checked.rows.is_empty());
        assert_eq!(
            codes(&checked),
            [
                (0, "", "RESULT_MISSING"),
                (3, "C", "VALUE_MISSING"),
                (4, "F", "CHANNEL_UNKNOWN"),
                (4, "G", "OUTCOME_UNKNOWN"),
                (4, "H", "DATE_INVALID"),
                (4, "M", "PHONE_INVALID"),
                (5, "G", "VALUE_MISSING"),
                (6, "I", "VALUE_MISSING"),
                (7, "J", "VALUE_MISSING"),
                (8, "I", "DATE_INVALID"),
                (9, "K", "VALUE_MISSING"),
                (10, "I", "DATE_INVALID"),
                (11, "H", "DATE_INVALID"),
            ]
        );
        assert!(checked.findings[0].message.contains("2 行"));
    }
}
