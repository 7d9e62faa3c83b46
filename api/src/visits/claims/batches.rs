//! Doors that are claimed, given back and given on together, as a batch.
//!
//! Whose the batch is decides its own row; these are what follows for its doors, in the same transaction.

use chrono::{DateTime, Utc};
use entity::enums::{ChangeKind, VisitKind, VisitStatus};
use entity::{visit_claim, visit_task};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr, UpdateStatement};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult as _};
use uuid::Uuid;

use super::{checks, fitness, service};
use crate::access::policy::Permission;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::Result;
use crate::visits::rules::{self, Action};
use crate::visits::step;

const CLAIMED: &str = "written with the doors that were just claimed";
const ADOPTED: &str = "doors of a batch go to who holds it, wherever they are";

/// Who takes a batch on.
#[derive(Clone, Copy, Debug)]
pub struct Taking {
    /// The account.
    pub account: Uuid,
    /// Who gives it to them; none where they claim it themselves.
    pub assigned_by: Option<Uuid>,
}

/// Lets an account take claims only one after the other, until the end of the transaction.
pub async fn hold_account(tx: &Tx, account: Uuid) -> Result<()> {
    step::lock_account(tx, account).await
}

/// That the account holds fewer claims than it may, for a guard.
#[must_use]
pub fn within_limit(cx: &Cx, account: Uuid) -> SimpleExpr {
    let live = step::live_claims(account, cx.app.clock.now());
    SimpleExpr::SubQuery(None, Box::new(live.into())).lt(i64::from(cx.app.settings.claim_limit))
}

/// Whether the account holds as many claims as it may.
pub async fn is_at_limit(cx: &Cx, tx: &Tx, account: Uuid) -> Result<bool> {
    let live = step::claims(tx, account, cx.app.clock.now()).await?;
    Ok(live >= u64::from(cx.app.settings.claim_limit))
}

/// Refuses what a claim that was just written meets: `DAILY_CLAIM_LIMIT`, `AGE_UNFIT`, `TRAINING_MISSING`.
pub async fn check(cx: &Cx, tx: &Tx, what: (VisitKind, Uuid), account: Uuid) -> Result<()> {
    checks::daily(cx, tx, account).await?;
    fitness::check(cx, tx, what, account).await
}

/// Refuses whom a batch cannot be given to: `NOT_ASSIGNABLE`, `AGE_UNFIT`, `TRAINING_MISSING`.
pub async fn check_assigned(
    cx: &Cx,
    tx: &Tx,
    what: (VisitKind, Uuid),
    account: Uuid,
) -> Result<()> {
    service::fits(cx, tx, what, account).await
}

/// Gives the doors of a batch whose window lasts to whoever takes it on: the open ones, and of one that is
/// given on those that its holder has told nothing of.
pub async fn take(cx: &Cx, tx: &Tx, batch: Uuid, to: Taking) -> Result<Vec<Changed>> {
    use visit_task::Column as C;
    let (action, permission) = match to.assigned_by {
        None => (Action::Claim, Permission::VisitClaim),
        Some(_) => (Action::Reassign, Permission::VisitReassign),
    };
    let now = cx.app.clock.now();
    let doors = cx
        .actor()?
        .scoped::<visit_task::Entity>(permission)
        .filter(C::BatchId.eq(batch))
        .filter(C::Status.is_in(takes(action)))
        .filter(C::DueAt.gt(now))
        .update(tx, |update| set(update, now, held(now, to), action))
        .await?;
    note(tx, &doors).await?;
    Ok(changes(&doors))
}

/// Opens the doors of a batch that its holder has told nothing of.
pub async fn give_back(cx: &Cx, tx: &Tx, batch: Uuid, action: Action) -> Result<Vec<Changed>> {
    use visit_task::Column as C;
    let permission = match action {
        Action::Release => Permission::VisitCarryOut,
        _ => Permission::VisitReassign,
    };
    let now = cx.app.clock.now();
    let doors = cx
        .actor()?
        .scoped::<visit_task::Entity>(permission)
        .filter(C::BatchId.eq(batch))
        .filter(C::Status.is_in(rules::UNTOLD.to_vec()))
        .update(tx, |update| set(update, now, step::cleared(), action))
        .await?;
    Ok(changes(&doors))
}

/// Gives open doors of a batch to who holds it already: the server's own step, after one was added.
pub async fn adopt(
    tx: &Tx,
    now: DateTime<Utc>,
    (batch, to): (Uuid, Taking),
) -> Result<Vec<Changed>> {
    use visit_task::Column as C;
    let mut update = UpdateStatement::new();
    update
        .table(visit_task::Entity)
        .and_where(C::BatchId.eq(batch))
        .and_where(C::Status.is_in(takes(Action::Claim)))
        .and_where(C::DueAt.gt(now))
        .returning_all();
    set(&mut update, now, held(now, to), Action::Claim);
    let rows = tx.unscoped(ADOPTED).query_all(&update).await?;
    let doors: Vec<visit_task::Model> = rows
        .iter()
        .map(|row| visit_task::Model::from_query_result(row, ""))
        .collect::<Result<_, _>>()?;
    note(tx, &doors).await?;
    Ok(changes(&doors))
}

/// What a door loses when nobody holds it any more.
#[must_use]
pub fn unclaimed() -> Vec<(visit_task::Column, SimpleExpr)> {
    step::cleared()
}

/// In which states a door goes along.
fn takes(action: Action) -> Vec<VisitStatus> {
    let from = action.transition().from.iter().copied();
    from.filter(|status| *status != VisitStatus::Returned)
        .collect()
}

/// What a door says of who holds it.
fn held(now: DateTime<Utc>, to: Taking) -> Vec<(visit_task::Column, SimpleExpr)> {
    use visit_task::Column as C;
    let name = |column: &C| sea_orm::IdenStatic::as_str(column);
    let own: Vec<(C, SimpleExpr)> = vec![
        (C::ClaimedBy, Expr::value(to.account)),
        (C::ClaimedAt, Expr::value(now)),
        (C::LeaseUntil, Expr::col(C::DueAt)),
        (C::AssignedBy, Expr::value(to.assigned_by)),
    ];
    let mut sets = step::cleared();
    sets.retain(|(column, _)| own.iter().all(|(other, _)| name(other) != name(column)));
    sets.extend(own);
    sets
}

fn set(
    update: &mut UpdateStatement,
    now: DateTime<Utc>,
    sets: Vec<(visit_task::Column, SimpleExpr)>,
    action: Action,
) {
    use visit_task::Column as C;
    update
        .value(C::Status, action.transition().to)
        .value(C::Version, Expr::col(C::Version).add(1))
        .value(C::UpdatedAt, now);
    for (column, value) in sets {
        update.value(column, value);
    }
}

/// Keeps who took the doors on: a claim that has ended may still bring a late report.
async fn note(tx: &Tx, doors: &[visit_task::Model]) -> Result<()> {
    let claims: Vec<visit_claim::ActiveModel> = doors
        .iter()
        .filter_map(|door| {
            Some(visit_claim::ActiveModel {
                visit_task_id: Set(door.id),
                account_id: Set(door.claimed_by?),
                claimed_at: Set(door.claimed_at?),
            })
        })
        .collect();
    if !claims.is_empty() {
        visit_claim::Entity::insert_many(claims)
            .on_conflict_do_nothing()
            .exec_without_returning(&tx.unscoped(CLAIMED))
            .await?;
    }
    Ok(())
}

fn changes(doors: &[visit_task::Model]) -> Vec<Changed> {
    doors
        .iter()
        .map(|door| Changed::in_place(ChangeKind::VisitTask, door.id, Some(door.area_id)))
        .collect()
}
