//! Finding the header row and what stands in which column.

use std::cmp::Reverse;

use crate::text;

use super::cells;
use super::sheet::{Row, Sheet};

/// How many of the first rows may be titles above the header.
const MAX_TITLE_ROWS: usize = 30;
/// A row with fewer known names than this is no header.
const MIN_KNOWN: usize = 2;
/// Names of columns that everybody has and nobody needs.
const IGNORED: [&str; 3] = ["序号", "行号", "年龄"];

/// A column that an import reads.
#[derive(Debug)]
pub struct Wanted {
    /// Its usual name, which stands for the column in code.
    pub name: &'static str,
    /// Other names for it, without spaces and brackets.
    pub variants: &'static [&'static str],
    /// Whether a sheet without it can't be read.
    pub required: bool,
}

/// A column of a sheet that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its usual name.
    pub name: &'static str,
    /// Its header as the file writes it.
    pub header: String,
    /// Counted from 0.
    pub index: usize,
}

/// The header of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its row, as Excel numbers it.
    pub row: u32,
    /// The columns that are read.
    pub columns: Vec<Column>,
    /// Names of required columns that are missing.
    pub missing: Vec<&'static str>,
    /// Header and index of columns that nothing is known about.
    pub unknown: Vec<(String, usize)>,
    /// Header and index of columns with the meaning of one that is read.
    pub duplicate: Vec<(String, usize)>,
}

/// Finds the header: of the first rows the one with the most known names, if it has at least two.
#[must_use]
pub fn find(sheet: &Sheet, wanted: &'static [Wanted]) -> Option<Header> {
    sheet
        .rows
        .iter()
        .take(MAX_TITLE_ROWS)
        .map(|row| read_row(row, wanted))
        // With a heading of two rows the lower one is complete: merged cells are carried down.
        // Of equals the first is it: a long list may repeat its header.
        .max_by_key(|header| (header.columns.len(), Reverse(header.row)))
        .filter(|header| header.columns.len() >= MIN_KNOWN)
}

fn read_row(row: &Row, wanted: &'static [Wanted]) -> Header {
    let mut names: Vec<(usize, String, String)> = row
        .cells
        .iter()
        .enumerate()
        .filter_map(|(index, cell)| {
            let header = cells::plain(cell).filter(|text| !text.is_empty())?;
            Some((index, tidy(&header), header))
        })
        .collect();
    let mut header = Header {
        row: row.number,
        columns: Vec::new(),
        missing: Vec::new(),
        unknown: Vec::new(),
        duplicate: Vec::new(),
    };
    for column in wanted {
        // The usual name before its variants: 姓名 beside 户主姓名 is the person's.
        let rank = |tidied: &str| {
            std::iter::once(&column.name)
                .chain(column.variants)
                .position(|name| *name == tidied)
        };
        let best = names
            .iter()
            .enumerate()
            .filter_map(|(at, (_, tidied, _))| Some((rank(tidied)?, at)))
            .min();
        let Some((_, at)) = best else {
            if column.required {
                header.missing.push(column.name);
            }
            continue;
        };
        let (index, _, text) = names.remove(at);
        header.columns.push(Column {
            name: column.name,
            header: text,
            index,
        });
        names.retain(|(index, tidied, text)| {
            let same = rank(tidied).is_some();
            if same {
                header.duplicate.push((text.clone(), *index));
            }
            !same
        });
    }
    header.unknown = names
        .into_iter()
        .filter(|(_, tidied, _)| !IGNORED.contains(&tidied.as_str()))
        .map(|(index, _, text)| (text, index))
        .collect();
    header
}

/// A header without what people add to it: spaces, stars, hints in brackets, 是否.
fn tidy(header: &str) -> String {
    let header = text::compact(header);
    let name = header.split(['(', '[', '【']).next().unwrap_or_default();
    let name = name.trim_matches(['*', '＊', ':', '：', '、', '.']);
    name.strip_prefix("是否").unwrap_or(name).to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::super::csv;
    use super::*;

    const WANTED: &[Wanted] = &[
        Wanted {
            name: "姓名",
            variants: &["户主姓名"],
            required: true,
        },
        Wanted {
            name: "联系电话",
            variants: &["手机号", "电话"],
            required: true,
        },
        Wanted {
            name: "独居",
            variants: &[],
            required: false,
        },
    ];

    fn header(text: &str) -> Option<Header> {
        find(&csv::read(text.as_bytes()).unwrap(), WANTED)
    }

    fn columns(header: &Header) -> Vec<(&str, usize)> {
        let columns = header.columns.iter();
        columns.map(|column| (column.name, column.index)).collect()
    }

    #[test]
    fn it_stands_below_titles_with_its_columns_in_any_order() {
        let found =
            header("居民台账\n填表人：王,,电话\n电 话,序号, *姓　名（必填） ,是否独居\n1,2,3")
                .unwrap();
        assert_eq!(found.row, 3);
        assert_eq!(columns(&found), [("姓名", 2), ("联系电话", 0), ("独居", 3)]);
        assert_eq!(found.columns[0].header, "*姓 名(必填)");
        assert!(found.unknown.is_empty() && found.missing.is_empty());
    }

    #[test]
    fn unknown_duplicate_and_missing_columns_are_told() {
        let found = header("户主姓名,民族,姓名,独居").unwrap();
        assert_eq!(columns(&found), [("姓名", 2), ("独居", 3)]);
        assert_eq!(found.duplicate, [("户主姓名".to_owned(), 0)]);
        assert_eq!(found.unknown, [("民族".to_owned(), 1)]);
        assert_eq!(found.missing, ["联系电话"]);
    }

    #[test]
    fn a_sheet_of_instructions_has_none() {
        assert_eq!(header("请逐户填写，楼栋编码合并单元格时只填首行"), None);
        assert_eq!(header("姓名\n必填"), None);
        assert_eq!(header(""), None);
    }
}
