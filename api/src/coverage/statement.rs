//! The statement behind both figures: who belongs to a month, and what became of them.
//!
//! It joins whole sets, so that a city is counted in one pass: intervals that still run are most of them and
//! are taken as they are; only among those that have ended is the last one looked for.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::CoverageFigure;
use entity::household_place;
use sea_orm::{ActiveEnum as _, FromQueryResult, Value};

use super::counting::{Counting, counting};
use super::people::Wanted;
use crate::access::policy::Permission;
use crate::access::scope::ScopedSql;
use crate::care_plans::book::RuleBook;
use crate::context::Cx;
use crate::db::Handle;
use crate::error::Result;

/// The month, or a window in it that was not called off, asks for a contact.
pub(super) const ASKED: i64 = 1 << 30;
/// Somebody was there.
pub(super) const IN_PERSON: i64 = 1 << 20;
/// The contact is verified.
pub(super) const VERIFIED: i64 = 1 << 10;
/// Somebody was seen or spoken to.
pub(super) const CONTACTED: i64 = 1;
/// How often each of them fits into a tally; a month has fewer windows for one person.
pub(super) const TIMES: i64 = 1 << 10;

/// What is told of each person beside their tally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Enough to count them by building.
    Counted,
    /// Who they are, too.
    Named,
}

/// Who belongs to the month: the last of their enrolments that touches it, where they lived on the day
/// on which it is looked at, and what may excuse that they were not contacted. `{day}` is that day, `{first}`
/// the month's first.
const PEOPLE: &str = "WITH p AS (
    SELECT e.resident_id, e.tier, w.area_id,
        CASE WHEN s.deceased_on <= {day} THEN 'DECEASED' WHEN e.to_on <= {day} THEN 'ENDED'
            WHEN z.from_on IS NOT NULL THEN 'PAUSED' END AS reason,
        CASE WHEN s.deceased_on <= {day} THEN s.deceased_on WHEN e.to_on <= {day} THEN e.to_on
            ELSE z.from_on END AS reason_on
    FROM (SELECT o.id, o.resident_id, o.tier, o.to_on FROM care_enrolment o
            WHERE {circumstances:o} o.from_on <= {day} AND (o.to_on IS NULL OR o.to_on > {day})
            AND (o.to_on IS NULL OR o.to_on > {first})
        UNION ALL SELECT o.id, o.resident_id, o.tier, o.to_on FROM care_enrolment o
            WHERE {circumstances:o} o.from_on <= {day} AND o.to_on <= {day} AND o.to_on > {first}
            AND NOT EXISTS (SELECT 1 FROM care_enrolment l
                WHERE l.resident_id = o.resident_id AND {circumstances:l} l.from_on <= {day}
                AND (l.to_on IS NULL OR l.to_on > {first})
                AND (l.from_on > o.from_on OR (l.from_on = o.from_on AND l.id > o.id)))) e
    JOIN (SELECT o.resident_id, o.household_id FROM residence o
            WHERE o.from_on <= {day} AND (o.to_on IS NULL OR o.to_on > {day})
        UNION ALL SELECT o.resident_id, o.household_id FROM residence o
            WHERE o.from_on <= {day} AND o.to_on <= {day}
            AND NOT EXISTS (SELECT 1 FROM residence l WHERE l.resident_id = o.resident_id AND l.from_on <= {day}
                AND (l.from_on > o.from_on OR (l.from_on = o.from_on AND l.id > o.id)))) r
        ON r.resident_id = e.resident_id
    JOIN (SELECT o.household_id, o.area_id FROM household_place o
            WHERE o.from_on <= {day} AND (o.to_on IS NULL OR o.to_on > {day})
        UNION ALL SELECT o.household_id, o.area_id FROM household_place o
            WHERE o.from_on <= {day} AND o.to_on <= {day}
            AND NOT EXISTS (SELECT 1 FROM household_place l WHERE l.household_id = o.household_id AND l.from_on <= {day}
                AND (l.from_on > o.from_on OR (l.from_on = o.from_on AND l.id > o.id)))) w
        ON w.household_id = r.household_id
    LEFT JOIN (SELECT id, deceased_on FROM resident WHERE deceased_on IS NOT NULL) s ON s.id = e.resident_id
    LEFT JOIN (SELECT enrolment_id, max(from_on) AS from_on FROM care_pause
        WHERE from_on <= {day} AND (to_on IS NULL OR to_on > {day}) GROUP BY enrolment_id) z
        ON z.enrolment_id = e.id
    WHERE w.area_id IN (SELECT descendant_id FROM area_closure WHERE ancestor_id = {area}){tier}
    AND {scope:w})";

/// A report that somebody was seen or spoken to.
const IS_CONTACT: &str = "c.status IN ('REPORTED', 'RETURNED', 'VERIFIED')
    AND c.outcome IN ('SEEN_WELL', 'NEEDS_HELP')";

/// The statement up to `q`, one row for each person, with its values in order. The scope stands
/// between the two halves' values.
pub(super) struct Text {
    sql: String,
    before_scope: Vec<Value>,
    after_scope: Vec<Value>,
}

impl Text {
    pub(super) async fn of(
        cx: &Cx,
        handle: &impl Handle,
        wanted: Wanted,
        shape: Shape,
    ) -> Result<Self> {
        let now = cx.app.clock.now();
        let (first, seen_on) = (wanted.month.first, wanted.month.seen_on(now));
        let tree = cx.app.sessions.tree();
        let book = RuleBook::read(handle).await?;
        let counting = counting(&book, &tree, wanted.area, seen_on);
        let (people, before_scope) = people(wanted, (first, seen_on));
        let (from, to) = wanted.month.instants();
        let columns = match shape {
            Shape::Counted => &["resident_id", "area_id", "reason"][..],
            Shape::Named => &["resident_id", "area_id", "reason", "tier", "reason_on"],
        };
        let (figure, after_scope) = match wanted.figure {
            CoverageFigure::Contact => by_contact(columns, &counting, (from, to)),
            CoverageFigure::Plan => by_plan(columns, &counting, (from, Ord::min(to, now))),
        };
        Ok(Self {
            sql: people + &figure,
            before_scope,
            after_scope,
        })
    }

    pub(super) async fn rows<R: FromQueryResult>(
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

/// [`PEOPLE`] with `?` for its days and its area, and what they are bound to.
fn people(wanted: Wanted, (first, seen_on): (NaiveDate, NaiveDate)) -> (String, Vec<Value>) {
    let with_circumstances = wanted.figure == CoverageFigure::Contact;
    let circumstances = |alias: &str| {
        if with_circumstances {
            format!("{alias}.circumstances <> 0 AND")
        } else {
            String::new()
        }
    };
    let tier = wanted.tier.map(|tier| tier.to_value());
    let text = PEOPLE
        .replace("{circumstances:o}", &circumstances("o"))
        .replace("{circumstances:l}", &circumstances("l"))
        // A stored enum's own word.
        .replace(
            "{tier}",
            &tier.map_or(String::new(), |tier| format!(" AND e.tier = '{tier}'")),
        );
    let (mut sql, mut values) = (String::with_capacity(text.len()), Vec::new());
    let mut rest = text.as_str();
    let places: [(&str, Value); 3] = [
        ("{day}", seen_on.into()),
        ("{first}", first.into()),
        ("{area}", wanted.area.into()),
    ];
    while let Some((at, (place, value))) = places
        .iter()
        .filter_map(|place| Some((rest.find(place.0)?, place)))
        .min_by_key(|(at, _)| *at)
    {
        sql.push_str(&rest[..at]);
        sql.push('?');
        values.push(value.clone());
        rest = &rest[at + place.len()..];
    }
    sql.push_str(rest);
    (sql, values)
}

/// What a tally gets for the visits `c` that a person is joined with, beside [`ASKED`].
fn seen() -> String {
    format!(
        "max(CASE WHEN c.id IS NULL THEN 0 ELSE {CONTACTED} END)
            + max(CASE WHEN c.status = 'VERIFIED' THEN {VERIFIED} ELSE 0 END)
            + max(CASE WHEN c.method = 'IN_PERSON' THEN {IN_PERSON} ELSE 0 END)"
    )
}

/// The columns of a table, as a list.
fn listed(columns: &[&str], table: &str) -> String {
    let columns: Vec<String> = columns
        .iter()
        .map(|name| format!("{table}.{name}"))
        .collect();
    columns.join(", ")
}

fn by_contact(
    columns: &[&str],
    counting: &Counting,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> (String, Vec<Value>) {
    let own = listed(columns, "p");
    let text = format!(
        ", q AS (SELECT {own}, CAST({ASKED} + {} AS bigint) AS tally
            FROM p LEFT JOIN visit_task c ON c.resident_id = p.resident_id
            AND c.occurred_at >= ? AND c.occurred_at < ? AND {IS_CONTACT} AND {}
            GROUP BY {own})",
        seen(),
        counting.sql
    );
    let areas = counting.areas.iter().map(|area| Value::from(*area));
    let values = [from.into(), to.into()].into_iter().chain(areas).collect();
    (text, values)
}

/// A window that was called off asks for nothing; of the others every one must be met.
fn by_plan(
    columns: &[&str],
    counting: &Counting,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> (String, Vec<Value>) {
    let own = listed(columns, "p");
    let windows = listed(columns, "v");
    let text = format!(
        ", v AS (SELECT {own}, CASE WHEN t.status = 'CANCELLED' THEN 0 ELSE {ASKED} + {} END AS met
            FROM p JOIN visit_task t ON t.resident_id = p.resident_id AND t.origin = 'RULE'
            AND t.due_at > ? AND t.due_at <= ?
            LEFT JOIN visit_task c ON c.resident_id = p.resident_id
            AND c.occurred_at >= t.starts_at AND c.occurred_at < t.due_at
            AND c.occurred_at < ? AND c.occurred_at >= (SELECT min(starts_at) FROM visit_task
                WHERE origin = 'RULE' AND due_at > ? AND due_at <= ?)
            AND {IS_CONTACT} AND {}
            GROUP BY {own}, t.id, t.status),
        q AS (SELECT {windows}, CAST(sum(v.met) AS bigint) AS tally FROM v GROUP BY {windows})",
        seen(),
        counting.sql
    );
    let (from, to) = (Value::from(from), Value::from(to));
    let bounds = [from.clone(), to.clone(), to.clone(), from, to];
    let areas = counting.areas.iter().map(|area| Value::from(*area));
    (text, bounds.into_iter().chain(areas).collect())
}
