//! The statement behind both figures: who belongs to a month, and what became of them.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{CareTier, CoverageFigure, CoverageOutcome, CoverageReason};
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

/// People who were found alike, by building.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Group {
    /// The building.
    pub area_id: Uuid,
    reason: Option<String>,
    contacted: i32,
    verified: i32,
    in_person: i32,
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
    reason: Option<String>,
    /// Since when they are excluded.
    pub reason_on: Option<NaiveDate>,
    contacted: i32,
    verified: i32,
    in_person: i32,
}

impl Group {
    /// The group as figures take it.
    pub fn alike(&self) -> Result<rules::Alike> {
        let reason = reason(self.reason.as_deref())?;
        Ok(rules::Alike {
            outcome: rules::outcome(self.contacted == 1, reason),
            reason,
            verified: self.verified == 1,
            in_person: self.in_person == 1,
            people: u64::try_from(self.people).unwrap_or_default(),
        })
    }
}

impl Person {
    /// The person as a figure of one.
    pub fn alike(&self) -> Result<rules::Alike> {
        let reason = reason(self.reason.as_deref())?;
        Ok(rules::Alike {
            outcome: rules::outcome(self.contacted == 1, reason),
            reason,
            verified: self.verified == 1,
            in_person: self.in_person == 1,
            people: 1,
        })
    }

    /// What became of them.
    pub fn outcome(&self) -> Result<CoverageOutcome> {
        Ok(self.alike()?.outcome)
    }
}

fn reason(text: Option<&str>) -> Result<Option<CoverageReason>> {
    let reason = text.map(|text| CoverageReason::try_from_value(&text.to_owned()));
    Ok(reason.transpose()?)
}

/// Everybody of the month, counted by building and by what became of them.
pub async fn groups(
    cx: &Cx,
    handle: &impl Handle,
    wanted: Wanted,
    permission: Permission,
) -> Result<Vec<Group>> {
    let text = Text::of(cx, handle, wanted).await?;
    let select = "SELECT area_id, reason, contacted, verified, in_person, count(*) AS people FROM q
        GROUP BY area_id, reason, contacted, verified, in_person";
    text.rows(cx, handle, permission, select, Vec::new()).await
}

/// Everybody of the month by name.
pub async fn everybody(
    cx: &Cx,
    handle: &impl Handle,
    wanted: Wanted,
    permission: Permission,
) -> Result<Vec<Person>> {
    let text = Text::of(cx, handle, wanted).await?;
    let select = "SELECT * FROM q ORDER BY resident_id";
    text.rows(cx, handle, permission, select, Vec::new()).await
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
    let mut select = String::from("SELECT * FROM q WHERE contacted = 0 AND reason IS NULL");
    let mut values = Vec::new();
    for (bound, sign) in [(after, ">"), (before, "<")] {
        if let Some(id) = bound {
            select += &format!(" AND resident_id {sign} ?");
            values.push(id.into());
        }
    }
    select += &format!(" ORDER BY resident_id {order} LIMIT {limit}");
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
/// on which it is looked at, and what may excuse that they were not contacted.
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
    AND NOT EXISTS (SELECT 1 FROM care_enrolment o WHERE o.resident_id = e.resident_id
        AND {other} o.from_on <= ? AND (o.to_on IS NULL OR o.to_on > ?)
        AND (o.from_on > e.from_on OR (o.from_on = e.from_on AND o.id > e.id)))
    AND NOT EXISTS (SELECT 1 FROM residence o WHERE o.resident_id = r.resident_id AND o.from_on <= ?
        AND (o.from_on > r.from_on OR (o.from_on = r.from_on AND o.id > r.id)))
    AND NOT EXISTS (SELECT 1 FROM household_place o WHERE o.household_id = w.household_id
        AND o.from_on <= ? AND (o.from_on > w.from_on OR (o.from_on = w.from_on AND o.id > w.id)))
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
        before_scope.extend([day(), first.into(), day(), first.into(), day(), day()]);
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

fn by_contact(
    counting: &Counting,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> (String, Vec<Value>) {
    let text = format!(
        ", q AS (SELECT p.resident_id, p.name, p.tier, p.area_id, p.reason, p.reason_on,
            max(CASE WHEN c.id IS NULL THEN 0 ELSE 1 END) AS contacted,
            max(CASE WHEN c.status = 'VERIFIED' THEN 1 ELSE 0 END) AS verified,
            max(CASE WHEN c.method = 'IN_PERSON' THEN 1 ELSE 0 END) AS in_person
        FROM p LEFT JOIN visit_task c ON c.resident_id = p.resident_id
            AND c.occurred_at >= ? AND c.occurred_at < ? AND {IS_CONTACT} AND {}
        GROUP BY p.resident_id, p.name, p.tier, p.area_id, p.reason, p.reason_on)",
        counting.sql
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
    let met = |what: &str| {
        format!(
            "(SELECT max({what}) FROM visit_task c WHERE c.resident_id = p.resident_id
                AND c.occurred_at >= t.starts_at AND c.occurred_at < t.due_at
                AND {IS_CONTACT} AND {})",
            counting.sql
        )
    };
    let text = format!(
        ", t AS (SELECT p.resident_id, p.name, p.tier, p.area_id, p.reason, p.reason_on,
            CASE WHEN t.status = 'CANCELLED' THEN 0 ELSE 1 END AS asked,
            coalesce({}, 0) AS met, coalesce({}, 0) AS in_person
        FROM p JOIN visit_task t ON t.resident_id = p.resident_id AND t.origin = 'RULE'
            AND t.due_at > ? AND t.due_at <= ?),
        q AS (SELECT resident_id, name, tier, area_id, reason_on,
            coalesce(reason, CASE WHEN max(asked) = 0 THEN 'CALLED_OFF' END) AS reason,
            CASE WHEN max(asked) = 1 AND min(CASE WHEN asked = 0 OR met > 0 THEN 1 ELSE 0 END) = 1
                THEN 1 ELSE 0 END AS contacted,
            CASE WHEN max(asked) = 1 AND min(CASE WHEN asked = 0 OR met = 2 THEN 1 ELSE 0 END) = 1
                THEN 1 ELSE 0 END AS verified,
            CASE WHEN max(asked) = 1 AND min(CASE WHEN asked = 0 OR in_person = 1 THEN 1 ELSE 0 END) = 1
                THEN 1 ELSE 0 END AS in_person
        FROM t GROUP BY resident_id, name, tier, area_id, reason, reason_on)",
        met("CASE WHEN c.status = 'VERIFIED' THEN 2 ELSE 1 END"),
        met("CASE WHEN c.method = 'IN_PERSON' THEN 1 ELSE 0 END"),
    );
    let areas = || counting.areas.iter().map(|area| Value::from(*area));
    let window = [Value::from(from), to.into()];
    (text, areas().chain(areas()).chain(window).collect())
}
