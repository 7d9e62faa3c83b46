//! Closing a session that was held; cancelling one. Whoever was to come is to be certified as before.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::enums::{ChangeKind, CheckAttemptReason};
use entity::{certification_attempt, certification_check, certification_session};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, LockType, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use super::reads::{hold, look};
use super::rules::End;
use crate::access::policy::Permission;
use crate::audit::service::Act;
use crate::certifications::checks::calls::announced;
use crate::certifications::checks::rules::{FIRST, PLANNED};
use crate::certifications::rounds;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const EXPECTED: &str = "who is expected at a session that the scope let through";

/// How many attempts one statement writes.
const ROWS: usize = 400;

/// Closes a session once it has begun: an attempt is noted for whoever was to come and was not checked.
/// Needs `CERTIFICATION_PLAN` at its area; who repeats it succeeds.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_ENDED`, `SESSION_NOT_BEGUN`.
pub async fn close(cx: &Cx, id: Uuid, key: Option<Uuid>) -> Result<Outcome> {
    let request = Request::new("closeCertificationSession", key, &id);
    end(cx, request, (End::Close, id), None).await
}

/// Cancels a session, with a reason: whoever was to come is expected no more. Needs `CERTIFICATION_PLAN` at
/// its area; who repeats it succeeds.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_ENDED`.
pub async fn cancel(cx: &Cx, id: Uuid, reason: String, key: Option<Uuid>) -> Result<Outcome> {
    let request = Request::new("cancelCertificationSession", key, &(id, &reason));
    end(cx, request, (End::Cancel, id), Some(reason)).await
}

async fn end(
    cx: &Cx,
    request: Request,
    (end, id): (End, Uuid),
    reason: Option<String>,
) -> Result<Outcome> {
    use certification_session::Column as C;
    let actor = cx.actor()?;
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let plan = Permission::CertificationPlan;
    actor.require(plan)?;
    let not_found = || Error::refused(Code::NotFound).on("sessionId");
    // The round first, then the session: whoever was giving a place has finished, and is seen below.
    let seen = look(cx, write.tx(), id).await?.ok_or_else(not_found)?;
    rounds::reads::hold(write.tx(), [seen.round_id]).await?;
    let held = hold(cx, write.tx(), &BTreeSet::from([id])).await?.pop();
    let before = held.ok_or_else(not_found)?;
    let now = cx.app.clock.now();
    let mut scoped = actor
        .scoped::<certification_session::Entity>(plan)
        .id(id)
        .filter(C::Status.eq(end.from()));
    if end == End::Close {
        scoped = scoped.filter(C::StartsAt.lte(now));
    }
    let ended = scoped.update(write.tx(), |update| {
        update
            .value(C::Status, end.to())
            .value(C::EndReason, reason.clone())
            .value(C::EndedBy, actor.account)
            .value(C::EndedAt, now)
            .value(C::Version, Expr::col(C::Version).add(1))
            .value(C::UpdatedAt, now);
    });
    let outcome = Outcome::of(id);
    let Some(session) = ended.await?.pop() else {
        if before.status == end.to() && before.ended_by == Some(actor.account) {
            write.commit(&outcome).await?;
            return Ok(outcome);
        }
        let code = if !actor.may(plan, before.area_id) {
            Code::NotPermitted
        } else if before.status != end.from() {
            Code::AlreadyEnded
        } else {
            Code::SessionNotBegun
        };
        return Err(Error::refused(code).on("sessionId"));
    };
    let mut changed = send_home(cx, write.tx(), (end, &session)).await?;
    let (kind, place) = (ChangeKind::CertificationSession, Some(session.area_id));
    changed.push(Changed::in_place(kind, id, place));
    let act = Act {
        action: match end {
            End::Close => "closeCertificationSession",
            End::Cancel => "cancelCertificationSession",
        },
        subject_kind: "CertificationSession",
        subject_id: id,
        area_id: place,
        reason,
        fields: "status".to_owned(),
        details: None,
    };
    write.record_all(cx, act, &changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Whoever is still expected is to be certified as before, wherever they are registered; at the end of a
/// session that was held with an attempt.
async fn send_home(
    cx: &Cx,
    tx: &Tx,
    (end, session): (End, &certification_session::Model),
) -> Result<Vec<Changed>> {
    use certification_check::Column as C;
    let connection = tx.unscoped(EXPECTED);
    let expected = || {
        certification_check::Entity::find()
            .filter(C::SessionId.eq(session.id))
            .filter(C::Status.eq(PLANNED))
            .filter(rounds::reads::is_open())
    };
    // Held in the order of their ids, as whoever checks many at once holds them.
    let checks = expected()
        .order_by_asc(C::Id)
        .lock(LockType::NoKeyUpdate)
        .all(&connection)
        .await?;
    let now = cx.app.clock.now();
    let at = Ord::min(session.ends_at, now);
    let mut values: Vec<(C, SimpleExpr)> = vec![
        (C::Status, Expr::value(FIRST)),
        (C::SessionId, Expr::value(None::<Uuid>)),
        (C::ScheduledFor, Expr::value(None::<DateTime<Utc>>)),
        (C::Version, Expr::col(C::Version).add(1)),
        (C::UpdatedAt, Expr::value(now)),
    ];
    if end == End::Close {
        values.extend([
            (C::Attempts, Expr::col(C::Attempts).add(1)),
            (C::LastAttemptAt, Expr::value(at)),
            (
                C::LastAttemptReason,
                Expr::value(CheckAttemptReason::Absent),
            ),
        ]);
    }
    let mut update = certification_check::Entity::update_many();
    for (column, value) in values {
        update = update.col_expr(column, value);
    }
    update
        .filter(C::SessionId.eq(session.id))
        .filter(C::Status.eq(PLANNED))
        .filter(rounds::reads::is_open())
        .exec(&connection)
        .await?;
    if end == End::Close {
        let me = cx.actor()?.account;
        for some in checks.chunks(ROWS) {
            let attempts = some.iter().map(|check| certification_attempt::ActiveModel {
                id: Set(cx.app.clock.new_id()),
                check_id: Set(check.id),
                account_id: Set(me),
                occurred_at: Set(at),
                channel: Set(session.channel),
                reason: Set(CheckAttemptReason::Absent),
                notes_sealed: Set(None),
                session_id: Set(Some(session.id)),
                created_at: Set(now),
            });
            certification_attempt::Entity::insert_many(attempts)
                .exec_without_returning(&connection)
                .await?;
        }
    }
    Ok(checks.iter().flat_map(announced).collect())
}
