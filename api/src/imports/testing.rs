//! Spreadsheets made by code, for the tests of this module.

use rust_xlsxwriter::Workbook;

use super::Finding;

/// A spreadsheet with a title, a header in row 2 and texts below it.
pub fn sheet<const N: usize>(header: &[&str; N], rows: &[[&str; N]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "台账").unwrap();
    for (row, texts) in (1..).zip(std::iter::once(header).chain(rows)) {
        for (column, text) in (0..).zip(texts) {
            sheet.write(row, column, *text).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// Row and code of every finding.
pub fn codes(findings: &[Finding]) -> Vec<(u32, &'static str)> {
    let findings = findings.iter();
    findings
        .map(|found| (found.row, found.code.as_str()))
        .collect()
}
