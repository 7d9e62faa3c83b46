//! Claiming a task: the conditional update with its audit, change and idempotency rows, in one statement.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde_json::json;
use uuid::Uuid;

use super::{Desk, Failure};

/// Live claims that somebody may hold, and claims of a day, as the server has them by default.
const HELD: i64 = 5;
const A_DAY: i64 = 20;

const SQL: &str = "WITH me AS (SELECT id FROM account WHERE id = $1 FOR NO KEY UPDATE),
    key AS (INSERT INTO idempotency_key (account_id, key, mutation, input_hash, outcome, created_at)
        SELECT id, $2, 'claimVisitTask', $3, $4, $5 FROM me ON CONFLICT DO NOTHING RETURNING 1),
    moved AS (UPDATE visit_task SET status = 'CLAIMED', version = version + 1, updated_at = $5, claimed_by = $1,
            claimed_at = $5, lease_until = due_at
        WHERE id = $6 AND status = 'OPEN' AND batch_id IS NULL AND due_at > $5 AND EXISTS (SELECT 1 FROM key)
            AND area_id IN (SELECT descendant_id FROM area_closure WHERE ancestor_id = ANY($7))
            AND (SELECT COUNT(*) FROM visit_task WHERE claimed_by = $1
                AND status IN ('CLAIMED', 'STARTED', 'RETURNED') AND lease_until > $5) < $8
            AND (SELECT COUNT(*) FROM visit_claim WHERE account_id = $1
                AND claimed_at >= date_trunc('day', $5, 'Asia/Shanghai')) < $9
            AND NOT EXISTS (SELECT 1 FROM kind_requirement WHERE kind = visit_task.kind)
        RETURNING id, area_id, version),
    claimed AS (INSERT INTO visit_claim (visit_task_id, account_id, claimed_at) SELECT id, $1, $5 FROM moved),
    entry AS (INSERT INTO audit_entry (id, at, actor_id, action, subject_kind, subject_id, area_id, request_id, fields)
        SELECT $10, $5, $1, 'claimVisitTask', 'VisitTask', id, area_id, $11, 'status' FROM moved),
    told AS (INSERT INTO change (kind, object_id, area_before, area_after, op, at)
        SELECT 'VISIT_TASK', id, area_id, area_id, 'UPSERT', $5 FROM moved)
    SELECT id, version FROM moved";

/// The idempotency key of a request.
pub(super) fn key_of(headers: &HeaderMap) -> Result<Uuid, Failure> {
    let key = headers.get("idempotency-key");
    let key = key.and_then(|value| value.to_str().ok()?.parse().ok());
    key.ok_or(Failure(StatusCode::BAD_REQUEST))
}

pub(super) async fn claim(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<impl IntoResponse, Failure> {
    let caller = desk.caller(&headers)?;
    let key = key_of(&headers)?;
    let client = desk.connection().await?;
    let statement = client.prepare_cached(SQL).await?;
    let (entry, request, outcome) = (
        desk.clock.new_id(),
        desk.clock.new_id().to_string(),
        json!({"ids": [id]}).to_string(),
    );
    let hash = "0".repeat(64);
    let now = desk.clock.now();
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
                &caller.areas,
                &HELD,
                &A_DAY,
                &entry,
                &request,
            ],
        )
        .await?;
    let Some(moved) = moved else {
        // What changed nothing leaves no key behind.
        let forget = "DELETE FROM idempotency_key WHERE account_id = $1 AND key = $2";
        let forget = client.prepare_cached(forget).await?;
        client.execute(&forget, &[&caller.account, &key]).await?;
        return Err(Failure(StatusCode::CONFLICT));
    };
    let body =
        json!({"id": id, "status": "CLAIMED", "version": moved.get::<_, i64>(1)}).to_string();
    Ok(([(CONTENT_TYPE, "application/json")], body))
}
