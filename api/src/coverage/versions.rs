//! The closed versions of a month, and what each says differently from the one before.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::enums::{CoverageFigure, CoverageOutcome};
use entity::{account, coverage_month, coverage_person};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;
use uuid::Uuid;

use super::authors::{Span, authors};
use super::close::{REASON, kept, said, versions};
use super::rules::{Alike, Fact, Figure, Month};
use super::service::Figures;
use crate::access::policy::Permission;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::Result;

/// How many changes a version tells of.
pub const MOST_CHANGES: usize = 500;

/// A closed month.
#[derive(Clone, Debug)]
pub struct Closed {
    /// The version.
    pub row: coverage_month::Model,
    /// The name of who closed it.
    pub closer: String,
    /// The figures as they stood.
    pub figures: Figures,
    /// What it changed against the version before, at most [`MOST_CHANGES`].
    pub changes: Vec<Change>,
}

/// Somebody of whom a version says something else than the one before.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// Who.
    pub resident: Uuid,
    /// Their name then.
    pub name: String,
    /// Where they belong.
    pub area: Uuid,
    /// In which figure.
    pub figure: CoverageFigure,
    /// What the version before said; none where it did not know them.
    pub before: Option<CoverageOutcome>,
    /// What this version says; none where it no longer counts them.
    pub after: Option<CoverageOutcome>,
    /// Of what the two say something else.
    pub differs_in: Vec<Fact>,
    /// The names of those who did something about the person since the version before.
    pub authors: Vec<String>,
}

/// The closed versions of a month, the oldest first, with what each changed. Needs `COVERAGE_READ`.
pub async fn closed(cx: &Cx, area: Uuid, month: Month) -> Result<Vec<Closed>> {
    cx.actor()?.require(Permission::CoverageRead)?;
    let months = versions(cx, &cx.app.db, area, month).await?;
    let ids: Vec<Uuid> = months.iter().map(|month| month.id).collect();
    let mut people: HashMap<Uuid, Vec<coverage_person::Model>> = HashMap::new();
    for person in kept(&cx.app.db, &ids).await? {
        let of = people.entry(person.coverage_month_id).or_default();
        of.push(person);
    }
    let closers: Vec<Uuid> = months.iter().map(|month| month.closed_by).collect();
    let names: HashMap<Uuid, String> = account::Entity::find()
        .filter(account::Column::Id.is_in(closers))
        .all(&cx.app.db.unscoped(REASON))
        .await?
        .into_iter()
        .map(|account| (account.id, account.name))
        .collect();
    let mut closed: Vec<Closed> = Vec::with_capacity(months.len());
    let mut before: Vec<coverage_person::Model> = Vec::new();
    for row in months {
        let now = people.remove(&row.id).unwrap_or_default();
        let changes = match closed.last() {
            Some(_) => differences(&before, &now),
            None => Vec::new(),
        };
        closed.push(Closed {
            closer: names.get(&row.closed_by).cloned().unwrap_or_default(),
            figures: figures(&now),
            changes,
            row,
        });
        before = now;
    }
    name_authors(cx, &mut closed).await?;
    Ok(closed)
}

fn figures(people: &[coverage_person::Model]) -> Figures {
    let mut figures = Figures::default();
    for person in people {
        let figure: &mut Figure = match person.figure {
            CoverageFigure::Contact => &mut figures.contact,
            CoverageFigure::Plan => &mut figures.plan,
        };
        figure.add(Alike {
            outcome: person.outcome,
            reason: person.reason,
            verified: person.verified,
            in_person: person.in_person,
            people: 1,
        });
    }
    figures
}

fn differences(before: &[coverage_person::Model], after: &[coverage_person::Model]) -> Vec<Change> {
    let by_key = |rows: &[coverage_person::Model]| -> BTreeMap<_, coverage_person::Model> {
        let keyed = rows.iter().cloned();
        keyed
            .map(|row| ((row.figure, row.resident_id), row))
            .collect()
    };
    let (before, after) = (by_key(before), by_key(after));
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
    let mut changes = Vec::new();
    for key in keys {
        let (old, new) = (before.get(&key), after.get(&key));
        if old.map(said) == new.map(said) {
            continue;
        }
        if let Some(row) = new.or(old) {
            changes.push(Change {
                resident: row.resident_id,
                name: row.name.clone(),
                area: row.area_id,
                figure: row.figure,
                before: old.map(|row| row.outcome),
                after: new.map(|row| row.outcome),
                differs_in: facts(old, new),
                authors: Vec::new(),
            });
        }
    }
    changes.truncate(MOST_CHANGES);
    changes
}

/// Of what two versions say something else; of the outcome alone where one does not count the person.
fn facts(old: Option<&coverage_person::Model>, new: Option<&coverage_person::Model>) -> Vec<Fact> {
    let (Some(old), Some(new)) = (old, new) else {
        return vec![Fact::Outcome];
    };
    let facts = [
        (Fact::Outcome, old.outcome != new.outcome),
        (Fact::Reason, old.reason != new.reason),
        (Fact::Verified, old.verified != new.verified),
        (Fact::InPerson, old.in_person != new.in_person),
        (Fact::Place, old.area_id != new.area_id),
    ];
    let differing = facts.into_iter().filter(|(_, differs)| *differs);
    differing.map(|(fact, _)| fact).collect()
}

/// Names who did something about each person between a closing and the one before.
async fn name_authors(cx: &Cx, closed: &mut [Closed]) -> Result<()> {
    let (Some(first), Some(last)) = (closed.first(), closed.last()) else {
        return Ok(());
    };
    let changes = closed.iter().flat_map(|version| &version.changes);
    let people: BTreeSet<Uuid> = changes.map(|change| change.resident).collect();
    let people: Vec<Uuid> = people.into_iter().collect();
    let span = Span {
        people: &people,
        since: first.row.closed_at,
        until: last.row.closed_at,
    };
    let authors = authors(cx, span).await?;
    let mut since = span.since;
    for version in closed {
        let until = version.row.closed_at;
        for change in &mut version.changes {
            let acts = authors.get(&change.resident).into_iter().flatten();
            let acts = acts.filter(|(at, _)| *at > since && *at <= until);
            let names: BTreeSet<&String> = acts.map(|(_, name)| name).collect();
            change.authors = names.into_iter().cloned().collect();
        }
        since = until;
    }
    Ok(())
}
