//! Accounts and their grants from a spreadsheet: one row per person, role and area.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::enums::Role;

use crate::accounts::phone::Phone;

use super::Checked;
use super::cells;
use super::findings::Code;
use super::header::Wanted;
use super::line::Line;
use super::sheet::{self, FileError};
use super::table;

const NAME: &str = "姓名";
const PHONE: &str = "手机号";
const ROLE: &str = "角色";
const AREA: &str = "区域编码";
const VALID_UNTIL: &str = "有效期至";

pub(super) const WANTED: &[Wanted] = &[
    Wanted {
        name: NAME,
        variants: &["人员姓名", "用户姓名"],
        required: true,
    },
    Wanted {
        name: PHONE,
        variants: &[
            "手机号码",
            "手机",
            "联系电话",
            "电话",
            "电话号码",
            "联系方式",
        ],
        required: true,
    },
    Wanted {
        name: ROLE,
        variants: &["身份", "职务", "岗位"],
        required: true,
    },
    Wanted {
        name: AREA,
        variants: &["编码", "区划代码", "管辖区域编码", "所属区域编码"],
        required: true,
    },
    Wanted {
        name: VALID_UNTIL,
        variants: &["有效期", "有效期限", "到期日期", "截止日期"],
        required: false,
    },
];

/// A grant to a person as a file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// Sheet it stands in.
    pub sheet: String,
    /// Row as Excel numbers it.
    pub row: u32,
    /// The person's name; up to 40 characters.
    pub name: String,
    /// The mobile number they sign in with.
    pub phone: Phone,
    /// What is granted.
    pub role: Role,
    /// Code of the area it is granted at; whether it exists the database knows.
    pub area_code: String,
    /// Last day of the grant; none if it has no end.
    pub valid_until: Option<NaiveDate>,
}

/// Reads and checks a file of accounts.
///
/// The same phone under two names is one account: the first name counts, the other is a warning.
pub fn read(bytes: &[u8]) -> Result<Checked<AccountRow>, FileError> {
    let sheets = sheet::read(bytes)?;
    let (tables, mut findings) = table::tables(&sheets, WANTED);
    let mut rows = Vec::new();
    let mut seen = HashMap::new();
    let mut names: HashMap<Phone, (String, u32)> = HashMap::new();
    for table in &tables {
        let mut lines = table.lines(&mut findings);
        while let Some(mut line) = lines.next_line() {
            let Some(mut row) = read_line(&mut line) else {
                continue;
            };
            let key = (row.phone.clone(), row.role, row.area_code.clone());
            if !line.is_first(PHONE, &mut seen, key) {
                continue;
            }
            let (name, first) = names
                .entry(row.phone.clone())
                .or_insert_with(|| (row.name.clone(), row.row));
            if *name != row.name {
                let message = format!("同一手机号在第{first}行姓名不同，已采用第{first}行的姓名");
                line.find(NAME, Code::NameDiffers, message);
                row.name.clone_from(name);
            }
            rows.push(row);
        }
    }
    Ok(Checked::new(rows, findings, &sheets))
}

fn read_line(line: &mut Line<'_>) -> Option<AccountRow> {
    let name = line.required(NAME, 40, cells::person_name);
    let phone_text = line.required(PHONE, 40, cells::words);
    let phone = Phone::mobile(&phone_text);
    if phone.is_none() && !phone_text.is_empty() {
        line.find(PHONE, Code::PhoneInvalid, "不是 11 位手机号");
    }
    let word = line.required(ROLE, 40, cells::words);
    let role = role(&word);
    if role.is_none() && !word.is_empty() {
        line.find(ROLE, Code::RoleUnknown, unknown_role(&word));
    }
    let area_code = line.required(AREA, 64, cells::area_code);
    let valid_until = line.read(VALID_UNTIL, |cell| match cells::plain(cell).as_deref() {
        Some("长期" | "永久" | "长期有效") => Ok(None),
        _ => cells::date(cell),
    });
    if line.is_refused() {
        return None;
    }
    Some(AccountRow {
        sheet: line.sheet().to_owned(),
        row: line.row(),
        name,
        phone: phone?,
        role: role?,
        area_code,
        valid_until: valid_until?,
    })
}

/// The role that a word means.
fn role(word: &str) -> Option<Role> {
    Some(match word {
        "志愿者" => Role::Volunteer,
        "中心户" | "党员中心户" => Role::CenterHousehold,
        "网格长" | "网格党小组长" => Role::GridLead,
        "小区支部书记" | "小区党支部书记" => Role::CompoundSecretary,
        "社区工作人员" | "社工" | "社区党委书记" => Role::CommunityStaff,
        "退役军人服务站" | "退役军人服务站工作人员" => Role::VeteransStaff,
        "社区合伙人" => Role::Partner,
        "督查" | "督查人员" => Role::Supervisor,
        "管理员" => Role::Admin,
        _ => return None,
    })
}

fn unknown_role(word: &str) -> &'static str {
    // In everyday speech a 网格员 may be either; the two may do very different things.
    if word == "网格员" {
        "没有“网格员”这个角色：是指“志愿者”还是“网格长”？请改填"
    } else {
        "没有这个角色，可填：志愿者、中心户、网格长、小区支部书记、社区工作人员、\
         退役军人服务站、社区合伙人、督查、管理员"
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{codes, sheet};
    use super::*;

    const HEADER: [&str; 5] = ["角色", "姓　名", "联系电话", "区域编码", "有效期至"];

    fn read_rows(rows: &[[&str; 5]]) -> Checked<AccountRow> {
        read(&sheet(&HEADER, rows)).unwrap()
    }

    #[test]
    fn a_grant_is_read() {
        let checked = read_rows(&[
            [
                "志愿者",
                "谢 志梅",
                "182-1103-5089",
                "341102006003.02.10",
                "2027年12月31日",
            ],
            [
                "社区党委书记",
                "邓梅国",
                "17894941108",
                "341102006003",
                "长期",
            ],
        ]);
        assert_eq!(checked.findings, []);
        let row = &checked.rows[0];
        assert_eq!((row.name.as_str(), row.row), ("谢志梅", 3));
        assert_eq!(row.phone.as_str(), "18211035089");
        assert_eq!(row.role, Role::Volunteer);
        assert_eq!(row.area_code, "341102006003.02.10");
        assert_eq!(row.valid_until, NaiveDate::from_ymd_opt(2027, 12, 31));
        assert_eq!(checked.rows[1].role, Role::CommunityStaff);
        assert_eq!(checked.rows[1].valid_until, None);
    }

    #[test]
    fn every_word_for_a_role_is_known() {
        let words = [
            ("志愿者", Role::Volunteer),
            ("中心户", Role::CenterHousehold),
            ("党员中心户", Role::CenterHousehold),
            ("网格长", Role::GridLead),
            ("网格党小组长", Role::GridLead),
            ("小区支部书记", Role::CompoundSecretary),
            ("小区党支部书记", Role::CompoundSecretary),
            ("社区工作人员", Role::CommunityStaff),
            ("社工", Role::CommunityStaff),
            ("社区党委书记", Role::CommunityStaff),
            ("退役军人服务站", Role::VeteransStaff),
            ("退役军人服务站工作人员", Role::VeteransStaff),
            ("社区合伙人", Role::Partner),
            ("督查", Role::Supervisor),
            ("督查人员", Role::Supervisor),
            ("管理员", Role::Admin),
        ];
        for (word, expected) in words {
            assert_eq!(role(word), Some(expected), "{word}");
        }
    }

    #[test]
    fn every_refusal_has_its_code() {
        let checked = read_rows(&[
            ["网格员", "甲", "13800000001", "1", ""],
            ["司令", "乙", "13800000002", "1", ""],
            ["志愿者", "丙", "12345", "1", ""],
            ["志愿者", "丁", "0550-3021234", "1", ""],
            ["志愿者", "戊", "", "", ""],
            ["志愿者", "己", "13800000003", "1", "明年"],
            ["志愿者", "庚", "13800000004", "1", ""],
            ["志愿者", "庚", "138 0000 0004", "1", "2030-1-1"],
            ["中心户", "庚", "13800000004", "1", ""],
            ["网格长", "辛", "13800000004", "1", ""],
            ["", &"长".repeat(41), "13800000005", "1", ""],
        ]);
        assert_eq!(
            codes(&checked.findings),
            [
                (3, "ROLE_UNKNOWN"),
                (4, "ROLE_UNKNOWN"),
                (5, "PHONE_INVALID"),
                (6, "PHONE_INVALID"),
                (7, "VALUE_MISSING"),
                (7, "VALUE_MISSING"),
                (8, "DATE_INVALID"),
                (10, "DUPLICATE_IN_FILE"),
                (12, "NAME_DIFFERS"),
                (13, "VALUE_TOO_LONG"),
                (13, "VALUE_MISSING"),
            ]
        );
        let message = &checked.findings[0].message;
        assert!(message.contains("志愿者") && message.contains("网格长"));
        assert_eq!(checked.findings[2].value, "1****");
        assert_eq!(
            checked.findings[3].value,
            "055*****234".replace("*****234", "*****1234")
        );
        let names: Vec<&str> = checked.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["庚", "庚", "庚"]);
    }
}
