//! Claiming a batch as one, giving it back and giving it on.
//!
//! One conditional update of the batch decides whose it is; its doors follow in the same transaction.

use chrono::{DateTime, Utc};
use entity::enums::{ChangeKind, VisitKind};
use entity::meal_batch;
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, SimpleExpr};
use serde::Serialize;
use uuid::Uuid;

use super::rules::{self, Action, Explanation, Facts};
use crate::access::policy::Permission;
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::visits::claims::batches::{self as doors, Taking};
use crate::visits::rules::Action as Step;
use crate::write::{Begun, Outcome, Request, Write};

/// Who holds a batch from now on: the account, and who gives it to them.
type Holder = Option<Taking>;

/// Claims a batch with all its open doors: exactly one of many succeeds; the holder's repeat is success.
/// Needs `VISIT_CLAIM` in all of the list's area. It counts as one claim.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_CLAIMED`, `ALREADY_FINISHED`, `WINDOW_PASSED`,
/// `CLAIM_LIMIT`, `DAILY_CLAIM_LIMIT`, `AGE_UNFIT`, `TRAINING_MISSING`.
pub async fn claim(cx: &Cx, batch: Uuid, key: Option<Uuid>) -> Result<Outcome> {
    let write = match Write::begin(cx, Request::new("claimMealBatch", key, &batch)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let me = cx.actor()?.account;
    let to = Taking {
        account: me,
        assigned_by: None,
    };
    let tx = write.tx();
    doors::hold_account(tx, me).await?;
    let guard = Condition::all().add(doors::within_limit(cx, me));
    let step = Move {
        action: Action::Claim,
        permission: Permission::VisitClaim,
        guard,
        to: Some(to),
    };
    let Some(row) = step.run(cx, tx, batch).await? else {
        let outcome = Outcome::of(batch);
        write.commit(&outcome).await?;
        return Ok(outcome);
    };
    let changed = doors::take(cx, tx, row.id, to).await?;
    doors::check(cx, tx, (VisitKind::MealDelivery, row.area_id), me)
        .await
        .map_err(|error| error.on("mealBatchId"))?;
    finish(cx, write, ("claimMealBatch", None), (&row, changed)).await
}

/// Gives a batch back, with the doors of which nothing was told. Only its holder, until its window ends.
///
/// Refused: `NOT_FOUND`, `NOT_CLAIMED_BY_YOU`, `WINDOW_PASSED`.
pub async fn release(cx: &Cx, batch: Uuid, reason: String, key: Option<Uuid>) -> Result<Outcome> {
    let request = Request::new("releaseMealBatch", key, &(batch, &reason));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let step = Move {
        action: Action::Release,
        permission: Permission::VisitCarryOut,
        guard: Condition::all(),
        to: None,
    };
    let moved = step.run(cx, write.tx(), batch).await?;
    let row = moved.ok_or_else(|| Error::refused(Code::NotClaimedByYou).on("mealBatchId"))?;
    let changed = doors::give_back(cx, write.tx(), row.id, Step::Release).await?;
    let why = ("releaseMealBatch", Some(reason));
    finish(cx, write, why, (&row, changed)).await
}

/// For whom a lead takes a batch from its holder, and why.
#[derive(Clone, Debug, Serialize)]
pub struct Reassignment {
    /// The batch.
    pub batch: Uuid,
    /// Who is to take it round; none opens it to everybody.
    pub account: Option<Uuid>,
    /// Why.
    pub reason: String,
}

/// Gives a batch to somebody else, or back to everybody, with the doors of which nothing was told. Needs
/// `VISIT_REASSIGN` in all of the list's area.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_FINISHED`, `WINDOW_PASSED`, `NOT_ASSIGNABLE`, `AGE_UNFIT`,
/// `TRAINING_MISSING`.
pub async fn reassign(cx: &Cx, to: Reassignment, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new("reassignMealBatch", key, &to)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::VisitReassign)?;
    let tx = write.tx();
    let taking = to.account.map(|account| Taking {
        account,
        assigned_by: Some(actor.account),
    });
    if let Some(taking) = taking {
        doors::hold_account(tx, taking.account).await?;
    }
    let step = Move {
        action: match taking {
            Some(_) => Action::Reassign,
            None => Action::TakeBack,
        },
        permission: Permission::VisitReassign,
        guard: Condition::all(),
        to: taking,
    };
    let moved = step.run(cx, tx, to.batch).await?;
    let row = moved.ok_or_else(|| Error::refused(Code::NotFound).on("mealBatchId"))?;
    let changed = match taking {
        None => doors::give_back(cx, tx, row.id, Step::TakeBack).await?,
        Some(taking) => {
            doors::check_assigned(
                cx,
                tx,
                (VisitKind::MealDelivery, row.area_id),
                taking.account,
            )
            .await
            .map_err(|error| error.on("accountId"))?;
            doors::take(cx, tx, row.id, taking).await?
        }
    };
    let why = ("reassignMealBatch", Some(to.reason));
    finish(cx, write, why, (&row, changed)).await
}

/// One action on one batch, as a conditional update.
struct Move {
    action: Action,
    permission: Permission,
    guard: Condition,
    to: Holder,
}

impl Move {
    /// Takes the step; nothing where the actor had taken it before.
    async fn run(self, cx: &Cx, tx: &Tx, batch: Uuid) -> Result<Option<meal_batch::Model>> {
        let refused = |code| Err(Error::refused(code).on("mealBatchId"));
        // Between a look that finds nothing and the next that says why, another's step may fit.
        for _ in 0..2 {
            if let Some(row) = self.attempt(cx, tx, batch).await? {
                return Ok(Some(row));
            }
            let scoped = cx
                .actor()?
                .scoped::<meal_batch::Entity>(Permission::VisitRead);
            let Some(row) = scoped.id(batch).one(tx).await? else {
                return refused(Code::NotFound);
            };
            match self.explain(cx, tx, &row).await? {
                Explanation::Possible => {}
                Explanation::AlreadyMine => return Ok(None),
                Explanation::Refused(code) => return refused(code),
            }
        }
        Err(Error::Conflict(batch))
    }

    async fn attempt(&self, cx: &Cx, tx: &Tx, batch: Uuid) -> Result<Option<meal_batch::Model>> {
        use meal_batch::Column as B;
        let now = cx.app.clock.now();
        let (from, status) = self.action.transition();
        let moved = cx
            .actor()?
            .scoped::<meal_batch::Entity>(self.permission)
            .id(batch)
            .filter(B::Status.is_in(from.iter().copied()))
            .filter(B::DueAt.gt(now))
            .filter(self.guard.clone())
            .update(tx, |update| {
                update
                    .value(B::Status, status)
                    .value(B::Version, Expr::col(B::Version).add(1))
                    .value(B::UpdatedAt, now);
                for (column, value) in held(now, self.to) {
                    update.value(column, value);
                }
            })
            .await?;
        Ok(moved.into_iter().next())
    }

    /// Nothing moved: what is known of the batch, and what follows from it.
    async fn explain(&self, cx: &Cx, tx: &Tx, row: &meal_batch::Model) -> Result<Explanation> {
        let actor = cx.actor()?;
        let is_claim = self.action == Action::Claim;
        let facts = Facts {
            status: row.status,
            mine: row.claimed_by == Some(actor.account),
            permitted: self.action == Action::Release || actor.may(self.permission, row.area_id),
            window_passed: row.due_at <= cx.app.clock.now(),
            at_limit: is_claim && doors::is_at_limit(cx, tx, actor.account).await?,
        };
        Ok(rules::explain(self.action, facts))
    }
}

/// What a batch says of who holds it.
fn held(now: DateTime<Utc>, to: Holder) -> Vec<(meal_batch::Column, SimpleExpr)> {
    use meal_batch::Column as B;
    vec![
        (B::ClaimedBy, Expr::value(to.map(|to| to.account))),
        (B::ClaimedAt, Expr::value(to.map(|_| now))),
        (B::AssignedBy, Expr::value(to.and_then(|to| to.assigned_by))),
    ]
}

/// Audits, announces and commits a batch that has moved with its doors.
async fn finish(
    cx: &Cx,
    write: Write,
    (action, reason): (&'static str, Option<String>),
    (row, mut changed): (&meal_batch::Model, Vec<Changed>),
) -> Result<Outcome> {
    let place = Some(row.area_id);
    let act = Act {
        action,
        subject_kind: "MealBatch",
        subject_id: row.id,
        area_id: place,
        reason,
        fields: "status,claimed_by".to_owned(),
        details: None,
    };
    changed.push(Changed::in_place(ChangeKind::MealBatch, row.id, place));
    write.record_all(cx, act, &changed).await?;
    let outcome = Outcome::of(row.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}
