//! Merging a roster: people, their households, enrolments and first emergency contacts.
//!
//! - A person is found by ID number; without one, or where the record has none yet, by name and birth
//!   date within the household. A birth date that only one side knows does not part them.
//! - A person found in another household has moved: the stay ends today and another begins, and the
//!   open enrolment goes along.
//! - Circumstances or a tier enrol from today. Changed ones end the interval and begin another; on
//!   its first day the interval is corrected instead.
//! - An empty cell keeps what is on record: a tier, the circumstances as a whole, a phone. So a
//!   circumstance ends when others are named without it, and nobody is un-enrolled by a roster.
//! - Somebody on record as deceased is refused, for a clerk to look at.

mod care;
mod decide;
mod known;
mod plan;
mod values;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use entity::enums::AreaKind;
use entity::{area, household, import_resident, resident};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use crate::access::keys::Keys;
use crate::access::sealed::{self, Field};
use crate::areas::tree::AreaTree;
use crate::clock::Clock;
use crate::db::{Db, Handle as _};
use crate::error::Result;

use super::super::residents::ResidentRow;
use super::super::{Checked, Code};
use super::reach;
use super::stage;
use super::{Import, Options, REASON, Report, Verdicts};
use decide::Deciding;
use known::Known;
use plan::{PLAN, STEPS, visits_follow};

pub(super) use values::hidden;

/// How many rows are matched and staged at a time.
const BATCH: usize = 800;
/// How many rows are merged in one transaction, so that nobody waits long.
const PART: usize = 2_000;
/// A row with what it is found by.
struct Wanted<'a> {
    ordinal: usize,
    row: &'a ResidentRow,
    building: Uuid,
    grid: Uuid,
    id_number_hash: Option<String>,
}

impl Wanted<'_> {
    fn household_key(&self) -> (&str, &str, &str) {
        let row = self.row;
        (&row.building_code, &row.unit, &row.room)
    }
}

/// Imports a roster of residents.
pub async fn import_residents(
    db: &Db,
    keys: &Keys,
    clock: &Clock,
    checked: Checked<ResidentRow>,
    options: Options,
) -> Result<Report> {
    let import = Import::begin((db, keys, clock), &options).await?;
    let rows = checked.rows;
    let places = rows
        .iter()
        .map(|row| (row.sheet.clone(), row.row))
        .collect();
    let mut verdicts = Verdicts::new(places, checked.findings);
    let areas = Areas::read(&import).await?;
    let mut found = Found::default();
    let mut open: Vec<usize> = (0..rows.len()).collect();
    let mut parts: Vec<Part> = Vec::new();
    for round in 1.. {
        verdicts.reopen(&open);
        let wanted = want(&import, &areas, &rows, &open, &mut verdicts);
        found.note_id_numbers(&wanted);
        // What is matched again goes into parts of its own; into the only one where all rows or none
        // are imported, since a part that is merged stays.
        let first = if options.all_or_nothing {
            0
        } else {
            parts.len()
        };
        for batch in batches(&wanted) {
            let known = Known::read(&import, batch).await?;
            let staged = Deciding::new(&import, known, &mut verdicts, &mut found).decide(batch)?;
            if parts.len() == first || parts.last().is_some_and(|part| part.is_full(&options)) {
                parts.push(Part::new(&import));
            }
            if let Some(part) = parts.last_mut() {
                part.stage(&import, staged).await?;
            }
        }
        parts.retain(|part| part.rows > 0);
        if verdicts.ends_here(&options) {
            break;
        }
        open.clear();
        verdicts.parts = verdicts.parts.max(parts.len());
        for mut part in std::mem::take(&mut parts) {
            let stale = part.merge(&import, &mut verdicts, round).await?;
            part.rows -= stale.len();
            open.extend(&stale);
            if !stale.is_empty() {
                parts.push(part);
            }
        }
        if open.is_empty() {
            break;
        }
        parts.retain(|part| part.rows > 0);
    }
    for part in parts.iter().filter(|_| !options.dry_run) {
        stage::clear(&import, &PLAN, part.id).await?;
    }
    list_absent(&import, &areas, &rows, &found, &mut verdicts).await?;
    Ok(Report::new(verdicts, &options))
}

/// Staged rows that are merged in one transaction.
struct Part {
    id: Uuid,
    rows: usize,
    /// Which steps of the merge have rows to work on.
    needed: [bool; STEPS.len()],
    /// Whether somebody moves.
    moves: bool,
}

impl Part {
    fn new(import: &Import<'_>) -> Self {
        Self {
            id: import.clock.new_id(),
            rows: 0,
            needed: [false; STEPS.len()],
            moves: false,
        }
    }

    /// Whether further rows belong into another part.
    const fn is_full(&self, options: &Options) -> bool {
        self.rows >= PART && !options.all_or_nothing
    }

    /// Takes rows in, which are whole households.
    async fn stage(
        &mut self,
        import: &Import<'_>,
        mut rows: Vec<import_resident::Model>,
    ) -> Result<()> {
        for row in &mut rows {
            row.import_id = self.id;
        }
        for (needed, (applies, _)) in self.needed.iter_mut().zip(STEPS) {
            *needed = *needed || rows.iter().any(applies);
        }
        self.moves = self.moves || rows.iter().any(|row| row.move_household);
        self.rows += rows.len();
        if import.options.dry_run {
            return Ok(());
        }
        stage::stage::<import_resident::ActiveModel>(import, rows).await
    }

    /// What the merge runs, in this order.
    fn statements(&self) -> Vec<Cow<'static, str>> {
        let steps = STEPS.into_iter().zip(self.needed);
        let statements = steps.filter(|(_, needed)| *needed);
        let statements = statements.map(|((_, sql), _)| Cow::Borrowed(sql));
        let visits = self.moves.then(visits_follow).into_iter().flatten();
        statements.chain(visits).collect()
    }

    /// Merges the part, unless some of its rows are to be matched again first: it returns those.
    async fn merge(
        &self,
        import: &Import<'_>,
        verdicts: &mut Verdicts,
        round: u32,
    ) -> Result<Vec<usize>> {
        let statements = self.statements();
        stage::merge(import, (&PLAN, self.id), &statements, verdicts, round).await
    }
}

/// Which row is about whom, over all batches and rounds: no two are about the same person.
#[derive(Default)]
struct Found {
    by_person: HashMap<Uuid, usize>,
    by_id_number: HashMap<String, usize>,
}

impl Found {
    fn note_id_numbers(&mut self, wanted: &[Wanted<'_>]) {
        for wanted in wanted {
            if let Some(hash) = &wanted.id_number_hash {
                self.by_id_number.insert(hash.clone(), wanted.ordinal);
            }
        }
    }

    /// The row that is about this person: the one with their ID number, else the first that asks.
    fn row_of(&mut self, person: &resident::Model, asking: usize) -> usize {
        let identified = person.id_number_hash.as_ref();
        let row = identified.and_then(|hash| self.by_id_number.get(hash));
        let row = row.copied().unwrap_or(asking);
        *self.by_person.entry(person.id).or_insert(row)
    }
}

/// The buildings and the grids above them.
struct Areas {
    by_code: HashMap<String, area::Model>,
    tree: AreaTree,
}

impl Areas {
    async fn read(import: &Import<'_>) -> Result<Self> {
        let areas = area::Entity::find()
            .all(&import.db.unscoped(REASON))
            .await?;
        let tree = reach::tree(&areas);
        // What lies outside the import's reach is as if it were not there.
        let reached = areas.into_iter().filter(|a| import.reach.covers(a.id));
        Ok(Self {
            tree,
            by_code: reached.map(|a| (a.code.clone(), a)).collect(),
        })
    }
}

/// The rows whose building is on record, by household; the others are refused.
fn want<'a>(
    import: &Import<'_>,
    areas: &Areas,
    rows: &'a [ResidentRow],
    open: &[usize],
    verdicts: &mut Verdicts,
) -> Vec<Wanted<'a>> {
    let mut wanted = Vec::with_capacity(open.len());
    for &ordinal in open {
        let row = &rows[ordinal];
        let building = areas.by_code.get(&row.building_code);
        let (code, message) = match building {
            None => (Code::AreaUnknown, "没有这个编码的楼栋，请核对或先导入区域"),
            Some(area) if area.kind != AreaKind::Building => {
                (Code::AreaUnknown, "这个编码不是楼栋")
            }
            Some(area) if area.retired_on.is_some() => (Code::AreaRetired, "该楼栋已停用"),
            Some(area) => {
                let id_number = row.id_number.as_ref();
                wanted.push(Wanted {
                    ordinal,
                    row,
                    building: area.id,
                    grid: areas.tree.grid_of(area.id),
                    id_number_hash: id_number
                        .map(|id| sealed::hash(import.keys, Field::IdNumber, id.as_str())),
                });
                continue;
            }
        };
        verdicts.find(ordinal, ("楼栋编码", &row.building_code), code, message);
    }
    // A household's rows are matched together, and a building's records read once or twice.
    wanted.sort_by(|a, b| (a.household_key(), a.ordinal).cmp(&(b.household_key(), b.ordinal)));
    wanted
}

/// Cuts the rows into batches, never within a household.
fn batches<'b, 'a>(wanted: &'b [Wanted<'a>]) -> Vec<&'b [Wanted<'a>]> {
    let mut batches = Vec::new();
    let mut rest = wanted;
    while !rest.is_empty() {
        let mut end = BATCH.min(rest.len());
        while end < rest.len() && rest[end].household_key() == rest[end - 1].household_key() {
            end += 1;
        }
        let (batch, after) = rest.split_at(end);
        batches.push(batch);
        rest = after;
    }
    batches
}

/// Lists who is on record in the buildings of the file and stands in none of its rows.
async fn list_absent(
    import: &Import<'_>,
    areas: &Areas,
    rows: &[ResidentRow],
    found: &Found,
    verdicts: &mut Verdicts,
) -> Result<()> {
    let codes: HashSet<&str> = rows.iter().map(|row| row.building_code.as_str()).collect();
    let mut buildings: Vec<&area::Model> = codes
        .iter()
        .filter_map(|code| areas.by_code.get(*code))
        .collect();
    buildings.sort_by(|a, b| a.code.cmp(&b.code));
    let connection = import.db.unscoped(REASON);
    for building in buildings {
        let people = resident::Entity::find()
            .filter(resident::Column::AreaId.eq(building.id))
            .filter(resident::Column::DeceasedOn.is_null())
            .all(&connection)
            .await?;
        let absent: Vec<_> = people
            .into_iter()
            .filter(|person| !found.by_person.contains_key(&person.id))
            .collect();
        if absent.is_empty() {
            continue;
        }
        let homes: HashMap<Uuid, household::Model> = household::Entity::find()
            .filter(household::Column::AreaId.eq(building.id))
            .all(&connection)
            .await?
            .into_iter()
            .map(|home| (home.id, home))
            .collect();
        verdicts
            .opened
            .extend(absent.iter().map(|person| ("Resident", person.id)));
        for person in absent {
            let home = homes.get(&person.household_id);
            let address = home.map_or_else(String::new, |home| address(&home.unit, &home.room));
            let message = format!(
                "{}（{} {address}）在册，但本次文件中没有或所在行未能导入；其登记和纳入探访不变",
                person.name, building.code
            );
            verdicts.list(Code::AbsentFromFile, message);
        }
    }
    Ok(())
}

fn address(unit: &str, room: &str) -> String {
    if unit.is_empty() {
        format!("{room}室")
    } else {
        format!("{unit}单元{room}室")
    }
}
