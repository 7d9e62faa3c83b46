//! How findings come about: a report proposes one; what is recorded without a visit is one at once.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{ChangeKind, FindingStatus, VisitOutcome};
use entity::{finding, finding_visit_task, resident, visit_task};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::rules::consequence;
use crate::changes::service::{self as changes, Changed};
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::Result;
use crate::residents::departures::effects::Effects;

const PROPOSED: &str = "what a report proposes is written with the report";
const RECORDED: &str = "what ended the visits of a person whom the scope let through";

/// What a report found.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// What it is.
    pub outcome: VisitOutcome,
    /// When the contact was made.
    pub at: DateTime<Utc>,
    /// Whether the visit was reported before.
    pub is_told_again: bool,
}

/// Notes what the last report of a visit proposes, in place of what an earlier one did. A visit to a whole
/// household names nobody, and proposes nothing.
pub async fn propose(cx: &Cx, tx: &Tx, task: &visit_task::Model, found: Found) -> Result<()> {
    let mut changed = Vec::new();
    if found.is_told_again {
        let of_visit = finding::Column::VisitTaskId.eq(task.id);
        changed = withdraw(cx, tx, of_visit).await?;
    }
    if let (Some(resident), Some(_)) = (task.resident_id, consequence(found.outcome)) {
        let row = finding::ActiveModel {
            visit_task_id: Set(Some(task.id)),
            area_id: Set(task.area_id),
            grid_id: Set(task.grid_id),
            found_at: Set(found.at),
            ..new(cx, resident, found.outcome, FindingStatus::Proposed)?
        };
        let row = row.insert(&tx.unscoped(PROPOSED)).await?;
        let place = Some(row.area_id);
        changed.push(Changed::new(ChangeKind::Finding, row.id, place));
    }
    changes::record(cx, tx, &changed).await
}

/// Withdraws the proposals for which `condition` holds, and says which.
pub(super) async fn withdraw(cx: &Cx, tx: &Tx, condition: Expr) -> Result<Vec<Changed>> {
    use finding::Column as C;
    let now = cx.app.clock.now();
    let withdrawn = finding::Entity::update_many()
        .col_expr(C::Status, Expr::value(FindingStatus::Withdrawn))
        .col_expr(C::DecidedAt, Expr::value(now))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::value(now))
        // In the text, so that the index of open proposals fits.
        .filter(Expr::cust("status = 'PROPOSED'"))
        .filter(condition)
        .exec_with_returning(&tx.unscoped(PROPOSED))
        .await?;
    Ok(withdrawn
        .iter()
        .map(|row| Changed::in_place(ChangeKind::Finding, row.id, Some(row.area_id)))
        .collect())
}

/// What leads and staff record without a visit.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// What it is.
    pub outcome: VisitOutcome,
    /// The first day on which it holds.
    pub on: NaiveDate,
    /// Who says so, or which institution it is.
    pub source: String,
}

/// Notes as a confirmed finding what has just ended a person's visits, so that it can be taken back, and
/// says what is to be announced.
pub async fn record(
    cx: &Cx,
    tx: &Tx,
    person: &resident::Model,
    recorded: Recorded,
    effects: Effects,
) -> Result<Vec<Changed>> {
    let now = cx.app.clock.now();
    let row = finding::ActiveModel {
        area_id: Set(person.area_id),
        grid_id: Set(person.grid_id),
        found_at: Set(now),
        decided_by: Set(Some(cx.actor()?.account)),
        decided_at: Set(Some(now)),
        holds_on: Set(Some(recorded.on)),
        remark: Set(Some(recorded.source)),
        enrolment_id: Set(effects.enrolment),
        ..new(cx, person.id, recorded.outcome, FindingStatus::Confirmed)?
    };
    let row = row.insert(&tx.unscoped(RECORDED)).await?;
    note_visits(tx, row.id, &effects).await?;
    let mut changed = settled(cx, tx, person.id).await?;
    changed.push(Changed::new(ChangeKind::Finding, row.id, Some(row.area_id)));
    changed.extend(effects.changed);
    Ok(changed)
}

/// Withdraws what else is proposed of a person whose visits have just ended.
pub(super) async fn settled(cx: &Cx, tx: &Tx, person: Uuid) -> Result<Vec<Changed>> {
    let theirs = finding::Column::ResidentId.eq(person);
    withdraw(cx, tx, theirs).await
}

/// Keeps which visits were called off.
pub(super) async fn note_visits(tx: &Tx, finding: Uuid, effects: &Effects) -> Result<()> {
    let rows = effects
        .visits()
        .map(|visit| finding_visit_task::ActiveModel {
            finding_id: Set(finding),
            visit_task_id: Set(visit),
        });
    finding_visit_task::Entity::insert_many(rows)
        .exec_without_returning(&tx.unscoped(RECORDED))
        .await?;
    Ok(())
}

fn new(
    cx: &Cx,
    resident: Uuid,
    outcome: VisitOutcome,
    status: FindingStatus,
) -> Result<finding::ActiveModel> {
    let now = cx.app.clock.now();
    Ok(finding::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        resident_id: Set(resident),
        outcome: Set(outcome),
        status: Set(status),
        proposed_by: Set(cx.actor()?.account),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    })
}
