//! Recording who is away.

use chrono::{DateTime, Utc};
use entity::{absence, account, role_grant};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, LockType};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QuerySelect as _,
};
use serde::Serialize;
use uuid::Uuid;

use super::rules;
use crate::access::holders::holders;
use crate::access::policy::{Permission, allows};
use crate::access::sessions::live_at;
use crate::audit::service::Act;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const REASON: &str = "an absence belongs to the actor, or to somebody whom the scope let through";

/// Who is away, and who stands in.
#[derive(Clone, Debug, Serialize)]
pub struct NewAbsence {
    /// Who; the actor where absent.
    pub account: Option<Uuid>,
    /// First instant away.
    pub from_at: DateTime<Utc>,
    /// First instant back.
    pub until_at: DateTime<Utc>,
    /// Who is told instead.
    pub stand_in: Option<Uuid>,
    /// Why.
    pub reason: Option<String>,
}

/// Records an absence: one's own, or with `DUTY_EDIT` that of somebody granted in one's areas.
///
/// Refused: `NOT_FOUND`, `WINDOW_INVALID`, `OUT_OF_RANGE`, `ABSENCE_OVERLAPS`, `STAND_IN_UNFIT`.
pub async fn record(cx: &Cx, new: NewAbsence, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new("recordAbsence", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let who = new.account.unwrap_or(actor.account);
    answerable(cx, write.tx(), who, "accountId").await?;
    let now = cx.app.clock.now();
    rules::check((new.from_at, new.until_at), now)
        .map_err(|code| Error::refused(code).on("untilAt"))?;
    // One after the other, so that no two of a person overlap.
    hold(write.tx(), who).await?;
    let overlapping = absence::Entity::find()
        .filter(absence::Column::AccountId.eq(who))
        .filter(absence::Column::FromAt.lt(new.until_at))
        .filter(absence::Column::UntilAt.gt(new.from_at))
        .count(&write.tx().unscoped(REASON))
        .await?;
    if overlapping > 0 {
        return Err(Error::refused(Code::AbsenceOverlaps).on("fromAt"));
    }
    if let Some(stand_in) = new.stand_in
        && !is_fit(cx, write.tx(), who, stand_in).await?
    {
        return Err(Error::refused(Code::StandInUnfit).on("standInId"));
    }
    let row = absence::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        account_id: Set(who),
        from_at: Set(new.from_at),
        until_at: Set(new.until_at),
        stand_in_id: Set(new.stand_in),
        reason: Set(new.reason.clone()),
        recorded_by: Set(actor.account),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let row = row.insert(&write.tx().unscoped(REASON)).await?;
    finish(cx, write, ("recordAbsence", new.reason), &row).await
}

/// Ends an absence now, or calls one off that has not begun. As [`record`].
///
/// Refused: `NOT_FOUND`, `ALREADY_ENDED`.
pub async fn end(cx: &Cx, id: Uuid, key: Option<Uuid>) -> Result<Outcome> {
    use absence::Column as C;
    let write = match Write::begin(cx, Request::new("endAbsence", key, &id)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let tx = write.tx();
    let not_found = || Error::refused(Code::NotFound).on("absenceId");
    let row = absence::Entity::find_by_id(id)
        .one(&tx.unscoped(REASON))
        .await?;
    let row = row.ok_or_else(not_found)?;
    answerable(cx, tx, row.account_id, "absenceId").await?;
    let now = cx.app.clock.now();
    // One that has not begun never was.
    let ends = Expr::case(Expr::col(C::FromAt).gt(now), Expr::col(C::FromAt));
    let ended = absence::Entity::update_many()
        .col_expr(C::UntilAt, ends.finally(Expr::value(now)).into())
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::value(now))
        .filter(C::Id.eq(id))
        .filter(C::UntilAt.gt(now))
        .filter(Expr::col(C::UntilAt).gt(Expr::col(C::FromAt)))
        .exec_with_returning(&tx.unscoped(REASON))
        .await?;
    match ended.first() {
        Some(row) => finish(cx, write, ("endAbsence", None), row).await,
        None => Err(Error::refused(Code::AlreadyEnded).on("absenceId")),
    }
}

/// Lets an actor through to their own absences, and with `DUTY_EDIT` to those of their people.
async fn answerable(cx: &Cx, tx: &Tx, who: Uuid, field: &'static str) -> Result<()> {
    let actor = cx.actor()?;
    if who == actor.account {
        return Ok(());
    }
    let granted = actor
        .scoped::<role_grant::Entity>(Permission::DutyEdit)
        .filter(role_grant::Column::AccountId.eq(who))
        .filter(live_at(cx.app.clock.now()))
        .count(tx)
        .await?;
    if granted == 0 {
        return Err(Error::refused(Code::NotFound).on(field));
    }
    Ok(())
}

async fn hold(tx: &Tx, account: Uuid) -> Result<()> {
    account::Entity::find_by_id(account)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.unscoped(REASON))
        .await?;
    Ok(())
}

/// Whether somebody may be told in another's stead: another person, who works at every desk of theirs.
async fn is_fit(cx: &Cx, tx: &Tx, who: Uuid, stand_in: Uuid) -> Result<bool> {
    let now = cx.app.clock.now();
    let grants = role_grant::Entity::find()
        .filter(role_grant::Column::AccountId.eq(who))
        .filter(live_at(now))
        .all(&tx.unscoped(REASON))
        .await?;
    let desks: Vec<Uuid> = grants
        .iter()
        .filter(|grant| allows(grant.role, Permission::DeskRead))
        .map(|grant| grant.area_id)
        .collect();
    if stand_in == who || desks.is_empty() {
        return Ok(false);
    }
    let tree = cx.app.sessions.tree();
    for desk in desks {
        let able = holders(tx, (&tree, now), (Permission::DeskRead, desk)).await?;
        if !able.iter().any(|holder| holder.account == stand_in) {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn finish(
    cx: &Cx,
    write: Write,
    (action, reason): (&'static str, Option<String>),
    row: &absence::Model,
) -> Result<Outcome> {
    let act = Act {
        action,
        subject_kind: "Account",
        subject_id: row.account_id,
        area_id: None,
        reason,
        fields: "from_at,until_at,stand_in".to_owned(),
        details: None,
    };
    write.record_all(cx, act, &[]).await?;
    let outcome = Outcome::of(row.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}
