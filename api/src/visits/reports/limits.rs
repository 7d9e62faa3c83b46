//! What bounds visits that nobody had claimed, for whoever does not plan visits where they were made.
//!
//! A claim is bounded by what [`claims`](crate::visits::claims) asks; without one, the same fitness is
//! asked here, and no more than [`rules::UNPLANNED_A_DAY`] new visits are made in a day.

use entity::enums::{VisitKind, VisitOrigin};
use entity::visit_task;
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::rules;
use crate::access::policy::Permission;
use crate::clock::{SHANGHAI, begin_of, local_date};
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::visits::claims::fitness;

const REASON: &str = "an actor's own visits of today, to keep them within the limit";

/// Refuses a visit that the actor is about to make up afterwards; their account is held, so that the
/// count holds: `AGE_UNFIT`, `TRAINING_MISSING`, `DAILY_LIMIT`.
pub(super) async fn check(cx: &Cx, tx: &Tx, kind: VisitKind, area: Uuid) -> Result<()> {
    let actor = cx.actor()?;
    if actor.may(Permission::VisitPlan, area) {
        return Ok(());
    }
    fitness::check(cx, tx, (kind, area), actor.account).await?;
    if recorded_today(cx, tx).await? >= rules::UNPLANNED_A_DAY {
        return Err(Error::refused(Code::DailyLimit));
    }
    Ok(())
}

/// Whether the actor may settle a task that they have not claimed: whom a claim would be refused to for
/// want of age or training may not.
pub(super) async fn may_settle(cx: &Cx, tx: &Tx, task: &visit_task::Model) -> Result<bool> {
    let actor = cx.actor()?;
    if actor.may(Permission::VisitPlan, task.area_id) {
        return Ok(true);
    }
    let kind = (task.kind, task.area_id);
    match fitness::check(cx, tx, kind, actor.account).await {
        Ok(()) => Ok(true),
        Err(Error::Refused(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// How many visits the actor has made up since midnight in Shanghai.
async fn recorded_today(cx: &Cx, tx: &Tx) -> Result<u64> {
    use visit_task::Column as C;
    let midnight = begin_of(local_date(cx.app.clock.now(), SHANGHAI), SHANGHAI);
    Ok(visit_task::Entity::find()
        .filter(C::ReportedBy.eq(cx.actor()?.account))
        .filter(C::Origin.eq(VisitOrigin::Unplanned))
        .filter(C::ReportedAt.gte(midnight))
        // What was made today happened lately: so the index on the reporter serves.
        .filter(C::OccurredAt.gte(midnight - crate::visits::rules::LATEST_REPORT))
        .count(&tx.unscoped(REASON))
        .await?)
}
