//! The server's own step: an alarm that nobody takes on is told a level higher.

use entity::enums::{AlarmAction, ChangeKind};
use entity::{alarm, alarm_step};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use super::reads::{reached, tell};
use super::rules::{Action, PATIENCE, next_level};
use crate::audit::service::{self as audit, Act, Author};
use crate::changes::service::{self as changes, Changed};
use crate::context::App;
use crate::db::Handle as _;
use crate::error::Result;

const REASON: &str = "the server's own clock lets alarms climb, wherever they are";

/// How many alarms one transaction moves.
const BATCH: u64 = 100;

/// Lets alarms climb that nobody has acknowledged in time, and says how many.
///
/// Several servers may do so at once: the condition stands in the update.
pub async fn climb(app: &App) -> Result<usize> {
    use alarm::Column as C;
    let author = Author {
        keys: &app.keys,
        clock: &app.clock,
        actor: None,
        request_id: None,
    };
    let now = app.clock.now();
    let tree = app.sessions.tree();
    let tx = app.db.begin().await?;
    let connection = tx.unscoped(REASON);
    let waiting = alarm::Entity::find()
        .filter(C::ClimbsAt.lte(now))
        .order_by_asc(C::ClimbsAt)
        .limit(BATCH)
        .all(&connection)
        .await?;
    let mut changed = Vec::with_capacity(waiting.len());
    for row in waiting {
        let level = next_level(row.level);
        let moved = alarm::Entity::update_many()
            .col_expr(C::Level, Expr::value(level))
            .col_expr(C::ClimbsAt, Expr::value(Some(now + PATIENCE)))
            .col_expr(C::Version, Expr::value(row.version + 1))
            .col_expr(C::UpdatedAt, Expr::value(now))
            .filter(C::Id.eq(row.id))
            .filter(C::Status.eq(Action::Acknowledge.from()))
            .filter(C::Version.eq(row.version))
            .exec(&connection)
            .await?;
        if moved.rows_affected == 0 {
            continue;
        }
        let told = reached(&tx, (&tree, now), (row.area_id, level))
            .await?
            .holders;
        let row = alarm::Model { level, ..row };
        tell(app, &tx, &row, &told).await?;
        alarm_step::ActiveModel {
            id: Set(app.clock.new_id()),
            alarm_id: Set(row.id),
            action: Set(AlarmAction::Climbed),
            revision: Set(row.version + 1),
            level: Set(level),
            account_id: Set(None),
            told: Set(i32::try_from(told.len()).unwrap_or(i32::MAX)),
            at: Set(now),
        }
        .insert(&connection)
        .await?;
        let place = Some(row.area_id);
        let act = Act {
            action: "climbAlarm",
            subject_kind: "Alarm",
            subject_id: row.id,
            area_id: place,
            reason: None,
            fields: "level".to_owned(),
            details: None,
        };
        audit::record_by(author, &tx, act).await?;
        changed.push(Changed::in_place(ChangeKind::Alarm, row.id, place));
    }
    changes::record_at(now, &tx, &changed).await?;
    tx.commit().await?;
    Ok(changed.len())
}
