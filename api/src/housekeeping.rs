//! What the server does by itself, a little at a time: visits whose window has passed become missed,
//! and what has served its time is cleared away.

use std::time::Duration;

use chrono::Duration as Span;
use entity::idempotency_key;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _};

use crate::access::keys::Keys;
use crate::clock::Clock;
use crate::db::{Db, Handle as _};
use crate::error::Result;
use crate::visits::lapse::miss_past_visits;

/// How long the outcome of a call is kept for its repeats.
const KEPT: Span = Span::days(30);
/// How many keys one transaction removes, so that no write waits long for it.
const BATCH: u64 = 500;
const EVERY: Duration = Duration::from_mins(1);

/// Does what is due for as long as the server runs. Several servers do each other no harm.
pub async fn run(db: &Db, keys: &Keys, clock: &Clock) {
    loop {
        tokio::time::sleep(EVERY).await;
        match miss_past_visits(db, keys, clock).await {
            Ok(0) => {}
            Ok(missed) => tracing::info!(missed, "visits whose window has passed"),
            Err(error) => tracing::warn!(%error, "past visits were not marked as missed"),
        }
        match purge_keys(db, clock).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "old idempotency keys removed"),
            Err(error) => tracing::warn!(%error, "old idempotency keys were not removed"),
        }
    }
}

/// Removes idempotency keys older than 30 days and says how many.
pub async fn purge_keys(db: &Db, clock: &Clock) -> Result<u64> {
    use idempotency_key::Column as C;
    let mut removed = 0;
    loop {
        let old = Query::select()
            .columns([C::AccountId, C::Key])
            .from(idempotency_key::Entity)
            .and_where(C::CreatedAt.lt(clock.now() - KEPT))
            .limit(BATCH)
            .to_owned();
        let mut delete = Query::delete();
        delete
            .from_table(idempotency_key::Entity)
            .and_where(Expr::tuple([Expr::col(C::AccountId), Expr::col(C::Key)]).in_subquery(old));
        let tx = db.begin().await?;
        let gone = tx
            .unscoped("keys past their time, whoever's they were")
            .execute(&delete)
            .await?
            .rows_affected();
        tx.commit().await?;
        removed += gone;
        if gone < BATCH {
            return Ok(removed);
        }
    }
}
