//! What an import did, for scripts and for people.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::super::{Finding, Severity};
use super::{Options, Outcome, Verdicts};

/// What an import did, or would do. Counts are of persons, areas or grants: of rows.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Rows whose object is new.
    pub created: usize,
    /// Rows that changed something on record.
    pub updated: usize,
    /// Rows that say what is on record already.
    pub unchanged: usize,
    /// Why rows were not imported.
    pub refused: Vec<Finding>,
    /// What someone should look at.
    pub warnings: Vec<Finding>,
    /// First-sign-in codes of new accounts; not for scripts' eyes.
    pub codes: Vec<IssuedCode>,
    /// Whether refused rows kept the others from being imported.
    pub held_back: bool,
    /// In how many transactions the rows were to be merged.
    pub parts: usize,
    /// How long the longest merging transaction took.
    pub merging: Duration,
    /// Kind and id of those whose names on record the findings tell: who reads them stands in the audit.
    pub opened: Vec<(&'static str, Uuid)>,
}

/// A one-time code for a new account, to hand out. It is stored as a hash only.
#[derive(Clone)]
pub struct IssuedCode {
    /// Whose it is.
    pub name: String,
    /// The number they sign in with.
    pub phone: String,
    /// Eight digits.
    pub code: String,
    /// Until when it may be used.
    pub expires_at: DateTime<Utc>,
}

/// Without phone and code, so that no log shows them.
impl std::fmt::Debug for IssuedCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedCode").finish_non_exhaustive()
    }
}

impl Report {
    pub(super) fn new(verdicts: Verdicts, options: &Options) -> Self {
        let held_back = options.all_or_nothing && verdicts.any_refused();
        let count = |outcome| verdicts.count(outcome);
        let (created, updated, unchanged) = (
            count(Outcome::Created),
            count(Outcome::Updated),
            count(Outcome::Unchanged),
        );
        let opened = verdicts.opened;
        let findings = verdicts
            .read
            .into_iter()
            .chain(verdicts.found.into_values().flatten())
            .chain(verdicts.listed);
        let (mut refused, mut warnings): (Vec<_>, Vec<_>) =
            findings.partition(|finding| finding.severity == Severity::Refused);
        for findings in [&mut refused, &mut warnings] {
            findings.sort_by(|a, b| {
                // What concerns no row comes last.
                let key = |f: &Finding| (f.row == 0, f.sheet.clone(), f.row);
                key(a).cmp(&key(b))
            });
        }
        Self {
            created: if held_back { 0 } else { created },
            updated: if held_back { 0 } else { updated },
            unchanged,
            refused,
            warnings,
            codes: Vec::new(),
            held_back,
            parts: verdicts.parts,
            merging: verdicts.merging,
            opened,
        }
    }
}

/// The form that scripts rely on: counts, and of findings the place, the code and the sentence.
impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lines = |findings: &[Finding]| findings.iter().map(Line::of).collect::<Vec<_>>();
        let mut report = serializer.serialize_struct("Report", 5)?;
        report.serialize_field("created", &self.created)?;
        report.serialize_field("updated", &self.updated)?;
        report.serialize_field("unchanged", &self.unchanged)?;
        report.serialize_field("refused", &lines(&self.refused))?;
        report.serialize_field("warnings", &lines(&self.warnings))?;
        report.end()
    }
}

#[derive(Serialize)]
struct Line {
    sheet: String,
    row: u32,
    column: String,
    code: &'static str,
    message: String,
}

impl Line {
    fn of(finding: &Finding) -> Self {
        Self {
            sheet: finding.sheet.clone(),
            row: finding.row,
            column: finding.column.clone(),
            code: finding.code.as_str(),
            message: finding.message.clone(),
        }
    }
}
