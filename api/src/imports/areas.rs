//! The area tree from a spreadsheet.

use std::collections::HashMap;

use entity::enums::AreaKind;

use super::cells;
use super::findings::{Code, Finding};
use super::header::Wanted;
use super::line::Line;
use super::sheet::{self, FileError};
use super::table::{self, Table};
use super::{Cell, Checked};

const CODE: &str = "编码";
const NAME: &str = "名称";
const KIND: &str = "类型";
const PARENT: &str = "上级编码";
const LATITUDE: &str = "纬度";
const LONGITUDE: &str = "经度";

/// How many kinds of area there are.
const LEVELS: usize = 6;

pub(super) const WANTED: &[Wanted] = &[
    Wanted {
        name: CODE,
        variants: &["区域编码", "区划代码", "代码", "编号"],
        required: true,
    },
    Wanted {
        name: NAME,
        variants: &["区域名称", "区划名称"],
        required: true,
    },
    Wanted {
        name: KIND,
        variants: &["区域类型", "类别", "级别", "层级"],
        required: true,
    },
    Wanted {
        name: PARENT,
        variants: &["上级区域编码", "上级代码", "父级编码", "所属编码", "上级"],
        required: true,
    },
    Wanted {
        name: LATITUDE,
        variants: &["北纬", "LATITUDE", "LAT"],
        required: false,
    },
    Wanted {
        name: LONGITUDE,
        variants: &["东经", "LONGITUDE", "LNG", "LON"],
        required: false,
    },
];

/// An area as a file has it.
#[derive(Clone, Debug, PartialEq)]
pub struct AreaRow {
    /// Sheet it stands in.
    pub sheet: String,
    /// Row as Excel numbers it.
    pub row: u32,
    /// Its code, the stable key; up to 64 characters.
    pub code: String,
    /// Its name; up to 80 characters.
    pub name: String,
    /// Its level.
    pub kind: AreaKind,
    /// Code of the area above, which may be in the file or on record; none for a district.
    pub parent_code: Option<String>,
    /// Degrees north, WGS 84.
    pub latitude: Option<f64>,
    /// Degrees east, WGS 84.
    pub longitude: Option<f64>,
}

/// Reads and checks a file of areas; the rows come parents first.
///
/// Whether a parent that is not in the file is on record only the database knows.
pub fn read(bytes: &[u8]) -> Result<Checked<AreaRow>, FileError> {
    let sheets = sheet::read(bytes)?;
    let (tables, mut findings) = table::tables(&sheets, WANTED);
    let mut rows: Vec<(&Table<'_>, AreaRow)> = Vec::new();
    let mut seen = HashMap::new();
    for table in &tables {
        let mut lines = table.lines(&mut findings);
        while let Some(mut line) = lines.next_line() {
            if let Some(row) = read_line(&mut line)
                && line.is_first(CODE, &mut seen, row.code.clone())
            {
                rows.push((table, row));
            }
        }
    }
    let mut rows = check_parents(rows, &mut findings);
    rows.sort_by_key(|row| row.kind);
    Ok(Checked::new(rows, findings, &sheets))
}

fn read_line(line: &mut Line<'_>) -> Option<AreaRow> {
    let code = line.required(CODE, 64, cells::area_code);
    let name = line.required(NAME, 80, cells::prose);
    let kind_word = line.required(KIND, 20, cells::words);
    let kind = kind(&kind_word);
    if kind.is_none() && !kind_word.is_empty() {
        line.find(
            KIND,
            Code::AreaKindUnknown,
            "类型只能是：区、街道、社区、小区、网格、楼栋",
        );
    }
    let parent = line.text(PARENT, 64, cells::area_code);
    match kind {
        Some(AreaKind::District) if !parent.is_empty() => {
            line.find(
                PARENT,
                Code::AreaParentInvalid,
                "区是最上一级，上级编码应为空",
            );
        }
        Some(kind) if kind != AreaKind::District && *line.cell(PARENT) == Cell::Empty => {
            line.find(PARENT, Code::AreaParentInvalid, "除区以外都要填上级编码");
        }
        _ => (),
    }
    let latitude = coordinate(line, LATITUDE, 90.0);
    let longitude = coordinate(line, LONGITUDE, 180.0);
    let blank = |column| *line.cell(column) == Cell::Empty;
    if blank(LATITUDE) != blank(LONGITUDE) {
        let column = if blank(LATITUDE) { LATITUDE } else { LONGITUDE };
        line.find(
            column,
            Code::CoordinateInvalid,
            "纬度和经度要么都填，要么都不填",
        );
    }
    if line.is_refused() {
        return None;
    }
    Some(AreaRow {
        sheet: line.sheet().to_owned(),
        row: line.row(),
        code,
        name,
        kind: kind?,
        parent_code: Some(parent).filter(|parent| !parent.is_empty()),
        latitude,
        longitude,
    })
}

fn coordinate(line: &mut Line<'_>, column: &str, max: f64) -> Option<f64> {
    let degrees = line.read(column, cells::degrees)??;
    if degrees.abs() > max {
        line.find(
            column,
            Code::CoordinateInvalid,
            "超出范围，纬度和经度可能填反了",
        );
    }
    Some(degrees)
}

/// The kind of area that a word means.
fn kind(word: &str) -> Option<AreaKind> {
    Some(match word {
        "区" | "县" | "区县" | "市辖区" | "县级市" => AreaKind::District,
        "街道" | "镇" | "乡" | "乡镇" | "街道办" | "街道办事处" => AreaKind::Street,
        "社区" | "村" | "行政村" | "居委会" | "村居" => AreaKind::Community,
        "小区" | "居民小区" | "住宅小区" | "院落" => AreaKind::Compound,
        "网格" => AreaKind::Grid,
        "楼栋" | "楼" | "栋" | "幢" | "楼幢" | "楼房" => AreaKind::Building,
        _ => return None,
    })
}

/// Refuses rows whose parent in the file is of no higher level, or lies below them.
fn check_parents(rows: Vec<(&Table<'_>, AreaRow)>, findings: &mut Vec<Finding>) -> Vec<AreaRow> {
    let by_code: HashMap<&str, &AreaRow> = rows
        .iter()
        .map(|(_, row)| (row.code.as_str(), row))
        .collect();
    let parent = |row: &AreaRow| by_code.get(row.parent_code.as_deref()?).copied();
    let problem = |row: &AreaRow| {
        let above = parent(row)?;
        // A circle that is longer than the tree is high has a wrong level somewhere.
        let circle = std::iter::successors(Some(above), |row| parent(row))
            .take(LEVELS)
            .any(|above| above.code == row.code);
        if circle {
            Some((Code::AreaCycle, "上级绕了一圈又回到自己".to_owned()))
        } else if above.kind >= row.kind {
            let message = format!(
                "第{}行的“{}”级别不比它高，不能作上级",
                above.row, above.name
            );
            Some((Code::AreaParentInvalid, message))
        } else {
            None
        }
    };
    let problems: Vec<_> = rows.iter().map(|(_, row)| problem(row)).collect();
    let mut kept = Vec::with_capacity(rows.len());
    for ((table, row), problem) in rows.into_iter().zip(problems) {
        if let Some((code, message)) = problem {
            let value = row.parent_code.as_deref().unwrap_or_default();
            findings.push(table.finding(row.row, PARENT, value, code, message));
        } else {
            kept.push(row);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::super::testing::{codes, sheet};
    use super::*;

    const HEADER: [&str; 6] = [CODE, NAME, KIND, PARENT, LATITUDE, LONGITUDE];

    fn read_rows(rows: &[[&str; 6]]) -> Checked<AreaRow> {
        read(&sheet(&HEADER, rows)).unwrap()
    }

    #[test]
    fn a_tree_is_read_parents_first() {
        let checked = read_rows(&[
            [
                "341102006003.01",
                "创业北路小区",
                "小区",
                "341102006003",
                "",
                "",
            ],
            [
                "341102006003",
                "创业北路社区",
                "社区",
                "341102006",
                "32.3086",
                "118.3172",
            ],
            ["341102", "琅琊区", "区", "", "", ""],
        ]);
        assert_eq!(checked.findings, []);
        let codes: Vec<&str> = checked.rows.iter().map(|row| row.code.as_str()).collect();
        assert_eq!(codes, ["341102", "341102006003", "341102006003.01"]);
        let community = &checked.rows[1];
        assert_eq!(community.row, 4, "below two titles and the header");
        assert_eq!(community.kind, AreaKind::Community);
        assert_eq!(community.parent_code.as_deref(), Some("341102006"));
        assert_eq!(community.latitude, Some(32.3086));
        assert_eq!(checked.rows[0].parent_code, None);
    }

    #[test]
    fn every_refusal_has_its_code() {
        let checked = read_rows(&[
            ["1", "甲", "区", "", "", ""],
            ["1", "乙", "区", "", "", ""],
            ["2", "丙", "片区", "1", "", ""],
            ["3", "丁", "街道", "", "", ""],
            ["4", "戊", "区", "1", "", ""],
            ["", "己", "街道", "1", "", ""],
            ["6", "", "街道", "1", "", ""],
            ["7", "庚", "街道", "1", "118.3", "32.3"],
            ["8", "辛", "街道", "1", "32.3", ""],
            ["九", "壬", "街道", "1", "", ""],
        ]);
        assert_eq!(checked.rows.len(), 1);
        assert_eq!(
            codes(&checked.findings),
            [
                (4, "DUPLICATE_IN_FILE"),
                (5, "AREA_KIND_UNKNOWN"),
                (6, "AREA_PARENT_INVALID"),
                (7, "AREA_PARENT_INVALID"),
                (8, "VALUE_MISSING"),
                (9, "VALUE_MISSING"),
                (10, "COORDINATE_INVALID"),
                (11, "COORDINATE_INVALID"),
                (12, "AREA_CODE_INVALID"),
            ]
        );
        assert_eq!(
            checked.findings[0].to_string(),
            "「Sheet1」第4行 A列 编码“1”：与第3行重复，已采用第3行（DUPLICATE_IN_FILE）"
        );
    }

    #[test]
    fn circles_and_wrong_levels_are_refused() {
        let checked = read_rows(&[
            ["1", "甲", "街道", "2", "", ""],
            ["2", "乙", "社区", "1", "", ""],
            ["3", "丙", "小区", "3", "", ""],
            ["4", "丁", "小区", "5", "", ""],
            ["5", "戊", "网格", "9", "", ""],
            ["6", "己", "网格", "2", "", ""],
        ]);
        assert_eq!(
            codes(&checked.findings),
            [
                (3, "AREA_CYCLE"),
                (4, "AREA_CYCLE"),
                (5, "AREA_CYCLE"),
                (6, "AREA_PARENT_INVALID"),
            ]
        );
        assert_eq!(checked.findings[3].column, "D");
    }
}
