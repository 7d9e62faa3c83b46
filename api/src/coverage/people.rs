//! The statement behind both figures: who belongs to a month, and what became of them.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{CareTier, CoverageFigure, CoverageReason};
use entity::household_place;
use sea_orm::{ActiveEnum as _, FromQueryResult, Value};
use uuid::Uuid;

use super::counting::{Counting, counting};
use super::rules::{self, Month};
use crate::access::policy::Permission;
use crate::access::scope::{Arm, ScopedEntity, ScopedSql};
use crate::care_plans::book::RuleBook;
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

/// The month, or a window in it that was not called off, asks for a contact.
const ASKED: i64 = 1 << 30;
const IN_PERSON: i64 = 1 << 20;
const VERIFIED: i64 = 1 << 10;
const CONTACTED: i64 = 1;
/// How often each of them fits into a tally; a month has fewer windows for one person.
const TIMES: i64 = 1 << 10;

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
    let text = Text::of(cx, handle, wanted).await?;
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

/// Everybody of the month by name.
pub async fn everybody(
    cx: &Cx,
    handle: &impl Handle,
    wanted: Wanted,
    permission: Permission,
) -> Result<Vec<(Person, rules::Alike)>> {
    let text = Text::of(cx, handle, wanted).await?;
    let select = "SELECT * FROM q ORDER BY resident_id";
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
    let text = Text::of(cx, &cx.app.db, wanted).await?;
    let order = if backward { "DESC" } else { "ASC" };
    let mut select =
        format!("SELECT * FROM q WHERE reason IS NULL AND tally / {ASKED} > tally % {TIMES}");
    let mut values = Vec::new();
    for (bound, sign) in [(after, ">"), (before, "<")] {
        if let Some(id) = bound {
            let _ = write!(select, " AND resident_id {sign} ?");
            values.push(id.into());
        }
    }
    let _ = write!(select, " ORDER BY resident_id {order} LIMIT {limit}");
    let permission = Permission::CoverageRead;
    text.rows(cx, &cx.app.db, permission, &select, values).await
}

/// The statement up to `q`, one row for each person, with its values in order. The scope stands
/// between the two halves' values.
struct Text {
    sql: String,
    before_scope: Vec<Value>,
    after_scope: Vec<Value>,
}

/// Who belongs to the month: the last of their enrolments that touches it, where they lived on the day
/// on which it is looked at, and what may excuse that they were not contacted. A later interval is looked
/// for only beside one that has ended: intervals of one thing do not overlap.
const PEOPLE: &str = "WITH p AS (
    SELECT e.resident_id, s.name, e.tier, w.area_id,
        CASE WHEN s.deceased_on <= ? THEN 'DECEASED' WHEN e.to_on <= ? THEN 'ENDED'
            WHEN z.from_on IS NOT NULL THEN 'PAUSED' END AS reason,
        CASE WHEN s.deceased_on <= ? THEN s.deceased_on WHEN e.to_on <= ? THEN e.to_on
            ELSE z.from_on END AS reason_on
    FROM care_enrolment e
    JOIN resident s ON s.id = e.resident_id
    JOIN residence r ON r.resident_id = e.resident_id AND r.from_on <= ?
    JOIN household_place w ON w.household_id = r.household_id AND w.from_on <= ?
    LEFT JOIN (SELECT enrolment_id, max(from_on) AS from_on FROM care_pause
        WHERE from_on <= ? AND (to_on IS NULL OR to_on > ?) GROUP BY enrolment_id) z
        ON z.enrolment_id = e.id
    WHERE {circumstances} e.from_on <= ? AND (e.to_on IS NULL OR e.to_on > ?)
    AND (e.to_on IS NULL OR e.to_on > ? OR NOT EXISTS (SELECT 1 FROM care_enrolment o
        WHERE o.resident_id = e.resident_id AND {other} o.from_on <= ? AND (o.to_on IS NULL OR o.to_on > ?)
        AND (o.from_on > e.from_on OR (o.from_on = e.from_on AND o.id > e.id))))
    AND (r.to_on IS NULL OR r.to_on > ? OR NOT EXISTS (SELECT 1 FROM residence o
        WHERE o.resident_id = r.resident_id AND o.from_on <= ?
        AND (o.from_on > r.from_on OR (o.from_on = r.from_on AND o.id > r.id))))
    AND (w.to_on IS NULL OR w.to_on > ? OR NOT EXISTS (SELECT 1 FROM household_place o
        WHERE o.household_id = w.household_id AND o.from_on <= ?
        AND (o.from_on > w.from_on OR (o.from_on = w.from_on AND o.id > w.id))))
    AND w.area_id IN (SELECT descendant_id FROM area_closure WHERE ancestor_id = ?){tier}
    AND {scope:w})";

/// A report that somebody was seen or spoken to.
const IS_CONTACT: &str = "c.status IN ('REPORTED', 'RETURNED', 'VERIFIED')
    AND c.outcome IN ('SEEN_WELL', 'NEEDS_HELP')";

impl Text {
    async fn of(cx: &Cx, handle: &impl Handle, wanted: Wanted) -> Result<Self> {
        let now = cx.app.clock.now();
        let (first, seen_on) = (wanted.month.first, wanted.month.seen_on(now));
        let tree = cx.app.sessions.tree();
        let book = RuleBook::read(handle).await?;
        let counting = counting(&book, &tree, wanted.area, seen_on);
        let day = || Value::from(seen_on);
        let mut before_scope: Vec<Value> = (0..8).map(|_| day()).collect();
        before_scope.extend([day(), first.into()]);
        before_scope.extend([day(), day(), first.into()]);
        before_scope.extend([day(), day(), day(), day()]);
        before_scope.push(wanted.area.into());
        let with_circumstances = wanted.figure == CoverageFigure::Contact;
        let filter = |alias: &str| {
            let text = format!("{alias}.circumstances <> 0 AND");
            if with_circumstances {
                text
            } else {
                String::new()
            }
        };
        let mut people = PEOPLE
            .replace("{circumstances}", &filter("e"))
            .replace("{other}", &filter("o"));
        people = match wanted.tier {
            Some(tier) => {
                before_scope.push(tier.to_value().into());
                people.replace("{tier}", " AND e.tier = ?")
            }
            None => people.replace("{tier}", ""),
        };
        let (from, to) = wanted.month.instants();
        let (figure, after_scope) = match wanted.figure {
            CoverageFigure::Contact => by_contact(&counting, (from, to)),
            CoverageFigure::Plan => by_plan(&counting, (from, Ord::min(to, now))),
        };
        Ok(Self {
            sql: people + &figure,
            before_scope,
            after_scope,
        })
    }

    async fn rows<R: FromQueryResult>(
        self,
        cx: &Cx,
        handle: &impl Handle,
        permission: Permission,
        select: &str,
        values: Vec<Value>,
    ) -> Result<Vec<R>> {
        let mut sql = ScopedSql::new(cx.actor()?, format!("{} {select}", self.sql))
            .scope::<household_place::Entity>("w", permission);
        let all = self.before_scope.into_iter().chain(self.after_scope);
        for value in all.chain(values) {
            sql = sql.bind(value);
        }
        sql.rows(handle).await
    }
}

/// What a tally gets for a person between two instants, beside [`ASKED`].
fn seen(counting: &Counting, from: &str, to: &str) -> String {
    format!(
        "coalesce((SELECT {CONTACTED}
                + max(CASE WHEN c.status = 'VERIFIED' THEN {VERIFIED} ELSE 0 END)
                + max(CASE WHEN c.method = 'IN_PERSON' THEN {IN_PERSON} ELSE 0 END)
            FROM visit_task c WHERE c.resident_id = p.resident_id
            AND c.occurred_at >= {from} AND c.occurred_at < {to} AND {IS_CONTACT} AND {}), 0)",
        counting.sql
    )
}

fn by_contact(
    counting: &Counting,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> (String, Vec<Value>) {
    let text = format!(
        ", q AS (SELECT p.*, CAST({ASKED} + {} AS bigint) AS tally FROM p)",
        seen(counting, "?", "?")
    );
    let areas = counting.areas.iter().map(|area| Value::from(*area));
    let values = [from.into(), to.into()].into_iter().chain(areas).collect();
    (text, values)
}

/// A window that was called off asks for nothing; of the others every one must be met.
fn by_plan(
    counting: &Counting,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> (String, Vec<Value>) {
    let text = format!(
        ", q AS (SELECT p.*, (SELECT CAST(sum(CASE WHEN t.status = 'CANCELLED' THEN 0
                ELSE {ASKED} + {} END) AS bigint)
            FROM visit_task t WHERE t.resident_id = p.resident_id AND t.origin = 'RULE'
            AND t.due_at > ? AND t.due_at <= ?) AS tally FROM p)",
        seen(counting, "t.starts_at", "t.due_at"),
    );
    let areas = counting.areas.iter().map(|area| Value::from(*area));
    let window = [Value::from(from), to.into()];
    (text, areas.chain(window).collect())
}
