//! Everybody of a month, counted or by name, and what became of them.

use std::fmt::Write as _;

use chrono::NaiveDate;
use entity::enums::{CareTier, CoverageFigure, CoverageReason};
use entity::household_place;
use sea_orm::{ActiveEnum as _, FromQueryResult};
use uuid::Uuid;

use super::rules::{self, Month};
use super::statement::{ASKED, CONTACTED, IN_PERSON, Shape, TIMES, Text, VERIFIED};
use crate::access::policy::Permission;
use crate::access::scope::{Arm, ScopedEntity};
use crate::context::Cx;
use crate::db::Handle;
use crate::error::Result;

/// Where households were: by it the past keeps its scope.
impl ScopedEntity for household_place::Entity {
    const AREA: household_place::Column = household_place::Column::AreaId;
    const GRID: household_place::Column = household_place::Column::AreaId;
    const ID: household_place::Column = household_place::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<household_place::Column>] {
        match permission {
            Permission::CoverageRead | Permission::CoverageClose => &[Arm::Area],
            _ => &[],
        }
    }
}

/// Which people are looked at, and when.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Where.
    pub area: Uuid,
    /// Which month.
    pub month: Month,
    /// Of this tier only.
    pub tier: Option<CareTier>,
    /// In which of the two figures.
    pub figure: CoverageFigure,
}

/// What became of somebody.
#[derive(Clone, Debug, FromQueryResult)]
struct Found {
    reason: Option<String>,
    /// How often [`ASKED`], [`CONTACTED`], [`VERIFIED`] and [`IN_PERSON`] hold, added up in one number:
    /// one reading of a person's visits gives all four, and no window of theirs gives null.
    tally: Option<i64>,
}

/// People of a building who were found alike.
#[derive(Clone, Debug, FromQueryResult)]
struct Group {
    area_id: Uuid,
    #[sea_orm(nested)]
    found: Found,
    people: i64,
}

/// One person of a month.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Person {
    /// Who.
    pub resident_id: Uuid,
    /// Their name.
    pub name: String,
    /// Their tier.
    pub tier: CareTier,
    /// The building they belonged to.
    pub area_id: Uuid,
    #[sea_orm(nested)]
    found: Found,
    /// Since when they are excluded.
    pub reason_on: Option<NaiveDate>,
}

impl Found {
    /// Nothing where nobody was to be contacted.
    fn alike(&self, people: i64) -> Result<Option<rules::Alike>> {
        let Some(tally) = self.tally else {
            return Ok(None);
        };
        let asked = tally / ASKED;
        let always = |what: i64| asked > 0 && tally / what % TIMES == asked;
        let called_off = (asked == 0).then_some(CoverageReason::CalledOff);
        let reason = reason(self.reason.as_deref())?.or(called_off);
        Ok(Some(rules::Alike {
            outcome: rules::outcome(always(CONTACTED), reason),
            reason,
            verified: always(VERIFIED),
            in_person: always(IN_PERSON),
            people: u64::try_from(people).unwrap_or_default(),
        }))
    }
}

fn reason(text: Option<&str>) -> Result<Option<CoverageReason>> {
    let reason = text.map(|text| CoverageReason::try_from_value(&text.to_owned()));
    Ok(reason.transpose()?)
}

/// Everybody of the month, counted by building and by what became of them; a building comes once for
/// each way.
pub async fn groups(
    cx: &Cx,
    handle: &impl Handle,
    wanted: Wanted,
    permission: Permission,
) -> Result<Vec<(Uuid, rules::Alike)>> {
    let text = Text::of(cx, handle, wanted, Shape::Counted).await?;
    let select =
        "SELECT area_id, reason, tally, count(*) AS people FROM q GROUP BY area_id, reason, tally";
    let groups: Vec<Group> = text
        .rows(cx, handle, permission, select, Vec::new())
        .await?;
    let found = |group: Group| {
        let alike = group.found.alike(group.people)?;
        Ok(alike.map(|alike| (group.area_id, alike)))
    };
    groups
        .into_iter()
        .filter_map(|group| found(group).transpose())
        .collect()
}

/// One row for each person, with their name.
const NAMED: &str = "SELECT q.*, n.name FROM q JOIN resident n ON n.id = q.resident_id";

/// Everybody of the month by name.
pub async fn everybody(
    cx: &Cx,
    handle: &impl Handle,
    wanted: Wanted,
    permission: Permission,
) -> Result<Vec<(Person, rules::Alike)>> {
    let text = Text::of(cx, handle, wanted, Shape::Named).await?;
    let select = &format!("{NAMED} ORDER BY q.resident_id");
    let people = text
        .rows(cx, handle, permission, select, Vec::new())
        .await?;
    people
        .into_iter()
        .filter_map(|person| found(person).transpose())
        .collect()
}

fn found(person: Person) -> Result<Option<(Person, rules::Alike)>> {
    let alike = person.found.alike(1)?;
    Ok(alike.map(|alike| (person, alike)))
}

/// Those whom the month missed, by name: a page of them in the order of their ids.
pub async fn missed(
    cx: &Cx,
    wanted: Wanted,
    (after, before): (Option<Uuid>, Option<Uuid>),
    (backward, limit): (bool, u64),
) -> Result<Vec<Person>> {
    let text = Text::of(cx, &cx.app.db, wanted, Shape::Named).await?;
    let order = if backward { "DESC" } else { "ASC" };
    let mut select =
        format!("{NAMED} WHERE q.reason IS NULL AND q.tally / {ASKED} > q.tally % {TIMES}");
    let mut values = Vec::new();
    for (bound, sign) in [(after, ">"), (before, "<")] {
        if let Some(id) = bound {
            let _ = write!(select, " AND q.resident_id {sign} ?");
            values.push(id.into());
        }
    }
    let _ = write!(select, " ORDER BY q.resident_id {order} LIMIT {limit}");
    let permission = Permission::CoverageRead;
    text.rows(cx, &cx.app.db, permission, &select, values).await
}
