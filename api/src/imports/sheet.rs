//! From the bytes of a file to grids of cells, whatever the format.

use chrono::NaiveDateTime;

use super::{csv, xlsx};

/// Largest file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 32 << 20;
/// Most bytes a file may unpack to, or its cells may hold: a small zip can unpack to terabytes.
pub const MAX_UNPACKED_BYTES: u64 = 256 << 20;
/// Most rows of a sheet that hold anything.
pub const MAX_ROWS: usize = 100_000;
/// Most columns of a sheet.
pub const MAX_COLUMNS: usize = 100;

/// Why a file could not be read at all. The message is for the one who chose the file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// No bytes.
    #[error("文件是空的")]
    Empty,
    /// Larger than [`MAX_FILE_BYTES`].
    #[error("文件超过 32 MB，请分成几个文件")]
    TooLarge,
    /// Unpacks to more than [`MAX_UNPACKED_BYTES`].
    #[error("文件展开后过大，请另存一份只含名单的表格")]
    UnpacksTooLarge,
    /// More rows than [`MAX_ROWS`].
    #[error("工作表「{0}」超过 10 万行，请分成几个文件")]
    TooManyRows(String),
    /// A value right of [`MAX_COLUMNS`].
    #[error("工作表「{0}」超过 100 列，请删去无关的列")]
    TooManyColumns(String),
    /// An old `.xls`, or one with a password: both begin alike.
    #[error("旧版 .xls 或加了密码的表格不能读取，请去掉密码并另存为 .xlsx")]
    OldOrEncrypted,
    /// Something that is neither a spreadsheet nor a text.
    #[error("这不是 .xlsx 或 .csv 表格，请用表格软件另存为 .xlsx")]
    Unsupported,
    /// A text in neither UTF-8 nor GB18030.
    #[error("文字编码不是 UTF-8 或 GB18030，请另存为 .xlsx")]
    Encoding,
    /// A text file with a quotation mark that is never closed.
    #[error("第 {0} 行附近有引号没有成对，请检查或另存为 .xlsx")]
    Quotes(u32),
    /// Damaged; the detail is for the log.
    #[error("文件已损坏，请用表格软件打开并另存为 .xlsx")]
    Broken(String),
}

impl FileError {
    /// The error as scripts see it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "FILE_EMPTY",
            Self::TooLarge
            | Self::UnpacksTooLarge
            | Self::TooManyRows(_)
            | Self::TooManyColumns(_) => "FILE_TOO_LARGE",
            Self::OldOrEncrypted | Self::Unsupported => "FILE_UNSUPPORTED",
            Self::Encoding => "FILE_ENCODING",
            Self::Quotes(_) | Self::Broken(_) => "FILE_BROKEN",
        }
    }
}

/// What stands in a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing, or white space only.
    #[default]
    Empty,
    /// A text without white space at its ends; never empty.
    Text(String),
    /// A number; Excel keeps 15 digits.
    Number(f64),
    /// TRUE or FALSE.
    Bool(bool),
    /// A number that is formatted as a date.
    Date(NaiveDateTime),
    /// A formula's error, such as `#N/A`.
    Error(String),
}

impl Cell {
    /// A cell with this text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        match crate::text::trim(text) {
            "" => Self::Empty,
            text => Self::Text(text.to_owned()),
        }
    }
}

/// A row that holds anything.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// As Excel numbers it, from 1.
    pub number: u32,
    /// Cells from column A on; the empty ones at the end may be missing.
    pub cells: Vec<Cell>,
}

impl Row {
    /// The cell in a column, counted from 0.
    #[must_use]
    pub fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&Cell::Empty)
    }
}

/// A sheet of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Its name; `CSV` for a text file.
    pub name: String,
    /// Its rows, ascending; blank ones are missing.
    pub rows: Vec<Row>,
}

/// Reads a spreadsheet; the format is told by the content, not by the file's name.
pub fn read(bytes: &[u8]) -> Result<Vec<Sheet>, FileError> {
    if bytes.is_empty() {
        return Err(FileError::Empty);
    }
    if bytes.len() > MAX_FILE_BYTES {
        return Err(FileError::TooLarge);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return xlsx::read(bytes);
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(FileError::OldOrEncrypted);
    }
    Ok(vec![csv::read(bytes)?])
}

/// The letter of a column counted from 0, as Excel shows it.
#[must_use]
pub fn column_letter(mut column: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[column % 26]));
        if column < 26 {
            break;
        }
        column = column / 26 - 1;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn column_letters() {
        for (column, letter) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA")] {
            assert_eq!(column_letter(column), letter);
        }
        assert_eq!(column_letter(701), "ZZ");
        assert_eq!(column_letter(702), "AAA");
    }

    #[test]
    fn what_is_no_spreadsheet_is_a_clear_error() {
        let code = |bytes: &[u8]| read(bytes).map_err(|error| error.code());
        assert_eq!(code(b""), Err("FILE_EMPTY"));
        assert_eq!(
            code(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"),
            Err("FILE_UNSUPPORTED")
        );
        assert_eq!(code(b"PK\x03\x04rest"), Err("FILE_BROKEN"));
        assert_eq!(code(b"\x89PNG\r\n\x1a\n\0\0\0"), Err("FILE_UNSUPPORTED"));
        assert_eq!(
            code(b"<html><table><tr><td>1</td></tr></table></html>"),
            Err("FILE_UNSUPPORTED")
        );
        assert_eq!(code(&vec![b'a'; MAX_FILE_BYTES + 1]), Err("FILE_TOO_LARGE"));
    }
}
