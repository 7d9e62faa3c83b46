//! What refuses a claim beyond the task's own state: judged while the account is held, so that two claims of
//! one person come one after the other; the limit of a day by the update itself.

use chrono::{DateTime, Duration, Utc};
use entity::enums::{AreaKind, Role};
use entity::{area, visit_claim, visit_task};
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait as _, Func, Query, SelectStatement};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _,
};
use uuid::Uuid;

use super::fitness;
use super::rules::Appointment;
use crate::access::holders::holders;
use crate::access::policy::Permission;
use crate::clock::{SHANGHAI, begin_of, local_date};
use crate::context::Cx;
use crate::db::{Handle, Tx};
use crate::error::{Code, Error, Result};
use crate::promised;
use crate::route::Point;
use crate::visits::rules;

const OWN: &str = "an account's own claims, so that it holds no more than it may";
const POINTS: &str = "the points of buildings where an account has promised to be";

/// Refuses what the actor's own claim of a task meets: `CENTER_FIRST`, `AGE_UNFIT`, `TRAINING_MISSING`.
pub(super) async fn claim(cx: &Cx, tx: &Tx, task: &visit_task::Model) -> Result<()> {
    let actor = cx.actor()?;
    center_first(cx, tx, task).await?;
    fitness::check(cx, tx, (task.kind, task.area_id), actor.account)
        .await
        .map_err(|error| error.on("visitTaskId"))
}

/// Refuses more claims in a day than one person may make, that of a batch which was just written included:
/// `DAILY_CLAIM_LIMIT`.
pub(super) async fn daily(cx: &Cx, tx: &Tx, account: Uuid) -> Result<()> {
    let today = claims_of_day(cx.app.clock.now(), account);
    if counted(tx, &today).await? > u64::from(cx.app.settings.claims_a_day) {
        return Err(Error::refused(Code::DailyClaimLimit));
    }
    Ok(())
}

/// A statement that counts how often an account has claimed since midnight in Shanghai; the doors of a batch are
/// claimed at once.
pub(in crate::visits) fn claims_of_day(now: DateTime<Utc>, account: Uuid) -> SelectStatement {
    use visit_claim::Column as C;
    let midnight = begin_of(local_date(now, SHANGHAI), SHANGHAI);
    let task = |column| Expr::col((visit_task::Entity, column));
    let claims = Query::select()
        .distinct()
        .expr_as(
            Func::coalesce([
                task(visit_task::Column::BatchId),
                task(visit_task::Column::Id),
            ]),
            "what",
        )
        .column((visit_claim::Entity, C::ClaimedAt))
        .from(visit_claim::Entity)
        .inner_join(
            visit_task::Entity,
            task(visit_task::Column::Id).equals((visit_claim::Entity, C::VisitTaskId)),
        )
        .and_where(Expr::col((visit_claim::Entity, C::AccountId)).eq(account))
        .and_where(Expr::col((visit_claim::Entity, C::ClaimedAt)).gte(midnight))
        .to_owned();
    Query::select()
        .expr(Expr::col(Asterisk).count())
        .from_subquery(claims, "claims")
        .to_owned()
}

/// What a statement counts.
pub(in crate::visits) async fn counted(tx: &Tx, count: &SelectStatement) -> Result<u64> {
    let row = tx.unscoped(OWN).query_one(count).await?;
    let count = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?;
    Ok(count
        .and_then(|count| u64::try_from(count).ok())
        .unwrap_or_default())
}

/// For a while a new visit is the building's center household's, where it has one. Leads may claim it.
async fn center_first(cx: &Cx, tx: &Tx, task: &visit_task::Model) -> Result<()> {
    let actor = cx.actor()?;
    let hours = Duration::hours(cx.app.settings.center_first_hours.into());
    let now = cx.app.clock.now();
    if task.created_at + hours <= now || actor.may(Permission::VisitPlan, task.area_id) {
        return Ok(());
    }
    let wanted = (Permission::VisitClaim, task.area_id);
    let here = holders(tx, (&actor.tree, now), wanted).await?;
    let mut centers = here
        .iter()
        .filter(|holder| holder.role == Role::CenterHousehold && holder.area == task.area_id)
        .peekable();
    if centers.peek().is_none() || centers.any(|center| center.account == actor.account) {
        return Ok(());
    }
    Err(Error::refused(Code::CenterFirst).on("visitTaskId"))
}

/// Checks an appointment of an account that is held: within the task's window and lease, at no time that
/// is promised elsewhere: `OUT_OF_RANGE`, `TIME_CONFLICT`.
pub(super) async fn appointment(
    cx: &Cx,
    tx: &Tx,
    task: &visit_task::Model,
    at: DateTime<Utc>,
) -> Result<()> {
    let ends = task.lease_until.unwrap_or(task.due_at);
    if at < cx.app.clock.now() || at < task.starts_at || at > ends {
        return Err(Error::refused(Code::OutOfRange).on("appointedAt"));
    }
    let until = at + Duration::minutes(task.minutes.into());
    promised::check(tx, cx.actor()?.account, ((at, until), task.id))
        .await
        .map_err(|error| error.on("appointedAt"))
}

/// What an account has promised and not yet reported.
pub(super) async fn appointments(handle: &impl Handle, account: Uuid) -> Result<Vec<Appointment>> {
    use visit_task::Column as C;
    let tasks = visit_task::Entity::find()
        .filter(C::ClaimedBy.eq(account))
        .filter(C::Status.is_in(rules::LIVE.to_vec()))
        .filter(C::AppointedAt.is_not_null())
        .all(&handle.unscoped(OWN))
        .await?;
    let places: Vec<(Uuid, Option<f64>, Option<f64>)> = area::Entity::find()
        .select_only()
        .columns([
            area::Column::Id,
            area::Column::Latitude,
            area::Column::Longitude,
        ])
        .filter(area::Column::Id.is_in(tasks.iter().map(|task| task.area_id)))
        .filter(area::Column::Kind.eq(AreaKind::Building))
        .into_tuple()
        .all(&handle.unscoped(POINTS))
        .await?;
    let point = |area: Uuid| {
        let (_, latitude, longitude) = places.iter().find(|(id, ..)| *id == area)?;
        Point::new((*latitude)?, (*longitude)?)
    };
    Ok(tasks
        .iter()
        .filter_map(|task| {
            Some(Appointment {
                task: task.id,
                at: task.appointed_at?,
                minutes: task.minutes,
                point: point(task.area_id),
            })
        })
        .collect())
}
