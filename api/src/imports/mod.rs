//! Imports: spreadsheets as staff have them become rows that can be merged.
//!
//! The way of a file, pure up to the last step (no database, no clock):
//!
//! 1. [`sheet`]: bytes become [`Sheet`]s, grids of [`Cell`]s with the row numbers Excel shows;
//!    `.xlsx` ([`xlsx`]) or text ([`csv`]), told by content. What can't be read is a [`FileError`].
//! 2. [`header`]: the header row is found by its names; columns may stand in any order.
//! 3. [`table`]: the rows below it, without blank rows, totals and notes.
//! 4. [`mod@line`]: one row is read, [`cells`]: one cell becomes a date, a yes or no, a phone number.
//! 5. [`areas`], [`residents`], [`accounts`], [`beneficiaries`]: a row becomes a typed row, or is refused.
//!
//! 6. [`merge`]: the typed rows are compared with the database and merged; [`command`] is the whole way,
//!    [`upload`] the one of staff, who send a file and import within their areas.
//!
//! Results of checks taken down on paper ([`papers`]) are sent by whoever made the checks, and recorded as
//! such; partners and their services ([`partners`]) are written down in the name of the staff who send them. The result of the first five is [`Checked`]: the good rows, and [`Finding`]s with code and sentence for what was
//! refused or doubtful. A row with a refused finding is not among the good ones, and all that is
//! wrong with it is told at once. What only the database knows (an area that does not exist, a
//! name that differs from the one on record) is found when the rows are merged.

pub mod accounts;
pub mod areas;
pub mod beneficiaries;
pub mod cells;
pub mod command;
pub mod csv;
pub mod findings;
pub mod header;
pub mod line;
pub mod merge;
pub mod papers;
pub mod partners;
pub mod residents;
pub mod sheet;
pub mod table;
pub mod upload;
pub mod xlsx;

#[cfg(test)]
mod testing;

pub use beneficiaries::BeneficiaryRow;
pub use findings::{Code, Finding, Severity};
pub use sheet::{Cell, FileError, Sheet};

/// The good rows of a file, and what was found in the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked<T> {
    /// Rows to import.
    pub rows: Vec<T>,
    /// What was refused or doubtful, in the order of the file.
    pub findings: Vec<Finding>,
}

impl<T> Checked<T> {
    /// Sorts the findings as the file has them.
    fn new(rows: Vec<T>, mut findings: Vec<Finding>, sheets: &[Sheet]) -> Self {
        let position = |name: &str| sheets.iter().position(|sheet| sheet.name == name);
        findings.sort_by_cached_key(|finding| (position(&finding.sheet), finding.row));
        Self { rows, findings }
    }
}
