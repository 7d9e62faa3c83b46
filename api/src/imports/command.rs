//! The `import` command: a file's bytes become rows, are merged, and a report is told.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::access::keys::Keys;
use crate::clock::{Clock, SHANGHAI};
use crate::db::Db;
use crate::error::Error;

use super::header::{self, Wanted};
use super::merge::{self, Options, Report};
use super::sheet::{self, FileError};
use super::{Finding, accounts, areas, beneficiaries, residents};

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The area tree.
    Areas,
    /// A roster of residents.
    Residents,
    /// Accounts and their grants.
    Accounts,
    /// A roster of beneficiaries.
    Beneficiaries,
}

/// Why an import ended without a report.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The file can't be read; nothing was imported.
    #[error(transparent)]
    File(#[from] FileError),
    /// The database or the disk failed; nothing was imported.
    #[error(transparent)]
    Server(#[from] Error),
}

/// Reads a file, merges its rows and says what became of them.
pub async fn run(
    (db, keys, clock): (&Db, &Keys, &Clock),
    kind: Kind,
    bytes: &[u8],
    options: Options,
) -> Result<Report, Failure> {
    let bytes: Arc<[u8]> = bytes.into();
    let today = clock.today(SHANGHAI);
    let (report, wanted) = match kind {
        Kind::Areas => {
            let checked = apart(&bytes, areas::read).await?;
            let report = merge::import_areas(db, keys, clock, checked, options).await?;
            (report, areas::WANTED)
        }
        Kind::Residents => {
            let checked = apart(&bytes, move |bytes| residents::read(bytes, today)).await?;
            let report = merge::import_residents(db, keys, clock, checked, options).await?;
            (report, residents::columns::WANTED)
        }
        Kind::Accounts => {
            let checked = apart(&bytes, accounts::read).await?;
            let report = merge::import_accounts(db, keys, clock, checked, options).await?;
            (report, accounts::WANTED)
        }
        Kind::Beneficiaries => {
            let checked = apart(&bytes, move |bytes| beneficiaries::read(bytes, today)).await?;
            let report = merge::import_beneficiaries(db, keys, clock, checked, options).await?;
            (report, beneficiaries::WANTED)
        }
    };
    named(&bytes, wanted, report).await
}

/// The report with the file's letters and names of columns.
pub(super) async fn named(
    bytes: &Arc<[u8]>,
    wanted: &'static [Wanted],
    mut report: Report,
) -> Result<Report, Failure> {
    apart(bytes, move |bytes| {
        name_columns(bytes, wanted, &mut report)?;
        Ok(report)
    })
    .await
}

/// Reads the file beside other work: a large one keeps a core busy for seconds.
pub(super) async fn apart<T: Send + 'static>(
    bytes: &Arc<[u8]>,
    read: impl FnOnce(&[u8]) -> Result<T, FileError> + Send + 'static,
) -> Result<T, Failure> {
    let bytes = Arc::clone(bytes);
    let reading = tokio::task::spawn_blocking(move || read(&bytes));
    let read = reading
        .await
        .map_err(|error| Error::Internal(error.into()))?;
    Ok(read?)
}

/// Gives findings of the merge, which knows columns by their usual names, the file's letters and names.
fn name_columns(
    bytes: &[u8],
    wanted: &'static [Wanted],
    report: &mut Report,
) -> Result<(), FileError> {
    let nameless = |finding: &&mut Finding| finding.column.is_empty() && !finding.header.is_empty();
    let findings = report.refused.iter_mut().chain(&mut report.warnings);
    let mut findings = findings.filter(nameless).peekable();
    if findings.peek().is_none() {
        return Ok(());
    }
    let sheets = sheet::read(bytes)?;
    let columns: HashMap<(&str, &str), _> = sheets
        .iter()
        .filter_map(|sheet| Some((sheet, header::find(sheet, wanted)?)))
        .flat_map(|(sheet, header)| {
            let name = |column: header::Column| ((sheet.name.as_str(), column.name), column);
            header.columns.into_iter().map(name)
        })
        .collect();
    for finding in findings {
        let key = (finding.sheet.as_str(), finding.header.as_str());
        if let Some(column) = columns.get(&key).cloned() {
            finding.column = sheet::column_letter(column.index);
            finding.header = column.header;
        }
    }
    Ok(())
}

/// The command's exit code: 3 if refused rows held the others back, else 0: rows refused while the
/// others were imported are in the report.
///
/// What else can go wrong is a [`Failure`].
#[must_use]
pub fn exit_code(report: &Report) -> u8 {
    if report.held_back { 3 } else { 0 }
}

/// The report in Chinese: a line per finding, then the counts.
#[must_use]
pub fn summary(report: &Report, kind: Kind, dry_run: bool) -> String {
    told(report, kind.unit(), dry_run)
}

impl Kind {
    /// What is counted, in Chinese.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Areas => "个区域",
            Self::Residents | Self::Beneficiaries => "人",
            Self::Accounts => "项授权",
        }
    }
}

/// As [`summary`], of so many `unit`.
#[must_use]
pub fn told(report: &Report, unit: &str, dry_run: bool) -> String {
    let mut text = String::new();
    for (title, findings) in [("未导入", &report.refused), ("请留意", &report.warnings)] {
        if findings.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{title}（{} 条）：", findings.len());
        for finding in findings {
            let _ = match finding.row {
                0 => writeln!(text, "  {}（{}）", finding.message, finding.code),
                _ => writeln!(text, "  {finding}"),
            };
        }
    }
    let Report {
        created,
        updated,
        unchanged,
        ..
    } = report;
    let refused = refused_rows(report);
    let _ = writeln!(
        text,
        "新增 {created} {unit}，更新 {updated} {unit}，不变 {unchanged} {unit}，拒绝 {refused} 行。"
    );
    if report.held_back {
        text.push_str("有被拒绝的行，按要求全部未导入。\n");
    } else if dry_run {
        text.push_str("这是试运行，没有写入任何数据。\n");
    } else if *created == 0 && *updated == 0 {
        text.push_str("与系统中的数据一致，没有任何变更。\n");
    }
    if !report.codes.is_empty() {
        let _ = writeln!(
            text,
            "新建 {} 个账号，首次登录需一次性验证码（--codes 文件，或 account code 命令）。",
            report.codes.len()
        );
    }
    text
}

/// How many rows were refused; one row may have several findings.
fn refused_rows(report: &Report) -> usize {
    let rows = report.refused.iter().map(|f| (f.sheet.as_str(), f.row));
    rows.collect::<std::collections::HashSet<_>>().len()
}
