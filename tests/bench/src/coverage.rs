//! How far a round of certification is: its checks counted by grid and state.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use uuid::Uuid;

use super::{Desk, Failure};

const SQL: &str = "SELECT c.grid_id, c.status, COUNT(*) FROM certification_check c
    WHERE c.round_id = $1 AND c.area_id IN
        (SELECT descendant_id FROM area_closure WHERE ancestor_id = ANY($2))
    GROUP BY c.grid_id, c.status";

pub(super) async fn coverage(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Path(round): Path<Uuid>,
) -> Result<impl IntoResponse, Failure> {
    let caller = desk.caller(&headers)?;
    let client = desk.connection().await?;
    let statement = client.prepare_cached(SQL).await?;
    let rows = client.query(&statement, &[&round, &caller.areas]).await?;
    let mut grids: BTreeMap<Uuid, BTreeMap<String, i64>> = BTreeMap::new();
    for row in rows {
        grids
            .entry(row.get(0))
            .or_default()
            .insert(row.get(1), row.get(2));
    }
    let body = serde_json::to_vec(&grids).unwrap_or_default();
    Ok(([(CONTENT_TYPE, "application/json")], body))
}
