//! Sheets of text and numbers that no program takes for formulas.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use crate::error::{Error, Result};

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A part of a whole, shown in percent.
    Rate(f64),
}

/// A sheet: what it is called, a line above it, headings and rows.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Its name, at most 31 characters.
    pub name: &'static str,
    /// What it is about.
    pub title: String,
    /// The headings.
    pub headings: &'static [&'static str],
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// A text as a cell keeps it: one that a spreadsheet program could run as a formula, also after it was saved
/// as CSV, begins with an apostrophe.
#[must_use]
pub fn safe(text: &str) -> String {
    match text.trim_start().chars().next() {
        Some('=' | '+' | '-' | '@' | '|' | '%' | '＝' | '＋' | '－' | '＠') => {
            format!("'{text}")
        }
        _ if text.starts_with(['\t', '\r', '\n']) => format!("'{text}"),
        _ => text.to_owned(),
    }
}

/// The text that [`safe`] made this of.
#[must_use]
pub fn meant(text: &str) -> &str {
    let bare = text.strip_prefix('\'');
    bare.filter(|bare| safe(bare) == text).unwrap_or(text)
}

/// The workbook as a file.
pub fn file(sheets: &[Sheet]) -> Result<Vec<u8>> {
    written(sheets).map_err(|error| Error::Internal(error.into()))
}

fn written(sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let bold = Format::new().set_bold();
    let percent = Format::new().set_num_format("0.0%");
    for sheet in sheets {
        let page = workbook.add_worksheet();
        page.set_name(sheet.name)?;
        page.write_string_with_format(0, 0, safe(&sheet.title), &bold)?;
        for (column, heading) in (0..).zip(sheet.headings) {
            page.write_string_with_format(1, column, *heading, &bold)?;
        }
        for (line, row) in (2..).zip(&sheet.rows) {
            for (column, cell) in (0..).zip(row) {
                put(page, (line, column), cell, &percent)?;
            }
        }
        page.autofit();
    }
    workbook.save_to_buffer()
}

fn put(
    page: &mut Worksheet,
    (line, column): (u32, u16),
    cell: &Cell,
    percent: &Format,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Text(text) => page.write_string(line, column, safe(text))?,
        #[expect(clippy::cast_precision_loss, reason = "counts of people and minutes")]
        Cell::Number(number) => page.write_number(line, column, *number as f64)?,
        Cell::Rate(rate) => page.write_number_with_format(line, column, *rate, percent)?,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_run_is_kept_as_words() {
        for wicked in [
            "=1+1",
            "+86",
            "-1",
            "@SUM(A1)",
            " =cmd|' /C calc'!A0",
            "\t=1",
            "＝1+1",
            "|x",
        ] {
            assert_eq!(safe(wicked), format!("'{wicked}"));
            assert_eq!(meant(&safe(wicked)), wicked);
        }
        for harmless in ["李秀英", "1-2", "3栋=4栋", "", "a@b", "'李"] {
            assert_eq!(
                (safe(harmless).as_str(), meant(harmless)),
                (harmless, harmless)
            );
        }
    }
}
