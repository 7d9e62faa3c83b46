//! Reading comma-separated text as Excel and WPS write it.

use encoding_rs::{Encoding, GB18030, UTF_8};

use super::sheet::{Cell, FileError, MAX_COLUMNS, MAX_ROWS, Row, Sheet};

/// Name given to the only sheet of a text file.
pub const SHEET_NAME: &str = "CSV";
/// Most line breaks within a cell: more means that a quotation mark was never closed.
const MAX_LINES_IN_CELL: usize = 50;
/// How many characters decide which separator the file uses.
const PEEK: usize = 4000;

/// Reads a text: UTF-8 or UTF-16 with its mark, else UTF-8, else GB18030.
pub fn read(bytes: &[u8]) -> Result<Sheet, FileError> {
    let text = decode(bytes)?;
    if text.trim_start().starts_with('<') {
        // Web systems export HTML tables and call them .xls.
        return Err(FileError::Unsupported);
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(&text))
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    let mut lines = Lines::new(&text);
    while reader
        .read_record(&mut record)
        .map_err(|error| FileError::Broken(error.to_string()))?
    {
        let number = lines.next_row(&record)?;
        if record.len() > MAX_COLUMNS && record.iter().skip(MAX_COLUMNS).any(|f| !f.is_empty()) {
            return Err(FileError::TooManyColumns(SHEET_NAME.to_owned()));
        }
        let mut cells: Vec<Cell> = record.iter().take(MAX_COLUMNS).map(Cell::text).collect();
        while cells.last() == Some(&Cell::Empty) {
            cells.pop();
        }
        if cells.is_empty() {
            continue;
        }
        if rows.len() == MAX_ROWS {
            return Err(FileError::TooManyRows(SHEET_NAME.to_owned()));
        }
        rows.push(Row { number, cells });
    }
    Ok(Sheet {
        name: SHEET_NAME.to_owned(),
        rows,
    })
}

fn decode(bytes: &[u8]) -> Result<String, FileError> {
    let (encoding, skip) = match Encoding::for_bom(bytes) {
        Some(found) => found,
        None if std::str::from_utf8(bytes).is_ok() => (UTF_8, 0),
        None => (GB18030, 0),
    };
    let bytes = bytes.get(skip..).unwrap_or_default();
    // Pictures and the like hold zero bytes, texts don't.
    if skip == 0 && bytes.contains(&0) {
        return Err(FileError::Unsupported);
    }
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(std::borrow::Cow::into_owned)
        .ok_or(FileError::Encoding)
}

/// The separator that occurs most at the beginning; a comma if none does.
fn separator(text: &str) -> u8 {
    let count = |separator: char| text.chars().take(PEEK).filter(|c| *c == separator).count();
    let (comma, tab, semicolon) = (count(','), count('\t'), count(';'));
    if tab > comma && tab >= semicolon {
        b'\t'
    } else if semicolon > comma {
        b';'
    } else {
        b','
    }
}

/// Counts rows as Excel does: a blank line is one, a line break within quotes is none.
///
/// The csv crate skips blank lines without a word.
struct Lines<'a> {
    rest: &'a str,
    row: u32,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text, row: 0 }
    }

    /// The row of the next record.
    fn next_row(&mut self, record: &csv::StringRecord) -> Result<u32, FileError> {
        while let Some(rest) = self.rest.strip_prefix('\n') {
            self.rest = rest;
            self.row += 1;
        }
        self.row += 1;
        let breaks: usize = record.iter().map(|f| f.matches('\n').count()).sum();
        if breaks > MAX_LINES_IN_CELL {
            return Err(FileError::Quotes(self.row));
        }
        for _ in 0..=breaks {
            self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        }
        Ok(self.row)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(bytes: &[u8]) -> Vec<(u32, Vec<String>)> {
        read(bytes)
            .unwrap()
            .rows
            .into_iter()
            .map(|row| {
                let cells = row.cells.iter().map(|cell| match cell {
                    Cell::Text(text) => text.clone(),
                    _ => String::new(),
                });
                (row.number, cells.collect())
            })
            .collect()
    }

    fn row(number: u32, cells: &[&str]) -> (u32, Vec<String>) {
        (number, cells.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn encodings_are_told_apart() {
        let text = "姓名,手机号\n王桂兰,１３８\n";
        let expected = [row(1, &["姓名", "手机号"]), row(2, &["王桂兰", "１３８"])];
        assert_eq!(texts(text.as_bytes()), expected);
        assert_eq!(texts(format!("\u{feff}{text}").as_bytes()), expected);
        assert_eq!(texts(&GB18030.encode(text).0), expected);
        let tabs = text.replace(',', "\t");
        let mut utf_16 = vec![0xff, 0xfe];
        utf_16.extend(tabs.encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(texts(&utf_16), expected);
        assert!(matches!(read(b"\xff\xff\xff"), Err(FileError::Encoding)));
    }

    #[test]
    fn rows_are_numbered_as_excel_does() {
        let text = "\r\n姓名,备注\r\n\r\n\r\n王,\"一\r\n\r\n二\"\r\n,,\r\n李,三\r\n赵,\"a\n\"\"b\"\"\"\n钱,x";
        let numbers: Vec<u32> = texts(text.as_bytes()).iter().map(|row| row.0).collect();
        assert_eq!(numbers, [2, 5, 7, 8, 9]);
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_is_an_error() {
        let mut text = "姓名,备注\n\"王,好\n".to_owned();
        text.push_str(&"李,好\n".repeat(100));
        assert!(matches!(read(text.as_bytes()), Err(FileError::Quotes(2))));
    }

    #[test]
    fn separators_are_told_apart() {
        assert_eq!(texts("a;b\n1;2".as_bytes())[1], row(2, &["1", "2"]));
        assert_eq!(texts("a\tb\n1\t2,3".as_bytes())[1], row(2, &["1", "2,3"]));
        assert_eq!(texts("a\n1".as_bytes())[1], row(2, &["1"]));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }

        #[test]
        fn row_numbers_ascend(text in "[a\",\n\r]{0,60}") {
            if let Ok(sheet) = read(text.as_bytes()) {
                prop_assert!(sheet.rows.is_sorted_by(|a, b| a.number < b.number));
            }
        }
    }
}
