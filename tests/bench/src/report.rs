//! Reporting a claimed task: the conditional update, the report's row, audit, change and idempotency rows, in one
//! statement. For a city without verification rules and alarms: where there are any, it refuses.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use nuanlin::access::sealed::{Field, seal};
use serde_json::json;
use uuid::Uuid;

use super::claim::key_of;
use super::{Desk, Failure};

const SQL: &str = "WITH key AS (INSERT INTO idempotency_key (account_id, key, mutation, input_hash, outcome, created_at)
        VALUES ($1, $2, 'reportVisitTask', $3, $4, $5) ON CONFLICT DO NOTHING RETURNING 1),
    moved AS (UPDATE visit_task SET status = 'REPORTED', version = version + 1, updated_at = $5, reported_by = $1,
            reported_at = $5, occurred_at = $5, outcome = 'SEEN_WELL', method = 'IN_PERSON',
            started_at = CASE WHEN started_at < $5 THEN started_at ELSE $5 END, arrival = 'UNKNOWN',
            occasion = CASE WHEN origin IN ('RULE', 'REVIEW') AND starts_at >= date_trunc('day', $5, 'Asia/Shanghai') +
                interval '1 day' THEN NULL ELSE occasion END
        WHERE id = $6 AND status IN ('CLAIMED', 'STARTED', 'RETURNED') AND claimed_by = $1
            AND EXISTS (SELECT 1 FROM key)
            AND NOT EXISTS (SELECT 1 FROM alarm WHERE visit_task_id = visit_task.id)
            AND NOT EXISTS (SELECT 1 FROM verification_rule WHERE kind = visit_task.kind)
        RETURNING id, area_id, version, started_at),
    told AS (INSERT INTO visit_report (id, visit_task_id, revision, account_id, outcome, method, notes_sealed, started_at,
            occurred_at, recorded_at, arrival)
        SELECT $7, id, 1 + (SELECT COUNT(*) FROM visit_report WHERE visit_task_id = moved.id), $1, 'SEEN_WELL', 'IN_PERSON',
            $8, started_at, $5, $5, 'UNKNOWN' FROM moved),
    entry AS (INSERT INTO audit_entry (id, at, actor_id, action, subject_kind, subject_id, area_id, request_id, fields)
        SELECT $9, $5, $1, 'reportVisitTask', 'VisitTask', id, area_id, $10, 'status' FROM moved),
    announced AS (INSERT INTO change (kind, object_id, area_before, area_after, op, at)
        SELECT 'VISIT_TASK', id, area_id, area_id, 'UPSERT', $5 FROM moved)
    SELECT id, version FROM moved";

/// What everybody reports.
const NOTES: &str = "精神好";

pub(super) async fn report(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<impl IntoResponse, Failure> {
    let caller = desk.caller(&headers)?;
    let key = key_of(&headers)?;
    let client = desk.connection().await?;
    let statement = client.prepare_cached(SQL).await?;
    let (report, entry) = (desk.clock.new_id(), desk.clock.new_id());
    let request = desk.clock.new_id().to_string();
    let outcome = json!({"ids": [id]}).to_string();
    let (hash, now) = ("0".repeat(64), desk.clock.now());
    let notes = seal(&desk.keys, Field::VisitNotes, NOTES)?;
    let moved = client
        .query_opt(
            &statement,
            &[
                &caller.account,
                &key,
                &hash,
                &outcome,
                &now,
                &id,
                &report,
                &notes,
                &entry,
                &request,
            ],
        )
        .await?;
    let moved = moved.ok_or(Failure(StatusCode::CONFLICT))?;
    let body =
        json!({"id": id, "status": "REPORTED", "version": moved.get::<_, i64>(1)}).to_string();
    Ok(([(CONTENT_TYPE, "application/json")], body))
}
