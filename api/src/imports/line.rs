//! One row that is being read, and what was found in it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

use super::cells::{self, Refusal};
use super::findings::{Code, Finding, Severity};
use super::sheet::{Cell, Row};
use super::table::Table;

/// Where a row stands that another one repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    sheet: String,
    row: u32,
}

impl Place {
    fn duplicate_message(&self, sheet: &str) -> String {
        let Self { sheet: other, row } = self;
        if other == sheet {
            format!("与第{row}行重复，已采用第{row}行")
        } else {
            format!("与「{other}」第{row}行重复，已采用「{other}」第{row}行")
        }
    }
}

/// A row that is being read. Columns are called by their usual names.
#[derive(Debug)]
pub struct Line<'b> {
    pub(super) table: &'b Table<'b>,
    pub(super) row: &'b Row,
    pub(super) findings: &'b mut Vec<Finding>,
    pub(super) refused: bool,
}

impl Line<'_> {
    /// Name of the sheet.
    #[must_use]
    pub fn sheet(&self) -> &str {
        self.table.sheet_name()
    }

    /// Row as Excel numbers it.
    #[must_use]
    pub fn row(&self) -> u32 {
        self.row.number
    }

    /// Whether something in the row was refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.refused
    }

    /// The cell of a column; empty if the file has no such column.
    #[must_use]
    pub fn cell(&self, column: &str) -> &Cell {
        self.table
            .column(column)
            .map_or(&Cell::Empty, |column| self.row.cell(column.index))
    }

    /// Notes something about a column of this row; the code says whether the row is refused.
    pub fn find(&mut self, column: &str, code: Code, message: impl Into<String>) {
        self.refused |= code.severity() == Severity::Refused;
        let value = cells::plain(self.cell(column)).unwrap_or_else(|| "#错误".to_owned());
        self.findings.push(
            self.table
                .finding(self.row(), column, &value, code, message.into()),
        );
    }

    /// Whether a key is new in the file; else the row is refused, and the message names the other.
    pub fn is_first<K: Eq + Hash>(
        &mut self,
        column: &str,
        seen: &mut HashMap<K, Place>,
        key: K,
    ) -> bool {
        let place = Place {
            sheet: self.sheet().to_owned(),
            row: self.row(),
        };
        match seen.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(place);
                true
            }
            Entry::Occupied(entry) => {
                let message = entry.get().duplicate_message(&place.sheet);
                self.find(column, Code::DuplicateInFile, message);
                false
            }
        }
    }

    /// Reads a column; what is refused is noted, and none is given back.
    pub fn read<T>(
        &mut self,
        column: &str,
        read: impl FnOnce(&Cell) -> Result<T, Refusal>,
    ) -> Option<T> {
        match read(self.cell(column)) {
            Ok(value) => Some(value),
            Err((code, message)) => {
                self.find(column, code, message);
                None
            }
        }
    }

    /// Reads a text of at most so many characters; empty if refused or empty.
    pub fn text(
        &mut self,
        column: &str,
        max: usize,
        read: impl FnOnce(&Cell) -> Result<String, Refusal>,
    ) -> String {
        let text = self.read(column, read).unwrap_or_default();
        if text.chars().count() > max {
            self.find(column, Code::ValueTooLong, format!("最多 {max} 个字"));
        }
        text
    }

    /// As [`text`](Self::text), but an empty cell is refused.
    pub fn required(
        &mut self,
        column: &str,
        max: usize,
        read: impl FnOnce(&Cell) -> Result<String, Refusal>,
    ) -> String {
        let before = self.findings.len();
        let text = self.text(column, max, read);
        if text.is_empty() && self.findings.len() == before {
            self.find(column, Code::ValueMissing, "不能为空");
        }
        text
    }
}
