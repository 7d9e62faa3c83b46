//! Tries 未果记录 at a check that met nobody: each is kept.

use chrono::{DateTime, Utc};
use entity::certification_check::Column as C;
use entity::{certification_attempt, certification_check};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait as _, EntityTrait as _, TryInsertResult};
use uuid::Uuid;

use super::calls::{What, place_left, unless_planned};
use super::rules::{self, Action, PLANNED};
use super::step::Values;
use crate::access::policy::Permission;
use crate::access::sealed::{self, Field};
use crate::clock::{SHANGHAI, local_date};
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};

const ATTEMPT: &str = "a try at a check that the scope let through";

/// Whether the actor has written a try under this id before; another's is refused.
pub(super) async fn is_known(cx: &Cx, tx: &Tx, (id, check): (Uuid, Uuid)) -> Result<bool> {
    if id.get_version_num() != 7 {
        return Err(Error::refused(Code::UuidInvalid));
    }
    let row = certification_attempt::Entity::find_by_id(id)
        .one(&tx.unscoped(ATTEMPT))
        .await?;
    match row {
        Some(row) if row.account_id == cx.actor()?.account && row.check_id == check => Ok(true),
        Some(_) => Err(Error::refused(Code::IdTaken)),
        None => Ok(false),
    }
}

/// What is done: a try that was made before the plan, for a later day, leaves the plan as it is.
pub(super) fn action(seen: &certification_check::Model, what: &What, now: DateTime<Utc>) -> Action {
    let planned = seen.scheduled_for.filter(|_| seen.status == PLANNED);
    let (What::Attempt { occurred_at, .. }, Some(planned)) = (what, planned) else {
        return what.action();
    };
    let at = occurred_at.unwrap_or(now);
    if at < seen.updated_at && local_date(at, SHANGHAI) < local_date(planned, SHANGHAI) {
        Action::EarlierAttempt
    } else {
        what.action()
    }
}

/// What a try writes; the last one is the latest, in whatever order they come.
pub(super) fn values(what: &What, action: Action, now: DateTime<Utc>) -> Result<Values> {
    let What::Attempt {
        reason,
        occurred_at,
        ..
    } = what
    else {
        return Ok(Vec::new());
    };
    let at = occurred_at.unwrap_or(now);
    rules::check_past(at, now)?;
    let latest = |column: C, value: SimpleExpr| {
        let later = CaseStatement::new().case(C::LastAttemptAt.gt(at), Expr::col(column));
        (column, later.finally(value).into())
    };
    let mut values = vec![
        (C::Attempts, Expr::col(C::Attempts).add(1)),
        latest(C::LastAttemptAt, Expr::value(at)),
        latest(C::LastAttemptReason, Expr::value(*reason)),
    ];
    if action == Action::Attempt {
        let none = Expr::value(None::<DateTime<Utc>>);
        let kept = unless_planned(Expr::col(C::ScheduledFor), none);
        values.extend([(C::ScheduledFor, kept), place_left()]);
    }
    Ok(values)
}

/// Holds a check that somebody tries at, so that the same try at once waits, and is known then.
pub(super) async fn hold(cx: &Cx, tx: &Tx, check: Uuid) -> Result<()> {
    cx.actor()?
        .scoped::<certification_check::Entity>(Permission::CertificationCheck)
        .id(check)
        .one_to_refer_to(tx)
        .await?;
    Ok(())
}

/// Keeps a try, and says under which id; nothing of another action.
///
/// Refused: `ID_TAKEN`, by a try at another check at the same time.
pub(super) async fn note(
    cx: &Cx,
    tx: &Tx,
    (seen, action): (&certification_check::Model, Action),
    what: &What,
) -> Result<Option<Uuid>> {
    let What::Attempt {
        id,
        channel,
        reason,
        occurred_at,
        notes,
    } = what
    else {
        return Ok(None);
    };
    let id = id.unwrap_or_else(|| cx.app.clock.new_id());
    let now = cx.app.clock.now();
    let notes = notes.as_deref();
    let notes = notes.map(|text| sealed::seal(&cx.app.keys, Field::VisitNotes, text));
    let attempt = certification_attempt::ActiveModel {
        id: Set(id),
        check_id: Set(seen.id),
        session_id: Set(seen
            .session_id
            .filter(|_| action == Action::Attempt && seen.status == PLANNED)),
        account_id: Set(cx.actor()?.account),
        occurred_at: Set(occurred_at.unwrap_or(now)),
        channel: Set(*channel),
        reason: Set(*reason),
        notes_sealed: Set(notes.transpose()?),
        created_at: Set(now),
    };
    let inserted = certification_attempt::Entity::insert_many([attempt])
        .on_conflict_do_nothing()
        .exec_without_returning(&tx.unscoped(ATTEMPT))
        .await?;
    match inserted {
        TryInsertResult::Inserted(rows) if rows > 0 => Ok(Some(id)),
        _ => Err(Error::refused(Code::IdTaken)),
    }
}

/// Takes a try back that was noted within the same write, where it comes to nothing after all.
pub(super) async fn forget(tx: &Tx, noted: Option<Uuid>) -> Result<()> {
    if let Some(id) = noted {
        certification_attempt::Entity::delete_by_id(id)
            .exec(&tx.unscoped(ATTEMPT))
            .await?;
    }
    Ok(())
}
