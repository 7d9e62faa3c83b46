//! The server's own step: a returned report that was not completed in time opens its visit again.

use chrono::{DateTime, Utc};
use entity::enums::ChangeKind;
use entity::visit_task;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{CaseStatement, Expr, ExprTrait as _, SimpleExpr},
};

use super::rules::REOPENED;
use crate::access::keys::Keys;
use crate::audit::service::{self as audit, Act, Author};
use crate::changes::service::{self as changes, Changed};
use crate::clock::Clock;
use crate::db::{Db, Handle as _};
use crate::error::Result;
use crate::visits::rules::Action;
use crate::visits::step::cleared;

const REASON: &str = "the server's own clock opens visits again, wherever they are";

/// How many tasks one transaction moves, so that no claim waits long for it.
const BATCH: u64 = 200;

/// Opens visits again whose returned report was not completed by its deadline, and says how many. The
/// reports stay; the window lasts three days more where it would be over.
///
/// Several servers may do so at once: the condition stands in the update.
pub async fn reopen_returned(db: &Db, keys: &Keys, clock: &Clock) -> Result<usize> {
    use visit_task::Column as C;
    let author = Author {
        keys,
        clock,
        actor: None,
        request_id: None,
    };
    let life = Action::Lapse.transition();
    let mut reopened = 0;
    loop {
        let now = clock.now();
        let tx = db.begin().await?;
        let connection = tx.unscoped(REASON);
        let past = visit_task::Entity::find()
            .filter(C::Status.is_in(life.from.to_vec()))
            .filter(C::ReturnDueAt.lte(now))
            .order_by_asc(C::ReturnDueAt)
            .limit(BATCH)
            .all(&connection)
            .await?;
        let found = past.len();
        let mut changed = Vec::with_capacity(found);
        for task in past {
            let mut update = visit_task::Entity::update_many()
                .col_expr(C::Status, Expr::value(life.to))
                .col_expr(C::DueAt, reopened_until(now))
                .col_expr(C::Version, Expr::value(task.version + 1))
                .col_expr(C::UpdatedAt, Expr::value(now));
            for (column, value) in cleared() {
                update = update.col_expr(column, value);
            }
            let moved = update
                .filter(C::Id.eq(task.id))
                .filter(C::Version.eq(task.version))
                .exec(&connection)
                .await?;
            if moved.rows_affected == 0 {
                continue;
            }
            let place = Some(task.area_id);
            let act = Act {
                action: "reopenVisitTask",
                subject_kind: "VisitTask",
                subject_id: task.id,
                area_id: place,
                reason: None,
                fields: "status,due_at".to_owned(),
                details: None,
            };
            audit::record_by(author, &tx, act).await?;
            changed.push(Changed::in_place(ChangeKind::VisitTask, task.id, place));
        }
        changes::record_at(now, &tx, &changed).await?;
        tx.commit().await?;
        reopened += changed.len();
        if found == 0 || changed.is_empty() {
            return Ok(reopened);
        }
    }
}

/// The end of the window of a visit that is given up or passed on at `now`: one whose report was returned
/// may be made in three days more, any other as planned. A meal of last week is not brought again.
pub(super) fn reopened_until(now: DateTime<Utc>) -> SimpleExpr {
    use visit_task::Column as C;
    let until = now + REOPENED;
    let returned = C::Status.is_in(Action::Lapse.transition().from.to_vec());
    CaseStatement::new()
        .case(
            returned.and(C::BatchId.is_null()).and(C::DueAt.lt(until)),
            Expr::value(until),
        )
        .finally(Expr::col(C::DueAt))
        .into()
}
