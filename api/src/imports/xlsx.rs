//! Reading `.xlsx`, with bounds on what a hostile or damaged file can cost.

use std::io::{self, Cursor, Read};
use std::panic::{self, AssertUnwindSafe};

use calamine::{DataRef, Dimensions, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx};
use zip::ZipArchive;

use super::sheet::{Cell, FileError, MAX_COLUMNS, MAX_ROWS, MAX_UNPACKED_BYTES, Row, Sheet};

/// Longest text kept of a cell, in characters: more than any column takes, so that it is refused.
const MAX_TEXT: usize = 4000;
/// Most rows that all merged regions of a sheet may span together.
const MAX_MERGED_ROWS: usize = 1_000_000;
/// Days after 1899-12-30 of the last date Excel knows, 9999-12-31.
const LAST_SERIAL: f64 = 2_958_465.0;

/// Reads the visible worksheets; hidden ones hold what nobody has looked at.
pub fn read(bytes: &[u8]) -> Result<Vec<Sheet>, FileError> {
    check_unpacked_size(bytes, MAX_UNPACKED_BYTES)?;
    // Calamine has arithmetic that overflows on absurd cell references: in a debug build it panics.
    panic::catch_unwind(AssertUnwindSafe(|| read_sheets(bytes)))
        .unwrap_or_else(|_| Err(FileError::Broken("the reader panicked".to_owned())))
}

/// Unpacks everything into nothing: the sizes a zip declares may be lies.
fn check_unpacked_size(bytes: &[u8], max: u64) -> Result<(), FileError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let mut left = max;
    for index in 0..archive.len() {
        let file = archive.by_index(index).map_err(broken)?;
        let size = io::copy(&mut file.take(left + 1), &mut io::sink()).map_err(broken)?;
        left = left.checked_sub(size).ok_or(FileError::UnpacksTooLarge)?;
    }
    Ok(())
}

fn read_sheets(bytes: &[u8]) -> Result<Vec<Sheet>, FileError> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let names: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    let mut text_left = MAX_UNPACKED_BYTES;
    let mut sheets = Vec::new();
    for name in names {
        let mut rows = read_rows(&mut book, &name, &mut text_left)?;
        let merged = book.merge_cells_by_sheet_name(&name).map_err(broken)?;
        carry_down_merged(&mut rows, &merged)?;
        sheets.push(Sheet { name, rows });
    }
    Ok(sheets)
}

fn read_rows(
    book: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    text_left: &mut u64,
) -> Result<Vec<Row>, FileError> {
    let mut reader = book.worksheet_cells_reader(name).map_err(broken)?;
    let mut rows: Vec<Row> = Vec::new();
    while let Some(cell) = reader.next_cell().map_err(broken)? {
        let (row, column) = cell.get_position();
        let value = to_cell(cell.get_value());
        match &value {
            Cell::Empty => continue,
            // One shared text can stand in a million cells.
            Cell::Text(text) | Cell::Error(text) => {
                *text_left = text_left
                    .checked_sub(text.len() as u64)
                    .ok_or(FileError::UnpacksTooLarge)?;
            }
            Cell::Number(_) | Cell::Bool(_) | Cell::Date(_) => (),
        }
        let column = column as usize;
        if column >= MAX_COLUMNS {
            return Err(FileError::TooManyColumns(name.to_owned()));
        }
        let number = row.saturating_add(1);
        match rows.last() {
            Some(last) if last.number == number => (),
            Some(last) if last.number > number => {
                return Err(broken("rows out of order"));
            }
            _ if rows.len() == MAX_ROWS => {
                return Err(FileError::TooManyRows(name.to_owned()));
            }
            _ => rows.push(Row {
                number,
                cells: Vec::new(),
            }),
        }
        if let Some(row) = rows.last_mut() {
            if row.cells.len() <= column {
                row.cells.resize(column + 1, Cell::Empty);
            }
            row.cells[column] = value;
        }
    }
    Ok(rows)
}

fn to_cell(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        #[expect(
            clippy::cast_precision_loss,
            reason = "Excel itself keeps numbers as f64"
        )]
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            to_text(text)
        }
        DataRef::SharedString(text) => to_text(text),
        DataRef::Bool(value) => Cell::Bool(*value),
        DataRef::DateTime(date) => to_date(*date),
        DataRef::Error(error) => Cell::Error(error.to_string()),
    }
}

fn to_text(text: &str) -> Cell {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => Cell::text(&text[..end]),
        None => Cell::text(text),
    }
}

fn to_date(date: ExcelDateTime) -> Cell {
    let serial = date.as_f64();
    // Outside the days Excel knows the conversion can overflow.
    let known = date.is_datetime() && (0.0..=LAST_SERIAL).contains(&serial);
    match date.as_datetime().filter(|_| known) {
        Some(date) => Cell::Date(date),
        None => Cell::Number(serial),
    }
}

/// Writes the value of a merged region into the rows below its first, in its first column.
///
/// Not into the columns beside it: a title over the whole width is no value of each column. Rows
/// that hold nothing of their own stay blank.
fn carry_down_merged(rows: &mut [Row], merged: &[Dimensions]) -> Result<(), FileError> {
    let mut left = MAX_MERGED_ROWS;
    for region in merged {
        let column = region.start.1 as usize;
        if region.end.0 <= region.start.0 || column >= MAX_COLUMNS {
            continue;
        }
        let first = rows.partition_point(|row| row.number <= region.start.0);
        let end = rows.partition_point(|row| row.number <= region.end.0.saturating_add(1));
        let Some((top, below)) = rows
            .get_mut(first..end)
            .and_then(<[Row]>::split_first_mut)
            .filter(|(top, _)| top.number == region.start.0.saturating_add(1))
        else {
            continue;
        };
        left = left
            .checked_sub(below.len())
            .ok_or(FileError::UnpacksTooLarge)?;
        let value = top.cell(column);
        if *value == Cell::Empty {
            continue;
        }
        for row in below {
            if row.cells.len() <= column {
                row.cells.resize(column + 1, Cell::Empty);
            }
            if row.cells[column] == Cell::Empty {
                row.cells[column] = value.clone();
            }
        }
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "stands in map_err")]
fn broken(error: impl ToString) -> FileError {
    FileError::Broken(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use chrono::NaiveDate;
    use proptest::prelude::*;
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    fn sample() -> Vec<u8> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet().set_name("台账").unwrap();
        let date = Format::new().set_num_format("yyyy/m/d");
        sheet.write(0, 0, "１０１　").unwrap();
        sheet.write(0, 1, 13_883_873_716_u64).unwrap();
        sheet.write(2, 2, true).unwrap();
        sheet
            .write_with_format(2, 3, ExcelDateTime::from_ymd(1946, 3, 5).unwrap(), &date)
            .unwrap();
        let merged = Format::new();
        sheet.merge_range(3, 0, 6, 0, "1栋", &merged).unwrap();
        sheet.merge_range(3, 1, 4, 2, "宽", &merged).unwrap();
        sheet.write(4, 4, "x").unwrap();
        sheet.write(6, 4, "y").unwrap();
        let hidden = book.add_worksheet();
        hidden.write(0, 0, "旧名单").unwrap();
        hidden.set_hidden(true);
        book.save_to_buffer().unwrap()
    }

    #[test]
    fn cells_keep_their_kind_and_rows_their_number() {
        let sheets = read(&sample()).unwrap();
        assert_eq!(sheets.len(), 1, "the hidden one is not read");
        assert_eq!(sheets[0].name, "台账");
        let rows = &sheets[0].rows;
        let numbers: Vec<u32> = rows.iter().map(|row| row.number).collect();
        assert_eq!(numbers, [1, 3, 4, 5, 7], "blank rows 2 and 6 are missing");
        assert_eq!(*rows[0].cell(0), Cell::Text("１０１".to_owned()));
        assert_eq!(*rows[0].cell(1), Cell::Number(13_883_873_716.0));
        assert_eq!(*rows[1].cell(2), Cell::Bool(true));
        let date = NaiveDate::from_ymd_opt(1946, 3, 5).unwrap();
        assert_eq!(*rows[1].cell(3), Cell::Date(date.into()));
    }

    #[test]
    fn merged_cells_carry_down_and_not_across() {
        let sheets = read(&sample()).unwrap();
        let rows = &sheets[0].rows;
        assert_eq!(*rows[3].cell(0), Cell::Text("1栋".to_owned()));
        assert_eq!(*rows[4].cell(0), Cell::Text("1栋".to_owned()));
        assert_eq!(*rows[3].cell(1), Cell::Text("宽".to_owned()));
        assert_eq!(*rows[3].cell(2), Cell::Empty);
    }

    #[test]
    fn a_far_away_cell_costs_nothing_and_is_refused() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "编码").unwrap();
        sheet.write(1_048_575, 99, "x").unwrap();
        let bytes = book.save_to_buffer().unwrap();
        assert_eq!(read(&bytes).unwrap()[0].rows[1].number, 1_048_576);

        let mut book = Workbook::new();
        book.add_worksheet().write(1, 16_383, "x").unwrap();
        let bytes = book.save_to_buffer().unwrap();
        assert!(matches!(read(&bytes), Err(FileError::TooManyColumns(_))));
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused() {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for name in ["xl/sharedStrings.xml", "xl/workbook.xml"] {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(&vec![0; 1 << 19]).unwrap();
        }
        let bytes = zip.finish().unwrap().into_inner();
        assert!(bytes.len() < 1 << 12);
        assert!(check_unpacked_size(&bytes, 1 << 20).is_ok());
        assert!(matches!(
            check_unpacked_size(&bytes, (1 << 20) - 1),
            Err(FileError::UnpacksTooLarge)
        ));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_damaged_file_never_panics(at in 0.0..1.0, by in 1_u8.., cut in 0.0..2.0) {
            let mut bytes = sample();
            let length = bytes.len();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a position in a small file")]
            let position = |share: f64| (length as f64 * share) as usize;
            bytes[position(at)] ^= by;
            bytes.truncate(position(cut));
            let _ = read(&bytes);
        }
    }
}
