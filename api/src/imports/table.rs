//! The rows below a header, read one by one, with what was found in them.

use crate::text;

use super::cells;
use super::findings::{Code, Finding};
use super::header::{self, Column, Header, Wanted};
use super::line::Line;
use super::sheet::{self, Cell, Row, Sheet};

/// Longest value that a finding repeats, in characters.
const MAX_VALUE: usize = 40;
/// How a row begins that is a total.
const TOTALS: [&str; 4] = ["合计", "总计", "小计", "共计"];
/// How a row below the table begins that is about the table.
const NOTES: [&str; 7] = ["填表", "制表", "填报", "审核", "注:", "备注:", "说明:"];
/// Words in the name of a sheet that is about filling in another one.
const INSTRUCTIONS: [&str; 4] = ["说明", "须知", "示例", "样例"];

/// A sheet whose header is complete.
#[derive(Debug)]
pub struct Table<'a> {
    sheet: &'a Sheet,
    header: Header,
}

/// Finds the tables of a file; the sheets without one are ignored unless there is no table at all.
///
/// Unknown columns are findings, and so is a header without its required columns.
#[must_use]
pub fn tables<'a>(
    sheets: &'a [Sheet],
    wanted: &'static [Wanted],
) -> (Vec<Table<'a>>, Vec<Finding>) {
    let mut found: Vec<(&Sheet, Header)> = sheets
        .iter()
        .filter_map(|sheet| Some((sheet, header::find(sheet, wanted)?)))
        .collect();
    let is_instruction = |sheet: &Sheet| INSTRUCTIONS.iter().any(|word| sheet.name.contains(word));
    if found.iter().any(|(sheet, _)| !is_instruction(sheet)) {
        found.retain(|(sheet, _)| !is_instruction(sheet));
    }
    let mut findings = Vec::new();
    if found.is_empty() {
        let required = wanted.iter().filter(|column| column.required);
        let names: Vec<&str> = required.map(|column| column.name).collect();
        let name = sheets.first().map_or("", |sheet| sheet.name.as_str());
        findings.push(header_missing(name, 1, &names));
    }
    let mut tables = Vec::new();
    for (sheet, header) in found {
        if !header.missing.is_empty() {
            findings.push(header_missing(&sheet.name, header.row, &header.missing));
            continue;
        }
        let unread = [
            (Code::ColumnUnknown, &header.unknown, "不认识的列，没有读取"),
            (
                Code::ColumnDuplicate,
                &header.duplicate,
                "与另一列意思相同，没有读取",
            ),
        ];
        for (code, columns, message) in unread {
            findings.extend(columns.iter().map(|(text, index)| Finding {
                sheet: sheet.name.clone(),
                row: header.row,
                column: sheet::column_letter(*index),
                header: shortened(text),
                value: String::new(),
                code,
                severity: code.severity(),
                message: message.to_owned(),
            }));
        }
        tables.push(Table { sheet, header });
    }
    (tables, findings)
}

fn header_missing(sheet: &str, row: u32, names: &[&str]) -> Finding {
    Finding {
        sheet: sheet.to_owned(),
        row,
        column: String::new(),
        header: String::new(),
        value: String::new(),
        code: Code::HeaderMissing,
        severity: Code::HeaderMissing.severity(),
        message: format!("没有找到表头，缺少这些列：{}", names.join("、")),
    }
}

impl<'a> Table<'a> {
    /// Name of the sheet.
    #[must_use]
    pub fn sheet_name(&self) -> &str {
        &self.sheet.name
    }

    /// The rows to read: without blank rows, totals, notes and repeated headers.
    pub fn lines<'b>(&'b self, findings: &'b mut Vec<Finding>) -> Lines<'b>
    where
        'a: 'b,
    {
        let start = self
            .sheet
            .rows
            .partition_point(|row| row.number <= self.header.row);
        Lines {
            table: self,
            rows: self.sheet.rows[start..].iter(),
            findings,
        }
    }

    /// A finding about a column of a row.
    #[must_use]
    pub fn finding(
        &self,
        row: u32,
        column: &str,
        value: &str,
        code: Code,
        message: String,
    ) -> Finding {
        let place = self.column(column);
        Finding {
            sheet: self.sheet.name.clone(),
            row,
            column: place.map_or_else(String::new, |place| sheet::column_letter(place.index)),
            header: place.map_or_else(|| column.to_owned(), |place| shortened(&place.header)),
            value: shown(value, column),
            code,
            severity: code.severity(),
            message,
        }
    }

    /// The column of this usual name, if the file has it.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.header
            .columns
            .iter()
            .find(|column| column.name == name)
    }

    fn is_data(&self, row: &Row) -> bool {
        let Some(first) = row.cells.iter().find(|cell| **cell != Cell::Empty) else {
            return false;
        };
        let first = text::compact(&cells::plain(first).unwrap_or_default());
        if TOTALS.iter().any(|word| first.starts_with(word)) {
            return false;
        }
        let filled = |column: &&Column| *row.cell(column.index) != Cell::Empty;
        if NOTES.iter().any(|word| first.starts_with(word))
            && self.header.columns.iter().filter(filled).count() < 3
        {
            return false;
        }
        // A long list printed on several pages repeats its header.
        !self.header.columns.iter().all(|column| {
            cells::plain(row.cell(column.index)).is_some_and(|text| text == column.header)
        })
    }
}

/// Goes through the rows of a table; not an iterator, since a line borrows the list of findings.
#[derive(Debug)]
pub struct Lines<'b> {
    table: &'b Table<'b>,
    rows: std::slice::Iter<'b, Row>,
    findings: &'b mut Vec<Finding>,
}

impl Lines<'_> {
    /// The next row that is data.
    pub fn next_line(&mut self) -> Option<Line<'_>> {
        let table = self.table;
        let row = self.rows.by_ref().find(|row| table.is_data(row))?;
        Some(Line {
            table,
            row,
            findings: self.findings,
            refused: false,
        })
    }
}

/// A value as a finding may repeat it: ID and phone numbers masked wherever they stand, long texts
/// cut. Only codes of areas are long numbers that are nobody's.
fn shown(value: &str, column: &str) -> String {
    let personal = column.contains("电话") || column.contains("手机") || column.contains("身份证");
    let digits = value.chars().filter(char::is_ascii_digit).count();
    if personal || (digits >= 11 && !column.contains("编码")) {
        return shortened(&text::mask(value));
    }
    shortened(value)
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::csv;
    use super::*;

    const WANTED: &[Wanted] = &[
        Wanted {
            name: "姓名",
            variants: &[],
            required: true,
        },
        Wanted {
            name: "房号",
            variants: &[],
            required: true,
        },
        Wanted {
            name: "备注",
            variants: &[],
            required: false,
        },
    ];

    fn sheet(name: &str, text: &str) -> Sheet {
        Sheet {
            name: name.to_owned(),
            ..csv::read(text.as_bytes()).unwrap()
        }
    }

    fn rows(sheets: &[Sheet]) -> Vec<(String, u32)> {
        let (tables, mut findings) = tables(sheets, WANTED);
        let mut rows = Vec::new();
        for table in &tables {
            let mut lines = table.lines(&mut findings);
            while let Some(line) = lines.next_line() {
                rows.push((line.sheet().to_owned(), line.row()));
            }
        }
        rows
    }

    #[test]
    fn totals_notes_blank_rows_and_repeated_headers_are_skipped() {
        let sheets = [sheet(
            "一",
            "标题\n姓名,房号,备注\n王,101\n\n姓名,房号,备注\n李,102\n合 计,2\n总计：2人\n填表人：赵,,审核人：钱",
        )];
        assert_eq!(rows(&sheets), [("一".to_owned(), 3), ("一".to_owned(), 6)]);
    }

    #[test]
    fn instructions_are_ignored_and_other_sheets_are_all_read() {
        let sheets = [
            sheet("一", "姓名,房号\n王,101"),
            sheet("二", "姓名,房号\n李,102"),
            sheet("填表说明", "姓名,房号\n张三,101"),
            sheet("Sheet3", "请逐户填写"),
        ];
        assert_eq!(rows(&sheets), [("一".to_owned(), 2), ("二".to_owned(), 2)]);
    }

    #[test]
    fn a_file_without_header_names_the_columns_it_lacks() {
        let sheets = [sheet("一", "王,101")];
        let (tables, findings) = tables(&sheets, WANTED);
        assert!(tables.is_empty());
        assert_eq!(
            findings[0].to_string(),
            "「一」第1行：没有找到表头，缺少这些列：姓名、房号（HEADER_MISSING）"
        );
    }

    #[test]
    fn values_are_masked_wherever_they_stand() {
        assert_eq!(shown("341191195702180754", "房号"), "341***********0754");
        assert_eq!(shown("12345", "手机号"), "1****");
        assert_eq!(shown("341102006003.01", "楼栋编码"), "341102006003.01");
        assert_eq!(shown(&"长".repeat(50), "备注").chars().count(), 41);
    }
}
