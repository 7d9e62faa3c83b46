//! The open tasks of my grids, the first 20 by due date, each with its door and who lives there.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use entity::enums::Gender;
use nuanlin::clock::SHANGHAI;
use nuanlin::ids::{self, Id};
use nuanlin::residents::rules::{age, age_band, salutation};
use serde::Serialize;
use uuid::Uuid;

use super::{Desk, Failure, audit_read};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Task {
    id: String,
    kind: String,
    status: String,
    due_at: String,
    priority: i32,
    area: String,
    unit: Option<String>,
    room: Option<String>,
    residents: Vec<Resident>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Resident {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    born_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    salutation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    age_band: Option<String>,
}

const SQL: &str =
    "SELECT t.id, t.kind, t.status, t.due_at, t.priority, a.name, h.id, h.unit, h.room,
        r.id, r.name, r.gender, r.born_on
    FROM (SELECT of_grid.* FROM unnest($1::uuid[]) AS grid
        CROSS JOIN LATERAL (SELECT id, kind, status, due_at, priority, area_id, household_id FROM visit_task
            WHERE status = 'OPEN' AND batch_id IS NULL AND grid_id = grid ORDER BY due_at, id LIMIT 21) of_grid
        ORDER BY due_at, id LIMIT 21) t
    JOIN area a ON a.id = t.area_id
    JOIN household h ON h.id = t.household_id
    LEFT JOIN resident r ON r.household_id = h.id AND r.deceased_on IS NULL
    ORDER BY t.due_at, t.id, r.id";

pub(super) async fn open_tasks(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Failure> {
    let caller = desk.caller(&headers)?;
    let client = desk.connection().await?;
    let statement = client.prepare_cached(SQL).await?;
    let rows = client.query(&statement, &[&caller.areas]).await?;
    let today = desk.clock.today(SHANGHAI);
    let mut tasks: Vec<(Uuid, Task)> = Vec::with_capacity(21);
    let mut opened = BTreeSet::new();
    for row in rows {
        let id: Uuid = row.get(0);
        if tasks.last().is_none_or(|(last, _)| *last != id) {
            let due_at: DateTime<Utc> = row.get(3);
            tasks.push((
                id,
                Task {
                    id: Id::<ids::VisitTask>::new(id).to_string(),
                    kind: row.get(1),
                    status: row.get(2),
                    due_at: due_at.to_rfc3339_opts(SecondsFormat::Millis, true),
                    priority: row.get(4),
                    area: row.get(5),
                    unit: caller.is_staff.then(|| row.get(7)),
                    room: caller.is_staff.then(|| row.get(8)),
                    residents: Vec::new(),
                },
            ));
            opened.insert(("Household", row.get::<_, Uuid>(6)));
        }
        let (Some((_, task)), Some(resident)) = (tasks.last_mut(), row.get::<_, Option<Uuid>>(9))
        else {
            continue;
        };
        let name: String = row.get(10);
        let born_on: Option<NaiveDate> = row.get(12);
        let id = Id::<ids::Resident>::new(resident).to_string();
        task.residents.push(if caller.is_staff {
            opened.insert(("Resident", resident));
            Resident {
                id,
                name: Some(name),
                born_on,
                salutation: None,
                age_band: None,
            }
        } else {
            let years = born_on.map(|born_on| age(born_on, today));
            let gender = match row.get(11) {
                "FEMALE" => Gender::Female,
                "MALE" => Gender::Male,
                _ => Gender::Unknown,
            };
            Resident {
                id,
                name: None,
                born_on: None,
                salutation: Some(salutation(&name, gender, years)),
                age_band: years.map(age_band),
            }
        });
    }
    if caller.is_staff {
        let by = (caller.account, "read:openTasks");
        audit_read(&client, &desk.clock, by, opened).await?;
    }
    let has_next = tasks.len() > 20;
    let nodes: Vec<&Task> = tasks.iter().take(20).map(|(_, task)| task).collect();
    let body = serde_json::to_vec(&(nodes, has_next)).unwrap_or_default();
    Ok(([(CONTENT_TYPE, "application/json")], body))
}
