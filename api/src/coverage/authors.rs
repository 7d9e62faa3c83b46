//! Who did something about people between two closings of a month.
//!
//! The audit names who acted on a person, their household, enrolment, visits or findings. One entry may
//! stand for many people (a round of calls), so whoever filed a report or an attempt is asked for too. Who recorded a
//! death is not named.

use std::collections::HashMap;

use entity::{
    account, audit_entry, care_enrolment, finding, resident, visit_attempt, visit_report,
    visit_task,
};
use sea_orm::prelude::DateTimeUtc;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, IntoIden as _, Query, SelectStatement};
use sea_orm::{ConnectionTrait as _, FromQueryResult, Iden};
use uuid::Uuid;

use super::close::REASON;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::Result;

/// What is also written on somebody by ways that leave no entry about them: were those named who do it here, an empty
/// list would tell of the other way.
const UNTOLD: [&str; 2] = ["recordDeath", "updateResident"];

/// The people asked for, and the time: after the first instant, until the second.
#[derive(Clone, Copy)]
pub(super) struct Span<'a> {
    pub people: &'a [Uuid],
    pub since: DateTimeUtc,
    pub until: DateTimeUtc,
}

#[derive(FromQueryResult)]
struct Author {
    resident_id: Uuid,
    name: String,
    at: DateTimeUtc,
}

/// When somebody did something about each of these people, and their names.
pub(super) async fn authors(
    cx: &Cx,
    span: Span<'_>,
) -> Result<HashMap<Uuid, Vec<(DateTimeUtc, String)>>> {
    use audit_entry::Column as A;
    let mut authors: HashMap<Uuid, Vec<(DateTimeUtc, String)>> = HashMap::new();
    if span.people.is_empty() {
        return Ok(authors);
    }
    let subject = || Expr::col((audit_entry::Entity, A::SubjectId));
    let mut own = span.audited(subject());
    own.and_where(subject().is_in(span.people.iter().copied()));
    let statements = [
        own,
        span.acted_on(visit_task::Entity, "id", "resident_id"),
        span.acted_on(care_enrolment::Entity, "id", "resident_id"),
        span.acted_on(finding::Entity, "id", "resident_id"),
        span.acted_on(resident::Entity, "household_id", "id"),
        span.filed(visit_report::Entity),
        span.filed(visit_attempt::Entity),
    ];
    for statement in statements {
        for row in cx.app.db.unscoped(REASON).query_all(&statement).await? {
            let author = Author::from_query_result(&row, "")?;
            authors
                .entry(author.resident_id)
                .or_default()
                .push((author.at, author.name));
        }
    }
    Ok(authors)
}

impl Span<'_> {
    /// Who acted, by the audit; `resident` is whom an entry is about.
    fn audited(self, resident: Expr) -> SelectStatement {
        use audit_entry::Column as A;
        let entry = |column: A| Expr::col((audit_entry::Entity, column));
        let mut select = named(resident, entry(A::At));
        select
            .from(audit_entry::Entity)
            .inner_join(account::Entity, is_account(entry(A::ActorId)))
            .and_where(entry(A::At).gt(self.since))
            .and_where(entry(A::At).lte(self.until))
            .and_where(entry(A::Action).not_like("read:%"))
            .and_where(entry(A::Action).is_not_in(UNTOLD));
        select
    }

    /// Who acted on a row of `table`, whose `id` is the entry's subject and `resident` the person.
    fn acted_on(self, table: impl Iden, id: &str, resident: &str) -> SelectStatement {
        let table = table.into_iden();
        let column = |name: &str| Expr::col((table.clone(), Alias::new(name)));
        let subject = Expr::col((audit_entry::Entity, audit_entry::Column::SubjectId));
        let mut select = self.audited(column(resident));
        select
            .inner_join(table.clone(), column(id).eq(subject))
            .and_where(column(resident).is_in(self.people.iter().copied()));
        select
    }

    /// Who filed a row of `table` on a visit to a person.
    fn filed(self, table: impl Iden) -> SelectStatement {
        use visit_task::Column as V;
        let table = table.into_iden();
        let column = |name: &str| Expr::col((table.clone(), Alias::new(name)));
        let task = |column: V| Expr::col((visit_task::Entity, column));
        let mut select = named(task(V::ResidentId), column("recorded_at"));
        select
            .from(table.clone())
            .inner_join(account::Entity, is_account(column("account_id")))
            .inner_join(visit_task::Entity, task(V::Id).eq(column("visit_task_id")))
            .and_where(column("recorded_at").gt(self.since))
            .and_where(column("recorded_at").lte(self.until))
            .and_where(task(V::ResidentId).is_in(self.people.iter().copied()));
        select
    }
}

/// Begins an [`Author`].
fn named(resident: Expr, at: Expr) -> SelectStatement {
    let mut select = Query::select();
    select
        .distinct()
        .expr_as(resident, "resident_id")
        .expr_as(at, "at")
        .column((account::Entity, account::Column::Name));
    select
}

fn is_account(id: Expr) -> Expr {
    Expr::col((account::Entity, account::Column::Id)).eq(id)
}
