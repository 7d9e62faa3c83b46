//! Merging a roster of beneficiaries.
//!
//! - A person is found by ID number; a record without one, within reach, by name and birth date.
//! - A record keeps its name and the area that answers for it: the one is a clerk's to correct, the other
//!   changes by handing over. Of the rest, an empty cell keeps what is on record.
//! - Whoever is on record as a beneficiary no more is refused, for a person to look at.
//! - A beneficiary is the resident with the same ID number and name. Where only the number, or only name
//!   and birth date are the same, that is for a person to decide.
//! - Residents, and beneficiaries, outside the reach of whoever imports are as if they were not there; only
//!   that an ID number is taken is told, since it cannot be registered twice: noted, and of so many people a day
//!   ([`probes`](crate::beneficiaries::probes)), else the import stops.
//! - A phone number that a check brought and another confirmed is kept.

mod decide;
mod known;
mod plan;

use std::collections::{HashMap, HashSet};

use entity::enums::BeneficiaryCategory;
use entity::{area, beneficiary, import_beneficiary};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use crate::access::keys::Keys;
use crate::access::sealed::{self, Field};
use crate::areas::tree::AreaTree;
use crate::beneficiaries::probes;
use crate::clock::Clock;
use crate::db::{Db, Handle as _};
use crate::error::Result;

use super::super::beneficiaries::BeneficiaryRow;
use super::super::{Checked, Code};
use super::reach;
use super::stage;
use super::{Import, Options, REASON, Report, Verdicts};
use decide::Places;
use known::Known;
use plan::{PLAN, STATEMENTS};

/// How many rows are matched at a time.
const BATCH: usize = 800;
/// How many rows are merged in one transaction, so that nobody waits long.
const PART: usize = 2_000;

/// A row with what it is found by.
pub(super) struct Wanted<'a> {
    ordinal: usize,
    row: &'a BeneficiaryRow,
    places: Places,
    id_number_hash: String,
    phone_hash: Option<String>,
}

/// The areas by their codes.
pub(super) struct Areas {
    by_code: HashMap<String, area::Model>,
    /// Those that the import reaches.
    reached: HashSet<Uuid>,
    /// The codes of the topmost ones: a code that begins with one of them is one of ours.
    tops: Vec<String>,
    tree: AreaTree,
}

impl Areas {
    async fn read(import: &Import<'_>) -> Result<Self> {
        let areas = area::Entity::find()
            .all(&import.db.unscoped(REASON))
            .await?;
        let reached = areas.iter().map(|area| area.id);
        let tops = areas.iter().filter(|area| area.parent_id.is_none());
        Ok(Self {
            reached: reached.filter(|id| import.reach.covers(*id)).collect(),
            tops: tops.map(|area| area.code.clone()).collect(),
            tree: reach::tree(&areas),
            by_code: areas.into_iter().map(|a| (a.code.clone(), a)).collect(),
        })
    }
}

/// Imports a roster of beneficiaries.
pub async fn import_beneficiaries(
    db: &Db,
    keys: &Keys,
    clock: &Clock,
    checked: Checked<BeneficiaryRow>,
    options: Options,
) -> Result<Report> {
    let import = Import::begin((db, keys, clock), &options).await?;
    let rows = checked.rows;
    let places = rows.iter().map(|row| (row.sheet.clone(), row.row));
    let mut verdicts = Verdicts::new(places.collect(), checked.findings);
    let areas = Areas::read(&import).await?;
    let part = if options.all_or_nothing {
        usize::MAX
    } else {
        PART
    };
    let mut found = HashSet::new();
    let mut open: Vec<usize> = (0..rows.len()).collect();
    for round in 1.. {
        verdicts.reopen(&open);
        let staged = decided(&import, &areas, (&rows, &open), &mut verdicts).await?;
        // Before anything of it is told.
        probes::note(db, import.reach.author(&import), &verdicts.elsewhere).await?;
        found.extend(staged.iter().map(|row| row.beneficiary_id));
        if staged.is_empty() || verdicts.ends_here(&options) {
            break;
        }
        verdicts.parts = verdicts.parts.max(staged.len().div_ceil(part));
        open.clear();
        for rows in staged.chunks(part) {
            open.extend(merge(&import, rows, &mut verdicts, round).await?);
        }
        if open.is_empty() {
            break;
        }
    }
    list_absent(&import, &areas, (&rows, &found), &mut verdicts).await?;
    Ok(Report::new(verdicts, &options))
}

/// Matches rows with what is on record: those that change anything.
async fn decided(
    import: &Import<'_>,
    areas: &Areas,
    (rows, open): (&[BeneficiaryRow], &[usize]),
    verdicts: &mut Verdicts,
) -> Result<Vec<import_beneficiary::Model>> {
    let mut wanted = Vec::with_capacity(open.len());
    for &ordinal in open {
        let row = &rows[ordinal];
        if let Some(places) = decide::places(areas, row, ordinal, verdicts) {
            wanted.push(Wanted {
                ordinal,
                row,
                places,
                id_number_hash: sealed::hash(import.keys, Field::IdNumber, row.id_number.as_str()),
                phone_hash: row
                    .phone
                    .as_ref()
                    .map(|phone| sealed::hash(import.keys, Field::Phone, phone.as_str())),
            });
        }
    }
    let mut staged = Vec::new();
    for batch in wanted.chunks(BATCH) {
        let known = Known::read(import, batch).await?;
        for wanted in batch {
            staged.extend(decide::row(import, &known, verdicts, wanted)?);
        }
    }
    Ok(staged)
}

/// Merges a part; the rows of one whose records changed meanwhile are to be matched again, all of them.
async fn merge(
    import: &Import<'_>,
    rows: &[import_beneficiary::Model],
    verdicts: &mut Verdicts,
    round: u32,
) -> Result<Vec<usize>> {
    let part = import.clock.new_id();
    let staged = rows.iter().cloned().map(|mut row| {
        row.import_id = part;
        row
    });
    stage::stage::<import_beneficiary::ActiveModel>(import, staged.collect()).await?;
    let stale = stage::merge(import, (&PLAN, part), &STATEMENTS, verdicts, round).await?;
    if stale.is_empty() {
        return Ok(Vec::new());
    }
    stage::clear(import, &PLAN, part).await?;
    let ordinals = rows.iter().map(|row| row.ordinal);
    Ok(ordinals
        .filter_map(|ordinal| usize::try_from(ordinal).ok())
        .collect())
}

/// Lists who is registered in the areas of the file, of its categories, and stands in none of its rows.
async fn list_absent(
    import: &Import<'_>,
    areas: &Areas,
    (rows, found): (&[BeneficiaryRow], &HashSet<Uuid>),
    verdicts: &mut Verdicts,
) -> Result<()> {
    use beneficiary::Column as B;
    let places: HashSet<Uuid> = rows
        .iter()
        .filter_map(|row| areas.by_code.get(&row.registered))
        .map(|area| area.id)
        .filter(|id| areas.reached.contains(id))
        .collect();
    let categories: HashSet<BeneficiaryCategory> = rows.iter().map(|row| row.category).collect();
    let hash =
        |row: &BeneficiaryRow| sealed::hash(import.keys, Field::IdNumber, row.id_number.as_str());
    let named: HashSet<String> = rows.iter().map(hash).collect();
    let people = beneficiary::Entity::find()
        .filter(B::AreaId.is_in(places))
        .filter(B::Category.is_in(categories))
        .filter(B::EndedOn.is_null())
        .all(&import.db.unscoped(REASON))
        .await?;
    for person in people {
        let number = person.id_number_hash.as_ref();
        if found.contains(&person.id) || number.is_some_and(|hash| named.contains(hash)) {
            continue;
        }
        verdicts.opened.push(("Beneficiary", person.id));
        let message = format!(
            "{}登记为优抚对象，但本次文件中没有或所在行未能导入；其登记不变",
            person.name
        );
        verdicts.list(Code::AbsentFromFile, message);
    }
    Ok(())
}
