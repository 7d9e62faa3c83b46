//! The database half of an import: checked rows are compared with what is on record, and merged.
//!
//! 1. *Match*, outside any transaction and in batches: rows find their records by stable keys (area:
//!    code; household: building, unit, room; person: ID number, else name, birth date and household;
//!    account: phone; grant: phone, role, area; beneficiary: ID number), and what differs is decided and sealed.
//! 2. *Stage*: fully decided rows go into `import_*` tables, in short transactions of their own.
//! 3. *Merge*: one transaction, or for a long roster one for each part of it, so that nobody waits
//!    long. It holds the tables it writes ([`crate::db::Tx::hold`]), looks whether a staged row's
//!    records are still as they were matched, and runs a fixed list of set-wise statements, however
//!    many rows there are. Rows whose records somebody changed meanwhile are matched again, at last
//!    refused with `CHANGED_MEANWHILE`: an edit is never overwritten.
//!
//! An import that was cut short between two parts is completed by importing the file again; one that
//! must do all or nothing has a single part, and so one long transaction. An import leaves one audit
//! entry, and one change per touched object: the entry is written with the first part and says what was
//! planned and in how many parts, the changes what was done. An empty cell never erases what is on
//! record: rosters often leave things out. Nobody is un-enrolled or removed by being left out of a
//! file; they are listed (`ABSENT_FROM_FILE`). A file that says nothing new changes nothing.

mod accounts;
mod areas;
mod beneficiaries;
mod codes_sheet;
mod papers;
mod partners;
mod reach;
mod report;
mod residents;
mod stage;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::access::keys::Keys;
use crate::clock::{Clock, SHANGHAI};
use crate::db::Db;
use crate::error::Result;

use super::{Code, Finding, Severity};

pub use accounts::import_accounts;
pub use areas::import_areas;
pub use beneficiaries::import_beneficiaries;
pub use papers::import_papers;
pub use partners::import_partners;
pub use reach::Staff;
pub use report::{IssuedCode, Report};
pub use residents::import_residents;

use reach::Reach;

/// Why no scope applies: by command there is no actor, and for staff every row is judged by its place.
const REASON: &str = "an import compares with what is on record; its reach refuses rows elsewhere";

/// How an import is carried out.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only say what would be done.
    pub dry_run: bool,
    /// Import nothing if any row is refused.
    pub all_or_nothing: bool,
    /// The file's name, for the audit.
    pub source: String,
    /// Where the first-sign-in codes of new accounts are written, before they become valid.
    pub codes: Option<PathBuf>,
    /// Staff in whose name and areas it is carried out; absent for the operator's command.
    pub staff: Option<Staff>,
}

/// What every step of one import needs.
#[derive(Debug)]
struct Import<'a> {
    db: &'a Db,
    keys: &'a Keys,
    clock: &'a Clock,
    options: &'a Options,
    /// The subject of the audit entry; names the staged rows, where they are merged at once.
    id: Uuid,
    now: DateTime<Utc>,
    today: NaiveDate,
    reach: Reach,
}

impl<'a> Import<'a> {
    async fn begin(
        (db, keys, clock): (&'a Db, &'a Keys, &'a Clock),
        options: &'a Options,
    ) -> Result<Self> {
        Ok(Self {
            reach: Reach::read(db, options.staff.clone()).await?,
            db,
            keys,
            clock,
            options,
            id: clock.new_id(),
            now: clock.now(),
            today: clock.today(SHANGHAI),
        })
    }
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Created,
    Updated,
    Unchanged,
    Refused,
}

/// What became of each row of an import, by its ordinal, and what there is to say about it.
#[derive(Debug)]
struct Verdicts {
    /// Sheet and row of each, for findings.
    places: Vec<(String, u32)>,
    outcomes: Vec<Outcome>,
    /// What merging found; a row that is matched again starts anew.
    found: BTreeMap<usize, Vec<Finding>>,
    /// What reading the file found, and where in it something about a row is.
    read: Vec<Finding>,
    read_at: HashMap<(String, u32, Code), usize>,
    /// What concerns no row.
    listed: Vec<Finding>,
    /// Kind and id of those whose names on record the findings tell.
    opened: Vec<(&'static str, Uuid)>,
    /// How long the longest merging transaction took.
    merging: Duration,
    /// In how many transactions the rows are merged.
    parts: usize,
    /// Whether the audit entry is written.
    recorded: bool,
}

impl Verdicts {
    fn new(places: Vec<(String, u32)>, read: Vec<Finding>) -> Self {
        let key = |finding: &Finding| (finding.sheet.clone(), finding.row, finding.code);
        let read_at = read.iter().enumerate().map(|(at, f)| (key(f), at));
        Self {
            read_at: read_at.collect(),
            outcomes: vec![Outcome::Unchanged; places.len()],
            places,
            found: BTreeMap::new(),
            read,
            listed: Vec::new(),
            opened: Vec::new(),
            merging: Duration::ZERO,
            parts: 1,
            recorded: false,
        }
    }

    /// Forgets what was decided about these rows.
    fn reopen(&mut self, ordinals: &[usize]) {
        for ordinal in ordinals {
            self.outcomes[*ordinal] = Outcome::Unchanged;
            self.found.remove(ordinal);
        }
    }

    /// Notes something about a row, which may refuse it. The column is called by its usual name; the
    /// command looks up its letter.
    fn find(
        &mut self,
        ordinal: usize,
        (header, value): (&str, &str),
        code: Code,
        message: impl Into<String>,
    ) {
        if code.severity() == Severity::Refused {
            self.outcomes[ordinal] = Outcome::Refused;
        }
        let (sheet, row) = self.places[ordinal].clone();
        self.found.entry(ordinal).or_default().push(Finding {
            sheet,
            row,
            column: String::new(),
            header: header.to_owned(),
            value: value.to_owned(),
            code,
            severity: code.severity(),
            message: message.into(),
        });
    }

    /// Notes what concerns no row.
    fn list(&mut self, code: Code, message: String) {
        self.listed.push(Finding {
            sheet: String::new(),
            row: 0,
            column: String::new(),
            header: String::new(),
            value: String::new(),
            code,
            severity: code.severity(),
            message,
        });
    }

    /// What reading the file said about a row, to be put right by what is on record.
    fn said(&mut self, ordinal: usize, code: Code) -> Option<&mut Finding> {
        let (sheet, row) = self.places[ordinal].clone();
        let at = self.read_at.get(&(sheet, row, code))?;
        self.read.get_mut(*at)
    }

    fn is_refused(&self, ordinal: usize) -> bool {
        self.outcomes[ordinal] == Outcome::Refused
    }

    fn count(&self, outcome: Outcome) -> usize {
        self.outcomes.iter().filter(|o| **o == outcome).count()
    }

    /// Whether a row was refused, in reading or in matching.
    fn any_refused(&self) -> bool {
        self.outcomes.contains(&Outcome::Refused)
            || self.read.iter().any(|f| f.severity == Severity::Refused)
    }

    /// Whether the import ends before anything is written.
    fn ends_here(&self, options: &Options) -> bool {
        options.dry_run || (options.all_or_nothing && self.any_refused())
    }
}
