//! The server's own step: reports that no person must look at become VERIFIED in time.

use chrono::{DateTime, Utc};
use entity::enums::{CareTier, ChangeKind};
use entity::{alarm, care_enrolment, visit_report, visit_task};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, FromQueryResult as _};
use uuid::Uuid;

use super::rules::{self, Facts};
use super::settings;
use crate::access::keys::Keys;
use crate::access::sealed::keyed_hash;
use crate::audit::service::{self as audit, Act, Author};
use crate::changes::service::{self as changes, Changed};
use crate::clock::Clock;
use crate::context::Cx;
use crate::db::{Db, Handle as _, Tx};
use crate::error::{Error, Result};
use crate::lenient::Lenient;
use crate::visits::rules::Action;

const REASON: &str = "the server's own clock verifies what no person must, wherever it is";
const KNOWN: &str = "what decides who verifies the report of a visit that the scope let through: its reports and alarms, the person's tier";

/// How many tasks one transaction moves, so that no claim waits long for it.
const BATCH: u64 = 200;

/// What is known of a task when it is reported.
#[derive(Clone, Debug)]
pub(in crate::visits) struct Known {
    /// How many reports there were before.
    pub reports: i32,
    /// Whether an alarm was raised during the visit.
    has_alarm: bool,
    /// The tier of the person now.
    tier: Lenient<Option<CareTier>>,
}

/// Reads what is known of a task that has just moved.
pub(in crate::visits) async fn known(tx: &Tx, task: &visit_task::Model) -> Result<Known> {
    use care_enrolment::Column as E;
    let reports = Query::select()
        .expr(Expr::col(visit_report::Column::Id).count())
        .from(visit_report::Entity)
        .and_where(visit_report::Column::VisitTaskId.eq(task.id))
        .to_owned();
    let alarms = Query::select()
        .column(alarm::Column::Id)
        .from(alarm::Entity)
        .and_where(alarm::Column::VisitTaskId.eq(task.id))
        .to_owned();
    let tier = Query::select()
        .column(E::Tier)
        .from(care_enrolment::Entity)
        .and_where(E::ResidentId.eq(task.resident_id))
        .and_where(E::ToOn.is_null())
        .limit(1)
        .to_owned();
    let scalar = |select: SelectStatement| SimpleExpr::SubQuery(None, Box::new(select.into()));
    let select = Query::select()
        .expr(scalar(reports))
        .expr(Expr::exists(alarms))
        .expr(scalar(tier))
        .to_owned();
    let row = tx.unscoped(KNOWN).query_one(&select).await?;
    let row = row.ok_or_else(|| Error::internal("a count without a row"))?;
    let reports: i64 = row.try_get_by_index(0)?;
    Ok(Known {
        reports: i32::try_from(reports).unwrap_or(i32::MAX),
        has_alarm: row.try_get_by_index(1)?,
        tier: row.try_get_by_index(2)?,
    })
}

/// When the server is to verify a report by itself; none where a person must.
pub(in crate::visits) async fn due(
    cx: &Cx,
    tx: &Tx,
    task: &visit_task::Model,
    (facts, known): (Facts, Known),
) -> Result<Option<DateTime<Utc>>> {
    if rules::needs_person(facts) || known.has_alarm {
        return Ok(None);
    }
    let tier = match (task.tier, known.tier.get()) {
        (Some(tier), _) => Some(tier),
        (None, Ok(tier)) => tier,
        // A tier that this program does not know may ask for a person.
        (None, Err(_)) => return Ok(None),
    };
    let tree = cx.app.sessions.tree();
    let rule = settings::holding(tx, &tree, (task.area_id, task.kind, tier)).await?;
    Ok(rule.and_then(|rule| rule.verifies_at(draw(&cx.app.keys, task.id), cx.app.clock.now())))
}

/// A number below 100 that is always the same for a task; without the server's key nobody knows it.
#[must_use]
pub fn draw(keys: &Keys, task: Uuid) -> i32 {
    let hash = keyed_hash(&keys.hash, &[b"verification sample", task.as_bytes()]);
    let number = u32::from_str_radix(&hash[..8], 16).unwrap_or_default();
    i32::try_from(number % 100).unwrap_or_default()
}

/// Verifies the reports whose time has come and says how many; nobody's name stands under it.
///
/// Several servers may do so at once: the condition stands in the update.
pub async fn auto_verify(db: &Db, keys: &Keys, clock: &Clock) -> Result<usize> {
    use visit_task::Column as C;
    let author = Author {
        keys,
        clock,
        actor: None,
        request_id: None,
    };
    let life = Action::Verify.transition();
    let mut verified = 0;
    loop {
        let now = clock.now();
        let next = Query::select()
            .column(C::Id)
            .from(visit_task::Entity)
            .and_where(C::AutoVerifyAt.is_not_null())
            .and_where(C::AutoVerifyAt.lte(now))
            .and_where(C::Status.is_in(life.from.to_vec()))
            .order_by(C::AutoVerifyAt, Order::Asc)
            .limit(BATCH)
            .to_owned();
        let mut update = Query::update();
        update
            .table(visit_task::Entity)
            .value(C::Status, life.to)
            .value(C::VerifiedAt, now)
            .value(C::AutoVerifyAt, Option::<DateTime<Utc>>::None)
            .value(C::Version, Expr::col(C::Version).add(1))
            .value(C::UpdatedAt, now)
            .and_where(C::Id.in_subquery(next))
            // Meanwhile somebody may have sent it back.
            .and_where(C::AutoVerifyAt.lte(now))
            .and_where(C::Status.is_in(life.from.to_vec()))
            .returning_all();
        let tx = db.begin().await?;
        let rows = tx.unscoped(REASON).query_all(&update).await?;
        let mut changed = Vec::with_capacity(rows.len());
        for row in &rows {
            let task = visit_task::Model::from_query_result(row, "")?;
            let act = Act {
                action: "autoVerifyVisitTask",
                subject_kind: "VisitTask",
                subject_id: task.id,
                area_id: Some(task.area_id),
                reason: None,
                fields: "status,verified_at".to_owned(),
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
        verified += rows.len();
        if rows.is_empty() {
            return Ok(verified);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a thousand fair draws below 100, 300 are below 30, give or take 14.5 once in three: five times
    /// that is beyond chance.
    #[test]
    fn a_visit_draws_one_number_and_visits_draw_all_alike() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::load(folder.path(), true).unwrap();
        let draws: Vec<i32> = (0..1000)
            .map(|task| draw(&keys, Uuid::from_u128(task)))
            .collect();
        let below = draws.iter().filter(|draw| **draw < 30).count();
        assert!((228..=372).contains(&below), "{below}");
        assert!(draws.iter().all(|draw| (0..100).contains(draw)));
        assert_eq!(draw(&keys, Uuid::from_u128(7)), draws[7]);
    }
}
