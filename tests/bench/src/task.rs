//! One task with its household, its people's phones, what was reported and the household's last visit.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use nuanlin::access::protected::{Protected, View};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Desk, Failure, audit_read};

/// The database puts the answer together; only what is sealed is opened here.
const SQL: &str = "SELECT t.household_id, json_build_object('id', t.id, 'kind', t.kind, 'status', t.status,
        'dueAt', t.due_at, 'unit', h.unit, 'room', h.room,
        'residents', (SELECT json_agg(json_build_object('id', r.id, 'name', r.name, 'bornOn', r.born_on,
            'phone', r.phone_sealed) ORDER BY r.id) FROM resident r
            WHERE r.household_id = h.id AND r.deceased_on IS NULL),
        'reports', (SELECT json_agg(json_build_object('outcome', p.outcome, 'notes', p.notes_sealed)
            ORDER BY p.revision) FROM visit_report p WHERE p.visit_task_id = t.id),
        'attempts', (SELECT json_agg(json_build_object('occurredAt', e.occurred_at) ORDER BY e.occurred_at)
            FROM visit_attempt e WHERE e.visit_task_id = t.id),
        'lastVisit', (SELECT json_build_object('kind', l.kind, 'occurredAt', l.occurred_at, 'method', l.method)
            FROM visit_task l WHERE l.household_id = h.id AND l.reported_at IS NOT NULL
            ORDER BY l.reported_at DESC LIMIT 1))
    FROM visit_task t JOIN household h ON h.id = t.household_id
    WHERE t.id = $1 AND t.grid_id = ANY($2)";

pub(super) async fn task(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<impl IntoResponse, Failure> {
    let caller = desk.caller(&headers)?;
    let client = desk.connection().await?;
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_opt(&statement, &[&id, &caller.areas]).await?;
    let row = row.ok_or(Failure(StatusCode::NOT_FOUND))?;
    let mut task: Value = row.get(1);
    let view = View::Staff { id_number: false };
    let open = |sealed: &Value, phone: bool| -> Result<Value, Failure> {
        let opened = if phone {
            view.phone(&desk.keys, sealed.as_str())?
        } else {
            view.visit_notes(&desk.keys, sealed.as_str())?
        };
        Ok(match opened {
            Protected::Full(Some(value)) => json!(value),
            _ => Value::Null,
        })
    };
    let mut opened = BTreeSet::from([("Household", row.get::<_, Uuid>(0))]);
    for resident in task["residents"].as_array_mut().into_iter().flatten() {
        resident["phone"] = open(&resident["phone"], true)?;
        if let Some(id) = resident["id"].as_str().and_then(|id| id.parse().ok()) {
            opened.insert(("Resident", id));
        }
    }
    for report in task["reports"].as_array_mut().into_iter().flatten() {
        report["notes"] = open(&report["notes"], false)?;
    }
    let by = (caller.account, "read:task");
    audit_read(&client, &desk.clock, by, opened).await?;
    Ok(([(CONTENT_TYPE, "application/json")], task.to_string()))
}
