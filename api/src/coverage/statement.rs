//! The statement behind both figures: who belongs to a month, and what became of them.
//!
//! It counts a city in one pass, and a part of it person by person. Of what has a beginning and an end (an enrolment, a stay, a household's place),
//! what still runs is taken as it is; only of what has ended is a later one looked for. How that is written
//! depends on how the database joins, see [`Db::joins_by_lookup`](crate::db::Db::joins_by_lookup).

use entity::enums::CoverageFigure;
use entity::household_place;
use sea_orm::{ActiveEnum as _, FromQueryResult, Value};
use uuid::Uuid;

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
    FROM {enrolments} e
    JOIN {stays} r ON r.resident_id = e.resident_id
    JOIN {places} w ON w.household_id = r.household_id
    LEFT JOIN (SELECT id, deceased_on FROM resident WHERE deceased_on IS NOT NULL) s ON s.id = e.resident_id
    LEFT JOIN (SELECT enrolment_id, max(from_on) AS from_on FROM care_pause
        WHERE from_on <= {day} AND (to_on IS NULL OR to_on > {day}) GROUP BY enrolment_id) z
        ON z.enrolment_id = e.id
    WHERE w.area_id IN (SELECT descendant_id FROM area_closure WHERE ancestor_id = {area}){tier}
    AND {scope:w})";

/// A report that somebody was seen or spoken to.
const IS_CONTACT: &str =
    "c.resident_id = p.resident_id AND c.status IN ('REPORTED', 'RETURNED', 'VERIFIED')
    AND c.outcome IN ('SEEN_WELL', 'NEEDS_HELP')";

/// A visit that a rule planned, due in the month and by now.
const IS_WINDOW: &str = "t.resident_id = p.resident_id AND t.origin = 'RULE'
    AND t.due_at > {from} AND t.due_at <= {to}";

/// The statement up to `q`, one row for each person, with its values in order.
pub(super) struct Text {
    sql: String,
    values: Vec<Value>,
}

impl Text {
    pub(super) async fn of(
        cx: &Cx,
        handle: &impl Handle,
        wanted: Wanted,
        shape: Shape,
    ) -> Result<Self> {
        let now = cx.app.clock.now();
        let (first, day) = (wanted.month.first, wanted.month.seen_on(now));
        let tree = cx.app.sessions.tree();
        let book = RuleBook::read(handle).await?;
        let counting = counting(&book, &tree, wanted.area, day);
        // Of a part of the city only what is there is looked up: sets would be read whole.
        let by_lookup = cx.app.db.joins_by_lookup() || !tree.covered_by(&[wanted.area]);
        let columns = match shape {
            Shape::Counted => "p.resident_id, p.area_id, p.reason",
            Shape::Named => "p.resident_id, p.area_id, p.reason, p.tier, p.reason_on",
        };
        let people = people(wanted, by_lookup);
        let (from, end) = wanted.month.instants();
        let (tallies, to) = match wanted.figure {
            CoverageFigure::Contact => (by_contact(columns, &counting, by_lookup), end),
            CoverageFigure::Plan => (by_plan(columns, &counting, by_lookup), Ord::min(end, now)),
        };
        let places = [
            ("{day}", day.into()),
            ("{first}", first.into()),
            ("{area}", wanted.area.into()),
            ("{from}", from.into()),
            ("{to}", to.into()),
        ];
        Ok(Self::bound(&(people + &tallies), &places, &counting.areas))
    }

    /// A text with its values: those of the named places, and `areas` for the `?` in it.
    fn bound(text: &str, places: &[(&str, Value)], areas: &[Uuid]) -> Self {
        let mut areas = areas.iter();
        let (mut sql, mut values) = (String::with_capacity(text.len()), Vec::new());
        let mut rest = text;
        loop {
            let named = places
                .iter()
                .filter_map(|(name, value)| Some((rest.find(name)?, name.len(), value.clone())));
            let area = || Some((rest.find('?')?, 1, Value::from(*areas.clone().next()?)));
            let Some((at, length, value)) = named.chain(area()).min_by_key(|place| place.0) else {
                break;
            };
            if rest[at..].starts_with('?') {
                areas.next();
            }
            sql.push_str(&rest[..at]);
            sql.push('?');
            values.push(value);
            rest = &rest[at + length..];
        }
        sql.push_str(rest);
        Self { sql, values }
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
        for value in self.values.into_iter().chain(values) {
            sql = sql.bind(value);
        }
        sql.rows(handle).await
    }
}

/// A table of what has a beginning and an end: of each person or household, the row that holds on `{day}`,
/// else the last that began before.
struct Lasting {
    table: &'static str,
    key: &'static str,
    columns: &'static str,
    /// What an ended row `o` must meet besides.
    ended: &'static str,
    /// What any row must meet, under the alias `o`, and a later one, under `l`.
    each: [String; 2],
}

impl Lasting {
    fn sql(&self, by_lookup: bool) -> String {
        let Self {
            table,
            key,
            columns,
            ended,
            each: [own, later],
        } = self;
        let begun = format!("SELECT {columns} FROM {table} o WHERE {own}o.from_on <= {{day}}");
        let last = format!(
            "{ended}NOT EXISTS (SELECT 1 FROM {table} l WHERE l.{key} = o.{key} AND {later}l.from_on <= {{day}}
                AND (l.from_on > o.from_on OR (l.from_on = o.from_on AND l.id > o.id)))"
        );
        let runs = "o.to_on IS NULL OR o.to_on > {day}";
        if by_lookup {
            format!("({begun} AND ({runs} OR ({last})))")
        } else {
            format!("({begun} AND ({runs}) UNION ALL {begun} AND o.to_on <= {{day}} AND {last})")
        }
    }
}

/// [`PEOPLE`], with places for its days and its area.
fn people(wanted: Wanted, by_lookup: bool) -> String {
    let circumstances = |alias: &str| match wanted.figure {
        CoverageFigure::Contact => format!("{alias}.circumstances <> 0 AND "),
        CoverageFigure::Plan => String::new(),
    };
    let enrolments = Lasting {
        table: "care_enrolment",
        key: "resident_id",
        columns: "o.id, o.resident_id, o.tier, o.to_on",
        ended: "o.to_on > {first} AND ",
        each: [
            circumstances("o"),
            circumstances("l") + "(l.to_on IS NULL OR l.to_on > {first}) AND ",
        ],
    };
    let stays = Lasting {
        table: "residence",
        key: "resident_id",
        columns: "o.resident_id, o.household_id",
        ended: "",
        each: Default::default(),
    };
    let places = Lasting {
        table: "household_place",
        key: "household_id",
        columns: "o.household_id, o.area_id",
        ended: "",
        each: Default::default(),
    };
    // A stored enum's own word.
    let tier = wanted
        .tier
        .map(|tier| format!(" AND e.tier = '{}'", tier.to_value()));
    PEOPLE
        .replace("{enrolments}", &enrolments.sql(by_lookup))
        .replace("{stays}", &stays.sql(by_lookup))
        .replace("{places}", &places.sql(by_lookup))
        .replace("{tier}", &tier.unwrap_or_default())
}

/// What a tally gets for visits `c`, of which there may be none, beside [`ASKED`].
fn seen() -> String {
    format!(
        "COALESCE(max(CASE WHEN c.resident_id IS NULL THEN 0 ELSE {CONTACTED} END)
            + max(CASE WHEN c.status = 'VERIFIED' THEN {VERIFIED} ELSE 0 END)
            + max(CASE WHEN c.method = 'IN_PERSON' THEN {IN_PERSON} ELSE 0 END), 0)"
    )
}

fn by_contact(columns: &str, counting: &Counting, by_lookup: bool) -> String {
    let contact = format!(
        "{IS_CONTACT} AND c.occurred_at >= {{from}} AND c.occurred_at < {{to}} AND {}",
        counting.sql
    );
    let seen = seen();
    if by_lookup {
        format!(
            ", q AS MATERIALIZED (SELECT {columns},
                CAST({ASKED} + (SELECT {seen} FROM visit_task c WHERE {contact}) AS bigint) AS tally FROM p)"
        )
    } else {
        format!(
            ", q AS (SELECT {columns}, CAST({ASKED} + {seen} AS bigint) AS tally
                FROM p LEFT JOIN visit_task c ON {contact} GROUP BY {columns})"
        )
    }
}

/// A window that was called off asks for nothing; of the others every one must be met.
fn by_plan(columns: &str, counting: &Counting, by_lookup: bool) -> String {
    let contact = format!(
        "{IS_CONTACT} AND c.occurred_at >= t.starts_at AND c.occurred_at < t.due_at
            AND c.occurred_at < {{to}} AND {}",
        counting.sql
    );
    let met =
        |seen: &str| format!("CASE WHEN t.status = 'CANCELLED' THEN 0 ELSE {ASKED} + {seen} END");
    let seen = seen();
    if by_lookup {
        let met = met(&format!(
            "(SELECT {seen} FROM visit_task c WHERE {contact})"
        ));
        format!(
            ", q AS MATERIALIZED (SELECT {columns},
                CAST((SELECT sum({met}) FROM visit_task t WHERE {IS_WINDOW}) AS bigint) AS tally FROM p)"
        )
    } else {
        format!(
            ", v AS (SELECT {columns}, {} AS met FROM p JOIN visit_task t ON {IS_WINDOW}
                LEFT JOIN visit_task c ON {contact} AND c.occurred_at >= (SELECT min(starts_at)
                    FROM visit_task WHERE origin = 'RULE' AND due_at > {{from}} AND due_at <= {{to}})
                GROUP BY {columns}, t.id, t.status),
            q AS (SELECT {columns}, CAST(sum(p.met) AS bigint) AS tally FROM v p GROUP BY {columns})",
            met(&seen)
        )
    }
}
