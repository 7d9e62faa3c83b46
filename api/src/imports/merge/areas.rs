//! Merging areas: found by code, placed below their parent, never moved.

use std::collections::HashMap;

use entity::enums::AreaKind;
use entity::{area, import_area};
use sea_orm::EntityTrait as _;
use uuid::Uuid;

use crate::access::keys::Keys;
use crate::access::sessions::Epoch;
use crate::clock::Clock;
use crate::db::{Db, Handle as _};
use crate::error::Result;

use super::super::areas::AreaRow;
use super::super::{Checked, Code};
use super::reach::Reach;
use super::stage::{self, Begun, Plan};
use super::{Import, Options, Outcome, REASON, Report, Verdicts};

const PLAN: Plan = Plan {
    action: "import:areas",
    table: "import_area",
    holds: &["area", "area_closure"],
    epoch: Some(Epoch::Areas),
    stale: "SELECT s.ordinal FROM import_area s
        LEFT JOIN area a ON a.code = s.code
        WHERE s.import_id = $1 AND a.version IS DISTINCT FROM s.expected_version",
};

const STATEMENTS: [&str; 4] = [
    "INSERT INTO area (id, parent_id, kind, code, name, latitude, longitude, version, created_at, updated_at)
    SELECT area_id, parent_id, kind, code, name, latitude, longitude, 1, $2, $2
    FROM import_area WHERE import_id = $1 AND is_new",
    // Every new area lies below itself and below whatever its parents lie below.
    "WITH RECURSIVE above (ancestor_id, descendant_id, depth) AS (
        SELECT area_id, area_id, 0 FROM import_area WHERE import_id = $1 AND is_new
        UNION ALL
        SELECT a.parent_id, above.descendant_id, above.depth + 1
        FROM above JOIN area a ON a.id = above.ancestor_id WHERE a.parent_id IS NOT NULL)
    INSERT INTO area_closure (ancestor_id, descendant_id, depth)
    SELECT ancestor_id, descendant_id, depth FROM above",
    "UPDATE area SET name = s.name, latitude = s.latitude, longitude = s.longitude,
        version = area.version + 1, updated_at = $2
    FROM import_area s WHERE s.import_id = $1 AND NOT s.is_new AND area.id = s.area_id",
    "INSERT INTO change (kind, object_id, area_before, area_after, op, at)
    SELECT 'AREA', area_id, CASE WHEN is_new THEN NULL ELSE area_id END, area_id, 'UPSERT', $2
    FROM import_area WHERE import_id = $1",
];

/// Imports areas; a parent may be in the file or on record.
///
/// An area on record keeps its kind and parent: another one is refused (`AREA_MOVED`), since moving
/// an area is an administrator's correction.
pub async fn import_areas(
    db: &Db,
    keys: &Keys,
    clock: &Clock,
    checked: Checked<AreaRow>,
    options: Options,
) -> Result<Report> {
    let import = Import::begin((db, keys, clock), &options).await?;
    let rows = checked.rows;
    let places = rows
        .iter()
        .map(|row| (row.sheet.clone(), row.row))
        .collect();
    let mut verdicts = Verdicts::new(places, checked.findings);
    let all: Vec<usize> = (0..rows.len()).collect();
    for round in 1.. {
        // A tree is small, and a row's parent may be another row: all of it is matched again.
        verdicts.reopen(&all);
        let staged = match_rows(&import, &rows, &mut verdicts).await?;
        if staged.is_empty() || verdicts.ends_here(&options) {
            break;
        }
        stage::stage::<import_area::ActiveModel>(&import, staged).await?;
        match stage::begin(&import, &PLAN, import.id, &mut verdicts, round).await? {
            Begun::Ready(merging) => {
                stage::apply(&import, STATEMENTS, &merging).await?;
                stage::finish(&import, &PLAN, &mut verdicts, merging).await?;
            }
            Begun::Nothing => {}
            Begun::Again(_) => {
                stage::clear(&import, &PLAN, import.id).await?;
                continue;
            }
        }
        stage::clear(&import, &PLAN, import.id).await?;
        break;
    }
    Ok(Report::new(verdicts, &options))
}

/// What matching needs to know of an area, on record or in the file.
struct Known {
    id: Uuid,
    kind: AreaKind,
    retired: bool,
    /// Whether it lies where the import may write.
    is_reached: bool,
}

async fn match_rows(
    import: &Import<'_>,
    rows: &[AreaRow],
    verdicts: &mut Verdicts,
) -> Result<Vec<import_area::Model>> {
    let on_record: HashMap<String, area::Model> = area::Entity::find()
        .all(&import.db.unscoped(REASON))
        .await?
        .into_iter()
        .map(|area| (area.code.clone(), area))
        .collect();
    let mut known: HashMap<&str, Known> = on_record
        .values()
        .map(|area| {
            let known = Known {
                id: area.id,
                kind: area.kind,
                retired: area.retired_on.is_some(),
                is_reached: import.reach.covers(area.id),
            };
            (area.code.as_str(), known)
        })
        .collect();
    let mut staged = Vec::new();
    for (ordinal, row) in rows.iter().enumerate() {
        if !is_reached(import, &known, row) {
            let message = "没有这个区域，或它不在您的管辖范围内";
            verdicts.find(ordinal, ("编码", &row.code), Code::AreaUnknown, message);
            continue;
        }
        let Some(parent_id) = parent(&known, row, ordinal, verdicts) else {
            continue;
        };
        let before = on_record.get(&row.code);
        if before.is_some_and(|before| !is_in_place(before, row, parent_id, ordinal, verdicts)) {
            continue;
        }
        let id = before.map_or_else(|| import.clock.new_id(), |before| before.id);
        known.entry(&row.code).or_insert(Known {
            id,
            kind: row.kind,
            retired: false,
            is_reached: true,
        });
        let latitude = row.latitude.or(before.and_then(|before| before.latitude));
        let longitude = row.longitude.or(before.and_then(|before| before.longitude));
        let same = |before: &area::Model| {
            before.name == row.name && before.latitude == latitude && before.longitude == longitude
        };
        verdicts.outcomes[ordinal] = match before {
            None => Outcome::Created,
            Some(before) if same(before) => continue,
            Some(_) => Outcome::Updated,
        };
        staged.push(import_area::Model {
            import_id: import.id,
            ordinal: i32::try_from(ordinal).unwrap_or(i32::MAX),
            area_id: id,
            is_new: before.is_none(),
            expected_version: before.map(|before| before.version),
            parent_id,
            kind: row.kind,
            code: row.code.clone(),
            name: row.name.clone(),
            latitude,
            longitude,
            created_at: import.now,
        });
    }
    Ok(staged)
}

/// Whether the row is about a place where the import may write: an area there, or a new one below it.
fn is_reached(import: &Import<'_>, known: &HashMap<&str, Known>, row: &AreaRow) -> bool {
    let place = known
        .get(row.code.as_str())
        .or_else(|| known.get(row.parent_code.as_deref()?));
    place.map_or_else(
        // An unknown parent is told as such, a new root is the operator's.
        || row.parent_code.is_some() || matches!(import.reach, Reach::Everywhere),
        |place| place.is_reached,
    )
}

/// The key of the row's parent, if it has one; none at all if that refuses the row.
#[expect(clippy::option_option, reason = "refused, the root, or below a parent")]
fn parent(
    known: &HashMap<&str, Known>,
    row: &AreaRow,
    ordinal: usize,
    verdicts: &mut Verdicts,
) -> Option<Option<Uuid>> {
    let Some(code) = row.parent_code.as_deref() else {
        return Some(None);
    };
    let cell = ("上级编码", code);
    let (code, message) = match known.get(code) {
        None => (Code::AreaUnknown, "没有这个上级区域，或它所在的行未能导入"),
        Some(parent) if parent.retired => (Code::AreaRetired, "上级区域已停用"),
        Some(parent) if parent.kind >= row.kind => (
            Code::AreaParentInvalid,
            "系统中这个区域的级别不比本行高，不能作上级",
        ),
        Some(parent) => return Some(Some(parent.id)),
    };
    verdicts.find(ordinal, cell, code, message);
    None
}

/// Whether an area on record stays where and what it is; else the row is refused.
fn is_in_place(
    before: &area::Model,
    row: &AreaRow,
    parent_id: Option<Uuid>,
    ordinal: usize,
    verdicts: &mut Verdicts,
) -> bool {
    let (cell, code, message) = if before.retired_on.is_some() {
        (
            ("编码", row.code.as_str()),
            Code::AreaRetired,
            "该区域已停用",
        )
    } else if before.kind != row.kind {
        (
            ("类型", ""),
            Code::AreaMoved,
            "与系统中的类型不同，导入不能更改，请联系管理员",
        )
    } else if before.parent_id != parent_id {
        let parent = row.parent_code.as_deref().unwrap_or_default();
        (
            ("上级编码", parent),
            Code::AreaMoved,
            "与系统中的上级不同，导入不能更改，请联系管理员",
        )
    } else {
        return true;
    };
    verdicts.find(ordinal, cell, code, message);
    false
}
