//! Sheets as stations send and open them.

use std::io::Cursor;

use calamine::{Reader as _, Xlsx};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

use crate::support::files::{Sent, send};
use crate::support::world::{Person, World};

/// A workbook as people fill it in: a title and who filled it in above the header, and a sheet of
/// instructions. Cells are parted by commas; one that begins with `#` is a number.
pub fn book(header: &str, rows: &[String]) -> Vec<u8> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    page.set_name("名册").expect("a name");
    let titles = ["优抚对象年度审核名册", "填表单位：退役军人服务站", header];
    let lines = titles.into_iter().chain(rows.iter().map(String::as_str));
    for (line, text) in (0..).zip(lines) {
        for (column, cell) in (0..).zip(text.split(',')) {
            match cell.strip_prefix('#') {
                Some(number) => {
                    let number: f64 = number.parse().expect("a number");
                    page.write_number(line, column, number).expect("a cell");
                }
                None if cell.is_empty() => {}
                None => {
                    page.write_string(line, column, cell).expect("a cell");
                }
            }
        }
    }
    let notes = book.add_worksheet();
    notes.set_name("说明").expect("a name");
    notes.write_string(0, 0, header).expect("a cell");
    book.save_to_buffer().expect("a workbook")
}

/// Sends a sheet to be imported; what was told: counts of created, updated, unchanged; row and code of
/// what was refused; the same of the warnings.
pub async fn sent(world: &World, who: &Person, path: &str, sheet: &[u8]) -> Told {
    let sent = send(world, Some(who), path, &[], sheet.to_vec()).await;
    Told::of(&sent)
}

/// What a report says.
#[derive(Debug, PartialEq)]
pub struct Told {
    pub status: u16,
    pub counts: Value,
    pub refused: Vec<(u64, String)>,
    pub warnings: Vec<(u64, String)>,
    pub text: String,
}

impl Told {
    #[track_caller]
    fn of(sent: &Sent) -> Self {
        let report = sent.json();
        let lines = |name: &str| {
            let findings = report[name].as_array().expect("a report").iter();
            let line = |finding: &Value| {
                let code = finding["code"].as_str().expect("a code").to_owned();
                (finding["row"].as_u64().expect("a row"), code)
            };
            findings.map(line).collect()
        };
        Self {
            status: sent.status,
            counts: json!([report["created"], report["updated"], report["unchanged"]]),
            refused: lines("refused"),
            warnings: lines("warnings"),
            text: report.to_string(),
        }
    }
}

/// Rows with their codes, as a report has them.
pub fn lines(expected: &[(u64, &str)]) -> Vec<(u64, String)> {
    let line = |(row, code): &(u64, &str)| (*row, (*code).to_owned());
    expected.iter().map(line).collect()
}

/// The cells of a sheet as text, row by row.
pub fn cells(bytes: &[u8], sheet: &str) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes.to_vec())).unwrap();
    let range = book.worksheet_range(sheet).unwrap();
    let rows = range.rows();
    rows.map(|row| row.iter().map(ToString::to_string).collect())
        .collect()
}
