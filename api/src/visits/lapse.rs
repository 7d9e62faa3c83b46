//! The server's own step: visits whose window has passed unvisited become MISSED.

use entity::enums::ChangeKind;
use entity::visit_task;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Order, Query};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, FromQueryResult as _};

use super::rules::Action;
use crate::access::keys::Keys;
use crate::audit::service::{self as audit, Act, Author};
use crate::changes::service::{self as changes, Changed};
use crate::clock::Clock;
use crate::db::{Db, Handle as _};
use crate::error::Result;

const REASON: &str = "the server's own clock misses visits, wherever they are";

/// How many tasks one transaction moves, so that no claim waits long for it.
const BATCH: u64 = 200;

/// Marks visits whose window has passed as missed and says how many; each keeps who had claimed it.
///
/// Several servers may do so at once: the condition stands in the update.
pub async fn miss_past_visits(db: &Db, keys: &Keys, clock: &Clock) -> Result<usize> {
    use visit_task::Column as C;
    let author = Author {
        keys,
        clock,
        actor: None,
        request_id: None,
    };
    let life = Action::Miss.transition();
    let mut missed = 0;
    loop {
        let now = clock.now();
        let past = |id: Expr| {
            Query::select()
                .expr(id)
                .from(visit_task::Entity)
                .and_where(C::Status.is_in(life.from.to_vec()))
                .and_where(C::DueAt.lte(now))
                // A renewed claim holds beyond the window.
                .cond_where(
                    Condition::any()
                        .add(C::LeaseUntil.is_null())
                        .add(C::LeaseUntil.lte(now)),
                )
                .to_owned()
        };
        let next = past(Expr::col(C::Id))
            .order_by(C::DueAt, Order::Asc)
            .limit(BATCH)
            .to_owned();
        let mut update = Query::update();
        update
            .table(visit_task::Entity)
            .value(C::Status, life.to)
            .value(C::Version, Expr::col(C::Version).add(1))
            .value(C::UpdatedAt, now)
            .and_where(C::Id.in_subquery(next))
            .and_where(C::Status.is_in(life.from.to_vec()))
            .returning_all();
        let tx = db.begin().await?;
        let rows = tx.unscoped(REASON).query_all(&update).await?;
        let mut changed = Vec::with_capacity(rows.len());
        for row in &rows {
            let task = visit_task::Model::from_query_result(row, "")?;
            let act = Act {
                action: "missVisitTask",
                subject_kind: "VisitTask",
                subject_id: task.id,
                area_id: Some(task.area_id),
                reason: None,
                fields: "status".to_owned(),
                details: None,
            };
            audit::record_by(author, &tx, act).await?;
            changed.push(Changed::in_place(
                ChangeKind::VisitTask,
                task.id,
                Some(task.area_id),
            ));
        }
        changes::record_at(now, &tx, &changed).await?;
        tx.commit().await?;
        missed += rows.len();
        if rows.is_empty() {
            return Ok(missed);
        }
    }
}
