//! The closed versions of a month, and what each says differently from the one before.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::enums::{CoverageFigure, CoverageOutcome};
use entity::{account, audit_entry, care_enrolment, coverage_month, coverage_person, visit_task};
use sea_orm::prelude::DateTimeUtc;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, IntoIden as _, Query, SelectStatement};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, Iden as _,
    QueryFilter as _,
};
use serde::Serialize;
use uuid::Uuid;

use super::close::{REASON, kept, versions};
use super::rules::{Alike, Figure, Month};
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
            Some(last) => {
                let since = (last.row.closed_at, row.closed_at);
                with_authors(cx, differences(&before, &now), since).await?
            }
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
        let said = |row: &coverage_person::Model| (row.outcome, row.verified, row.in_person);
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
                authors: Vec::new(),
            });
        }
    }
    changes.truncate(MOST_CHANGES);
    changes
}

#[derive(FromQueryResult)]
struct Author {
    resident_id: Uuid,
    name: String,
}

/// Names who did something about each person between two closings, as the audit has it.
async fn with_authors(
    cx: &Cx,
    mut changes: Vec<Change>,
    (since, until): (DateTimeUtc, DateTimeUtc),
) -> Result<Vec<Change>> {
    use audit_entry::Column as A;
    let people: Vec<Uuid> = changes.iter().map(|change| change.resident).collect();
    if people.is_empty() {
        return Ok(changes);
    }
    let about = |resident: Expr| {
        let mut select = Query::select();
        select
            .distinct()
            .expr_as(resident, "resident_id")
            .column((account::Entity, account::Column::Name))
            .from(audit_entry::Entity)
            .inner_join(
                account::Entity,
                Expr::col((account::Entity, account::Column::Id))
                    .equals((audit_entry::Entity, A::ActorId)),
            )
            .and_where(Expr::col((audit_entry::Entity, A::At)).gt(since))
            .and_where(Expr::col((audit_entry::Entity, A::At)).lte(until))
            .and_where(Expr::col((audit_entry::Entity, A::Action)).not_like("read:%"));
        select
    };
    let subject = || Expr::col((audit_entry::Entity, A::SubjectId));
    let mut statements: Vec<SelectStatement> = Vec::new();
    for (table, id, resident) in [
        (
            visit_task::Entity.into_iden(),
            visit_task::Column::Id.to_string(),
            visit_task::Column::ResidentId.to_string(),
        ),
        (
            care_enrolment::Entity.into_iden(),
            care_enrolment::Column::Id.to_string(),
            care_enrolment::Column::ResidentId.to_string(),
        ),
    ] {
        let column = |name: &str| Expr::col((table.clone(), Alias::new(name)));
        let mut select = about(column(&resident));
        select
            .inner_join(table.clone(), column(&id).eq(subject()))
            .and_where(column(&resident).is_in(people.iter().copied()));
        statements.push(select);
    }
    let mut own = about(subject());
    own.and_where(subject().is_in(people.iter().copied()));
    statements.push(own);
    let mut authors: HashMap<Uuid, BTreeSet<String>> = HashMap::new();
    for statement in statements {
        for row in cx.app.db.unscoped(REASON).query_all(&statement).await? {
            let author = Author::from_query_result(&row, "")?;
            authors
                .entry(author.resident_id)
                .or_default()
                .insert(author.name);
        }
    }
    for change in &mut changes {
        let names = authors.get(&change.resident);
        change.authors = names.into_iter().flatten().cloned().collect();
    }
    Ok(changes)
}
