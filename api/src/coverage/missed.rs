//! Whom a month missed, by name, with what was tried last.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::enums::{AttemptReason, VisitMethod, VisitOutcome};
use entity::{visit_attempt, visit_task};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, FromQueryResult};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::people::{self, Person, Wanted};
use super::rules::Month;
use crate::access::policy::Permission;
use crate::access::protected::View;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::{Code, Error, Result};
use crate::paging::{Page, Rows};

const REASON: &str = "what was tried with the people whom the scope let through";

/// The order of the list: by id.
pub const ORDER: u8 = 1;

/// A place in the list.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Position(pub Uuid);

/// Somebody whom a month missed.
#[derive(Clone, Debug)]
pub struct Missed {
    /// Who.
    pub person: Person,
    /// What the reader may see of them.
    pub view: View,
    /// The last try that met nobody until the month's end: when, and why.
    pub attempt: Option<(DateTime<Utc>, AttemptReason)>,
    /// The last contact, whenever that was, whether it counts or not.
    pub contact: Option<(DateTime<Utc>, VisitMethod, VisitOutcome)>,
}

/// A page of them. Needs `COVERAGE_READ` at the area.
pub async fn missed(cx: &Cx, wanted: Wanted, page: &Page<Position>) -> Result<Rows<Missed>> {
    let actor = cx.actor()?;
    actor.require(Permission::CoverageRead)?;
    if !actor.may(Permission::CoverageRead, wanted.area) {
        return Err(Error::refused(Code::NotFound).on("areaId"));
    }
    let bounds = (page.after.map(|p| p.0), page.before.map(|p| p.0));
    let people = people::missed(cx, wanted, bounds, (page.backward, page.size + 1)).await?;
    let rows = Rows::new(people, page);
    let ids: Vec<Uuid> = rows.rows.iter().map(|person| person.resident_id).collect();
    let mut attempts = attempts(cx, &ids, wanted.month).await?;
    let mut contacts = contacts(cx, &ids).await?;
    Ok(rows.map(|person| Missed {
        view: View::of(actor, person.area_id, false),
        attempt: attempts.remove(&person.resident_id),
        contact: contacts.remove(&person.resident_id),
        person,
    }))
}

#[derive(FromQueryResult)]
struct Tried {
    resident_id: Uuid,
    occurred_at: DateTime<Utc>,
    reason: AttemptReason,
}

/// The last attempt of each of these people, whom the scope let through, until a month's end: what was
/// tried later says nothing of why the month missed them.
pub async fn attempts(
    cx: &Cx,
    people: &[Uuid],
    month: Month,
) -> Result<HashMap<Uuid, (DateTime<Utc>, AttemptReason)>> {
    use visit_attempt::Column as A;
    if people.is_empty() {
        return Ok(HashMap::new());
    }
    let (_, end) = month.instants();
    let select = Query::select()
        .column((visit_task::Entity, visit_task::Column::ResidentId))
        .column((visit_attempt::Entity, A::OccurredAt))
        .column((visit_attempt::Entity, A::Reason))
        .from(visit_attempt::Entity)
        .inner_join(
            visit_task::Entity,
            Expr::col((visit_task::Entity, visit_task::Column::Id))
                .equals((visit_attempt::Entity, A::VisitTaskId)),
        )
        .and_where(visit_task::Column::ResidentId.is_in(people.iter().copied()))
        .and_where(Expr::col((visit_attempt::Entity, A::OccurredAt)).lt(end))
        .order_by((visit_attempt::Entity, A::OccurredAt), Order::Asc)
        .to_owned();
    let mut last = HashMap::new();
    for row in cx.app.db.unscoped(REASON).query_all(&select).await? {
        let tried = Tried::from_query_result(&row, "")?;
        last.insert(tried.resident_id, (tried.occurred_at, tried.reason));
    }
    Ok(last)
}

#[derive(FromQueryResult)]
struct Met {
    resident_id: Uuid,
    occurred_at: DateTime<Utc>,
    method: VisitMethod,
    outcome: VisitOutcome,
}

/// The last report of each of these people, whom the scope let through.
pub async fn contacts(
    cx: &Cx,
    people: &[Uuid],
) -> Result<HashMap<Uuid, (DateTime<Utc>, VisitMethod, VisitOutcome)>> {
    use visit_task::Column as C;
    if people.is_empty() {
        return Ok(HashMap::new());
    }
    let select = Query::select()
        .columns([C::ResidentId, C::OccurredAt, C::Method, C::Outcome])
        .from(visit_task::Entity)
        .and_where(C::ResidentId.is_in(people.iter().copied()))
        .and_where(C::OccurredAt.is_not_null())
        .order_by(C::OccurredAt, Order::Asc)
        .to_owned();
    let mut last = HashMap::new();
    for row in cx.app.db.unscoped(REASON).query_all(&select).await? {
        let met = Met::from_query_result(&row, "")?;
        last.insert(met.resident_id, (met.occurred_at, met.method, met.outcome));
    }
    Ok(last)
}
