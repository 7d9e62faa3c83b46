//! Partners and what they offer, from a spreadsheet: one row per service.
//!
//! A service is known by its partner's name and its own (单位名称 + 服务名称).

use std::collections::HashMap;

use entity::enums::ServiceCategory;

use crate::accounts::phone::Phone;
use crate::text;

use super::cells::{self, Refusal};
use super::findings::Code;
use super::header::Wanted;
use super::line::Line;
use super::sheet::{self, Cell, FileError};
use super::{Checked, table};

pub(super) const NAME: &str = "单位名称";
const CATEGORY: &str = "类别";
const CONTACT: &str = "联系人";
const PHONE: &str = "联系电话";
pub(super) const TITLE: &str = "服务名称";

/// The columns that are read.
pub(super) const WANTED: &[Wanted] = &[
    Wanted {
        name: NAME,
        variants: &["单位", "合伙人", "合伙人名称", "机构名称", "名称"],
        required: true,
    },
    Wanted {
        name: CATEGORY,
        variants: &["服务类别", "类型", "服务类型"],
        required: true,
    },
    Wanted {
        name: CONTACT,
        variants: &["负责人", "联系人姓名"],
        required: false,
    },
    Wanted {
        name: PHONE,
        variants: &["电话", "手机号", "联系方式"],
        required: false,
    },
    Wanted {
        name: TITLE,
        variants: &["服务项目", "服务内容", "项目名称"],
        required: true,
    },
];

/// A service as a file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerRow {
    /// Sheet it stands in.
    pub sheet: String,
    /// Row as Excel numbers it.
    pub row: u32,
    /// The partner's name.
    pub name: String,
    /// Kind of service.
    pub category: ServiceCategory,
    /// Whom to ask about it.
    pub contact_name: Option<String>,
    /// Protected: their phone number.
    pub contact_phone: Option<String>,
    /// What the service is.
    pub title: String,
}

/// Reads and checks a file of partners.
pub fn read(bytes: &[u8]) -> Result<Checked<PartnerRow>, FileError> {
    let sheets = sheet::read(bytes)?;
    let (tables, mut findings) = table::tables(&sheets, WANTED);
    let (mut rows, mut seen) = (Vec::new(), HashMap::new());
    for table in &tables {
        let mut lines = table.lines(&mut findings);
        while let Some(mut line) = lines.next_line() {
            if let Some(row) = read_line(&mut line)
                && line.is_first(TITLE, &mut seen, (row.name.clone(), row.title.clone()))
            {
                rows.push(row);
            }
        }
    }
    Ok(Checked::new(rows, findings, &sheets))
}

fn read_line(line: &mut Line<'_>) -> Option<PartnerRow> {
    let filled = |text: String| Some(text).filter(|text| !cells::is_nothing(text));
    let name = line.required(NAME, 60, cells::words);
    let title = line.required(TITLE, 60, cells::words);
    let category = line.read(CATEGORY, category);
    if category == Some(None) {
        line.find(CATEGORY, Code::ValueMissing, "不能为空");
    }
    let contact_name = filled(line.text(CONTACT, 40, cells::person_name));
    let contact_phone = line.read(PHONE, cells::phone).flatten();
    if line.is_refused() {
        return None;
    }
    Some(PartnerRow {
        sheet: line.sheet().to_owned(),
        row: line.row(),
        name,
        category: category??,
        contact_name,
        contact_phone: contact_phone.as_ref().map(Phone::as_str).map(str::to_owned),
        title,
    })
}

fn category(cell: &Cell) -> Result<Option<ServiceCategory>, Refusal> {
    use ServiceCategory as S;
    let text = text::compact(&cells::words(cell)?);
    Ok(match text.as_str() {
        "家电清洗" | "清洗" => Some(S::ApplianceCleaning),
        "维修" => Some(S::Repair),
        "理发" => Some(S::Haircut),
        "健康" | "义诊" | "健康义诊" | "健康/义诊" => Some(S::Health),
        "代购" => Some(S::Shopping),
        "助学" => Some(S::Tutoring),
        "法律" | "法律咨询" => Some(S::LegalAdvice),
        "其他" | "其它" => Some(S::Other),
        "" => None,
        _ => {
            let message = "类别只能是：家电清洗、维修、理发、健康、义诊、代购、助学、法律、其他";
            return Err((Code::CategoryUnknown, message));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Checked<PartnerRow> {
        let header = "社区合伙人便民服务清单,,,,\n填表单位：龙池社区,,,,\n单位名称,类别,联系人,联系电话,服务名称\n";
        read(format!("{header}{text}").as_bytes()).unwrap()
    }

    #[test]
    fn a_row_is_a_service_of_a_partner() {
        let checked = rows(
            "周百通公益服务联盟,家电清洗,朱 桂旺,１３８-1234 1234,空调清洗\n启航培训,助学,,,四点半课堂\n",
        );
        assert_eq!(checked.findings, []);
        let [first, second] = &checked.rows[..] else {
            panic!("two rows");
        };
        assert_eq!((first.row, first.title.as_str()), (4, "空调清洗"));
        assert_eq!(first.category, ServiceCategory::ApplianceCleaning);
        assert_eq!(first.contact_name.as_deref(), Some("朱桂旺"));
        assert_eq!(first.contact_phone.as_deref(), Some("13812341234"));
        assert_eq!(
            (&second.contact_name, &second.contact_phone),
            (&None, &None)
        );
    }

    #[test]
    fn what_is_wrong_with_a_row_is_told() {
        let checked = rows(
            "周百通,家电清洗,,,空调清洗\n周百通,维修,,,空调清洗\n,代购,,,日用品代购\n康民大药房,算命,,,看相\n\
             康民大药房,义诊,,12,量血压\n康民大药房,,,,\n",
        );
        assert_eq!(checked.rows.len(), 1);
        let found = checked.findings.iter();
        let found: Vec<_> = found
            .map(|one| (one.row, one.column.as_str(), one.code.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                (5, "E", "DUPLICATE_IN_FILE"),
                (6, "A", "VALUE_MISSING"),
                (7, "B", "CATEGORY_UNKNOWN"),
                (8, "D", "PHONE_INVALID"),
                (9, "E", "VALUE_MISSING"),
                (9, "B", "VALUE_MISSING"),
            ]
        );
    }
}
