//! Recording results that were taken down on paper, each as whoever sends the file would record it.
//!
//! What a row says is compared with what stands at the person's check: the same is nothing new, whatever
//! became of it, so that an old file does not undo what was sent back. Anything else is recorded as a check,
//! and refused as one: a row that is refused leaves the others as they are.

use std::collections::HashMap;

use entity::enums::CheckStatus;
use uuid::Uuid;

use crate::access::keys::Keys;
use crate::access::sealed::{self, Field};
use crate::certifications::checks::calls::{Call, What, record};
use crate::certifications::checks::found::Found;
use crate::certifications::checks::reads::{Seen, of_people};
use crate::certifications::checks::rules::MOST;
use crate::clock::{SHANGHAI, local_date};
use crate::context::Cx;
use crate::error::{self, Language, Result};
use crate::text;

use super::super::beneficiaries::{CERTIFICATE, ID_NUMBER, NAME};
use super::super::papers::{OUTCOME, PaperRow};
use super::super::{Cell, Checked, Code, cells};
use super::{Options, Outcome, Report, Verdicts};

/// The audit's word for it.
const ACTION: &str = "import:checks";

/// How many rows are matched at a time.
const BATCH: usize = 800;

/// Records the results of a round's checks that the actor may make.
pub async fn import_papers(
    cx: &Cx,
    round: Uuid,
    checked: Checked<PaperRow>,
    options: &Options,
) -> Result<Report> {
    let rows = checked.rows;
    let places = rows.iter().map(|row| (row.sheet.clone(), row.row));
    let mut verdicts = Verdicts::new(places.collect(), checked.findings);
    let mut taken: HashMap<Uuid, usize> = HashMap::new();
    let mut calls = Vec::new();
    let ordinals: Vec<usize> = (0..rows.len()).collect();
    for batch in ordinals.chunks(BATCH) {
        let people = People::read(cx, round, batch.iter().map(|at| &rows[*at])).await?;
        for &at in batch {
            let Some(seen) = people.check(&rows[at], at, &mut verdicts) else {
                continue;
            };
            if let Some(first) = taken.insert(seen.row.id, at) {
                taken.insert(seen.row.id, first);
                let (sheet, row) = &verdicts.places[first];
                let message = format!("与「{sheet}」第{row}行是同一个人，已采用那一行");
                let cell = (NAME, rows[at].name.as_str());
                verdicts.find(at, cell, Code::DuplicateInFile, message);
            } else if says(&cx.app.keys, seen, &rows[at].found) {
                told_if_returned(seen, at, &mut verdicts);
            } else {
                let what = What::Check(Box::new(rows[at].found.clone()));
                calls.push((at, seen.row.id, what));
            }
        }
    }
    carry_out(cx, calls, options, &mut verdicts).await?;
    Ok(Report::new(verdicts, options))
}

/// Records in parts that many may write between, or as one where all or nothing is recorded.
async fn carry_out(
    cx: &Cx,
    calls: Vec<(usize, Uuid, What)>,
    options: &Options,
    verdicts: &mut Verdicts,
) -> Result<()> {
    let whole = options.dry_run || options.all_or_nothing;
    let part = if whole { usize::MAX } else { MOST };
    for some in calls.chunks(part) {
        let call = |(_, check, what): &(usize, Uuid, What)| Call {
            check: *check,
            expected_version: None,
            what: what.clone(),
        };
        let refused = verdicts.any_refused();
        let outcome = record(cx, ACTION, some.iter().map(call).collect(), |outcome| {
            let is_clean = !refused && outcome.codes.iter().all(Option::is_none);
            !options.dry_run && (is_clean || !options.all_or_nothing)
        });
        for ((at, ..), code) in some.iter().zip(outcome.await?.codes) {
            match code {
                None => verdicts.outcomes[*at] = Outcome::Updated,
                Some(code) => {
                    let (code, message) = told(code);
                    verdicts.find(*at, (OUTCOME, ""), code, message);
                }
            }
        }
    }
    Ok(())
}

/// A refusal of a check as a report has it.
fn told(code: error::Code) -> (Code, String) {
    let known = match code {
        error::Code::AlreadyChecked => Code::AlreadyChecked,
        error::Code::AlreadySettled => Code::AlreadySettled,
        error::Code::RoundNotOpen => Code::RoundNotOpen,
        error::Code::NotPermitted => Code::NotPermitted,
        _ => Code::CheckRefused,
    };
    (known, code.message(Language::Chinese).to_owned())
}

/// The checks that a batch of rows may be about.
struct People {
    checks: Vec<Seen>,
    hashes: HashMap<String, String>,
}

impl People {
    async fn read<'a>(
        cx: &Cx,
        round: Uuid,
        rows: impl Iterator<Item = &'a PaperRow>,
    ) -> Result<Self> {
        let (mut hashes, mut certificates) = (HashMap::new(), Vec::new());
        for row in rows {
            match (&row.id_number, &row.certificate_number) {
                (Some(number), _) => {
                    let hash = sealed::hash(&cx.app.keys, Field::IdNumber, number.as_str());
                    hashes.insert(number.as_str().to_owned(), hash);
                }
                (None, Some(certificate)) => certificates.push(certificate.clone()),
                (None, None) => {}
            }
        }
        let wanted = (hashes.values().cloned().collect(), certificates);
        let checks = of_people(cx, round, wanted).await?;
        Ok(Self { checks, hashes })
    }

    /// The check that a row is about; none if that refuses the row.
    fn check(&self, row: &PaperRow, at: usize, verdicts: &mut Verdicts) -> Option<&Seen> {
        let number = row.id_number.as_ref();
        let hash = number.and_then(|number| self.hashes.get(number.as_str()));
        let is_theirs = |seen: &&Seen| match (hash, &row.certificate_number) {
            (Some(hash), _) => seen.person.id_number_hash.as_ref() == Some(hash),
            (None, Some(certificate)) => {
                let stored = seen.person.certificate_number.as_deref();
                stored.is_some_and(|stored| stored.eq_ignore_ascii_case(certificate))
            }
            (None, None) => false,
        };
        let mut found = self.checks.iter().filter(is_theirs);
        let column = if hash.is_some() {
            ID_NUMBER
        } else {
            CERTIFICATE
        };
        let (column, code, message) = match (found.next(), found.next()) {
            (None, _) => (
                column,
                Code::NotOnRoster,
                "不在本批次名册中，或不在您的管辖范围内",
            ),
            (Some(_), Some(_)) => (
                column,
                Code::PersonAmbiguous,
                "名册中有多人的优待证号与此相同，请填身份证号",
            ),
            (Some(seen), None) if !is_name(&row.name, &seen.person.name) => (
                NAME,
                Code::NameMismatch,
                "与名册中该号码的姓名不同，没有导入，请核对是否填错行",
            ),
            (Some(seen), None) => return Some(seen),
        };
        verdicts.find(at, (column, ""), code, message);
        None
    }
}

/// Whether a name on record is written so in a sheet.
fn is_name(written: &str, stored: &str) -> bool {
    let stored = cells::person_name(&Cell::Text(stored.to_owned()));
    stored.is_ok_and(|stored| stored == written)
}

/// Whether a check says what a row says.
fn says(keys: &Keys, seen: &Seen, found: &Found) -> bool {
    let check = &seen.row;
    let day = |at| local_date(at, SHANGHAI);
    let is_nothing = |text: &String| cells::is_nothing(&text::fold(text));
    let same = |stored: &Option<String>, new: &Option<String>| {
        stored.as_ref().filter(|text| !is_nothing(text)) == new.as_ref()
    };
    let sealed = |field, stored: &Option<String>, new: &Option<String>| match (stored, new) {
        (Some(stored), Some(new)) => sealed::is(keys, field, stored, new),
        (Some(stored), None) => sealed::is(keys, field, stored, "无"),
        (None, new) => new.is_none(),
    };
    let phone = found.new_phone.as_deref();
    check.outcome == Some(found.outcome)
        && check.channel == Some(found.channel)
        && check.checked_at.map(day) == found.occurred_at.map(day)
        && check.holds_on == found.holds_on
        && same(&check.source, &found.source)
        && same(&check.reference, &found.reference)
        && sealed(Field::VisitNotes, &check.notes_sealed, &found.notes)
        && check.new_phone_hash == phone.map(|phone| sealed::hash(keys, Field::Phone, phone))
        && sealed(
            Field::Address,
            &check.new_address_sealed,
            &found.new_address,
        )
}

/// What was sent back as it is written here is not sent again.
fn told_if_returned(seen: &Seen, at: usize, verdicts: &mut Verdicts) {
    match seen.row.status {
        CheckStatus::Checked | CheckStatus::Confirmed | CheckStatus::Settled => {}
        CheckStatus::Pending | CheckStatus::Scheduled | CheckStatus::Returned => {
            let message = "曾按此结果核查并被退回，内容没有变化，没有重新提交";
            verdicts.find(at, (OUTCOME, ""), Code::CheckReturned, message);
        }
    }
}
