//! Confirming and rejecting what a report proposes.

use chrono::NaiveDate;
use entity::enums::ChangeKind;
use entity::{finding, resident, visit_task};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use serde::Serialize;
use uuid::Uuid;

use super::propose::{note_visits, settled};
use super::rules::{self, Action, Consequence, Given};
use crate::access::policy::Permission;
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::clock::{SHANGHAI, local_date};
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::residents::departures::effects::{self, Departure, Effects, Leaving};
use crate::residents::enrolments::rules::check_day;
use crate::write::{Begun, Outcome, Request, Write};

const KNOWN: &str = "a finding that the scope let through, and its visit";

/// Values to write with a decision.
pub(super) type Values = Vec<(finding::Column, Expr)>;

/// How a finding is confirmed.
#[derive(Clone, Debug, Serialize)]
pub struct Confirmation {
    /// The finding.
    pub finding: Uuid,
    /// The first day on which it holds; the day of the visit where absent.
    pub on: Option<NaiveDate>,
    /// When a hospital stay is looked at again.
    pub review_on: Option<NaiveDate>,
    /// Who says so.
    pub source: Option<String>,
}

/// Confirms a finding, and does what follows from it. Needs `FINDING_CONFIRM` where it was found and where
/// the person lives; who repeats it succeeds.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_DECIDED`, `OWN_REPORT`, `NO_LONGER_HERE`, `REQUIRED`,
/// `WINDOW_INVALID`, `OUT_OF_RANGE`, `ALREADY_PAUSED`.
pub async fn confirm(cx: &Cx, confirmation: Confirmation, key: Option<Uuid>) -> Result<Outcome> {
    use finding::Column as C;
    let request = Request::new("confirmFinding", key, &confirmation);
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let seen = look(cx, write.tx(), confirmation.finding).await?;
    // In the order in which visits are reported and people leave: person, visit, finding.
    let person = person(cx, &write, seen.resident_id).await?;
    hold_visit(write.tx(), &seen).await?;
    let on = confirmation
        .on
        .unwrap_or_else(|| local_date(seen.found_at, SHANGHAI));
    let values = vec![
        (C::DecidedBy, Expr::value(cx.actor()?.account)),
        (C::DecidedAt, Expr::value(cx.app.clock.now())),
        (C::HoldsOn, Expr::value(on)),
        (C::ReviewOn, Expr::value(confirmation.review_on)),
        (C::Remark, Expr::value(confirmation.source.clone())),
    ];
    let Some(row) = decided(cx, &write, (&seen, Action::Confirm), values).await? else {
        let outcome = Outcome::of(seen.id);
        write.commit(&outcome).await?;
        return Ok(outcome);
    };
    let effects = carry_out(cx, write.tx(), (&row, &person), &confirmation).await?;
    finding::Entity::update_many()
        .col_expr(C::EnrolmentId, Expr::value(effects.enrolment))
        .filter(C::Id.eq(row.id))
        .exec(&write.tx().unscoped(KNOWN))
        .await?;
    note_visits(write.tx(), row.id, &effects).await?;
    let mut changed = effects.changed;
    changed.extend(settled(cx, write.tx(), person.id).await?);
    let act = act("confirmFinding", &row, confirmation.source.clone());
    finish(cx, write, act, (&row, changed)).await
}

/// Rejects a finding, with a reason: visits go on. Needs `FINDING_CONFIRM` where it was found; who repeats
/// it succeeds.
///
/// Refused: `NOT_FOUND`, `ALREADY_DECIDED`, `OWN_REPORT`.
pub async fn reject(cx: &Cx, id: Uuid, reason: String, key: Option<Uuid>) -> Result<Outcome> {
    use finding::Column as C;
    let request = Request::new("rejectFinding", key, &(id, &reason));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let seen = look(cx, write.tx(), id).await?;
    let values = vec![
        (C::DecidedBy, Expr::value(cx.actor()?.account)),
        (C::DecidedAt, Expr::value(cx.app.clock.now())),
        (C::Remark, Expr::value(reason.clone())),
    ];
    let Some(row) = decided(cx, &write, (&seen, Action::Reject), values).await? else {
        let outcome = Outcome::of(seen.id);
        write.commit(&outcome).await?;
        return Ok(outcome);
    };
    let act = act("rejectFinding", &row, Some(reason));
    finish(cx, write, act, (&row, Vec::new())).await
}

/// The finding, if the actor may decide on it.
pub(super) async fn look(cx: &Cx, tx: &Tx, id: Uuid) -> Result<finding::Model> {
    let actor = cx.actor()?;
    actor.require(Permission::FindingConfirm)?;
    let scoped = actor.scoped::<finding::Entity>(Permission::FindingConfirm);
    let found = scoped.id(id).one(tx).await?;
    found.ok_or_else(|| Error::refused(Code::NotFound).on("findingId"))
}

/// The person a finding is about, held.
pub(super) async fn person(cx: &Cx, write: &Write, id: Uuid) -> Result<resident::Model> {
    let (person, _) = write
        .to_change::<resident::Entity>(cx, id, Permission::FindingConfirm, Permission::ResidentRead)
        .await
        // Whoever sees the finding knows of the person: they live elsewhere by now.
        .map_err(|error| match error {
            Error::Refused(_) => Error::refused(Code::NotPermitted).on("findingId"),
            other => other,
        })?;
    Ok(person)
}

async fn hold_visit(tx: &Tx, seen: &finding::Model) -> Result<()> {
    if let Some(visit) = seen.visit_task_id {
        visit_task::Entity::find_by_id(visit)
            .lock_exclusive()
            .one(&tx.unscoped(KNOWN))
            .await?;
    }
    Ok(())
}

/// Writes a decision where the life allows it; nothing where the actor had decided the same before.
pub(super) async fn decided(
    cx: &Cx,
    write: &Write,
    (seen, action): (&finding::Model, Action),
    values: Values,
) -> Result<Option<finding::Model>> {
    use finding::Column as C;
    let actor = cx.actor()?;
    let scoped = || {
        actor
            .scoped::<finding::Entity>(Permission::FindingConfirm)
            .id(seen.id)
    };
    let mut free = scoped().filter(C::Status.eq(action.from()));
    if action == Action::Undo {
        free = free.filter(C::DecidedAt.gt(cx.app.clock.now() - rules::UNDOABLE));
    } else {
        free = free.filter(C::ProposedBy.ne(actor.account));
    }
    let moved = free
        .update(write.tx(), |update| {
            update
                .value(C::Status, action.to())
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
            for (column, value) in values {
                update.value(column, value);
            }
        })
        .await?
        .pop();
    if let Some(row) = moved {
        return Ok(Some(row));
    }
    let now = scoped().one(write.tx()).await?;
    let now = now.ok_or_else(|| Error::refused(Code::NotFound).on("findingId"))?;
    let by = match action {
        Action::Undo => now.undone_by,
        Action::Confirm | Action::Reject => now.decided_by,
    };
    if now.status == action.to() && by == Some(actor.account) {
        return Ok(None);
    }
    let code = match action {
        Action::Undo if now.status == action.from() => Code::UndoTooLate,
        Action::Undo => Code::NotConfirmed,
        _ if now.status == action.from() => Code::OwnReport,
        _ => Code::AlreadyDecided,
    };
    Err(Error::refused(code).on("findingId"))
}

async fn carry_out(
    cx: &Cx,
    tx: &Tx,
    (row, person): (&finding::Model, &resident::Model),
    said: &Confirmation,
) -> Result<Effects> {
    if person.deceased_on.is_some() {
        return Err(Error::refused(Code::NoLongerHere).on("findingId"));
    }
    let consequence = rules::consequence(row.outcome);
    let consequence = consequence.ok_or_else(|| Error::internal("a finding that is a contact"))?;
    let on = row.holds_on.unwrap_or_else(|| cx.app.clock.today(SHANGHAI));
    let given = Given {
        day: said.on.is_some(),
        source: said.source.is_some(),
        on,
        review_on: said.review_on,
    };
    rules::check(consequence, given)?;
    check_day(on, person.born_on, cx.app.clock.today(SHANGHAI), "onDate")?;
    let reason = rules::reason(row.outcome, said.source.as_deref());
    match (consequence, said.review_on) {
        (Consequence::Rests, Some(review_on)) => {
            effects::suspend(cx, tx, person, (on, review_on), &reason)
                .await
                .map_err(|error| error.on("findingId"))
        }
        (consequence, _) => {
            let leaving = match consequence {
                Consequence::Dies => Leaving::Died,
                Consequence::Leaves | Consequence::Rests => Leaving::Left,
            };
            let by = Permission::ResidentEdit;
            effects::end(cx, tx, person, Departure { leaving, on, by }, &reason).await
        }
    }
}

pub(super) fn act(action: &'static str, row: &finding::Model, reason: Option<String>) -> Act {
    Act {
        action,
        subject_kind: "Finding",
        subject_id: row.id,
        area_id: Some(row.area_id),
        reason,
        fields: "status".to_owned(),
        details: None,
    }
}

pub(super) async fn finish(
    cx: &Cx,
    write: Write,
    act: Act,
    (row, mut changed): (&finding::Model, Vec<Changed>),
) -> Result<Outcome> {
    changed.push(Changed::in_place(
        ChangeKind::Finding,
        row.id,
        Some(row.area_id),
    ));
    write.record_all(cx, act, &changed).await?;
    let outcome = Outcome::of(row.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}
