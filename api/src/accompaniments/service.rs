//! Asking somebody along, what becomes of it, and the volunteer's own answers.

use chrono::{DateTime, Utc};
use entity::accompaniment;
use entity::enums::ChangeKind;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use serde::Serialize;
use uuid::Uuid;

use super::rules::{self, Action, FIRST, Facts, LIVE};
use crate::access::policy::Permission;
use crate::access::scope::{Grant, insert};
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const ASKED: &str = "the accompaniment of what the scope of who asked for it let through";

/// Somebody to be asked along.
#[derive(Clone, Debug)]
pub struct New {
    /// Who.
    pub account: Uuid,
    /// Where it is.
    pub area: Uuid,
    /// When to meet.
    pub at: DateTime<Utc>,
    /// Whom they go to.
    pub name: String,
    /// Where that is, sealed.
    pub address_sealed: Option<String>,
    /// Whom to meet.
    pub meet: Uuid,
}

/// What becomes of an accompaniment without its volunteer's doing.
#[derive(Clone, Copy, Debug)]
pub enum Turn {
    /// It is at another time, with whom to meet where that is another.
    Moved(DateTime<Utc>, Option<Uuid>),
    /// Nobody is needed.
    Cancelled,
    /// It was made.
    Over,
}

/// Asks somebody along within an open write; what is asked for stands where `grant` proves. Its key.
pub async fn ask(cx: &Cx, tx: &Tx, grant: &Grant, new: New) -> Result<(Uuid, Changed)> {
    let now = cx.app.clock.now();
    let row = accompaniment::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        account_id: Set(new.account),
        area_id: Set(new.area),
        status: Set(FIRST),
        at: Set(new.at),
        closes_at: Set(rules::closes_at(new.at)),
        name: Set(new.name),
        address_sealed: Set(new.address_sealed),
        meet_id: Set(new.meet),
        asked_by: Set(cx.actor()?.account),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let row = insert(tx, grant, row).await?;
    let kind = ChangeKind::Accompaniment;
    Ok((row.id, Changed::new(kind, row.id, Some(row.area_id))))
}

/// Whether somebody may still come.
pub async fn is_live(tx: &Tx, id: Uuid) -> Result<bool> {
    let live = accompaniment::Entity::find_by_id(id)
        .filter(accompaniment::Column::Status.is_in(LIVE))
        .count(&tx.unscoped(ASKED))
        .await?;
    Ok(live > 0)
}

/// Who was asked.
pub async fn asked(tx: &Tx, id: Uuid) -> Result<Uuid> {
    let row = accompaniment::Entity::find_by_id(id)
        .one(&tx.unscoped(ASKED))
        .await?;
    row.map(|row| row.account_id)
        .ok_or_else(|| Error::internal("an accompaniment that was named is not there"))
}

/// Carries a turn out on those of these that are live, and says what changed.
pub async fn turn(cx: &Cx, tx: &Tx, ids: &[Uuid], turn: Turn) -> Result<Vec<Changed>> {
    use accompaniment::Column as C;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let now = cx.app.clock.now();
    let action = match turn {
        Turn::Moved(..) => Action::Move,
        Turn::Cancelled => Action::Cancel,
        Turn::Over => Action::End,
    };
    let mut update = accompaniment::Entity::update_many()
        .col_expr(C::Status, Expr::value(action.to()))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::value(now));
    if let Turn::Moved(at, meet) = turn {
        update = update
            .col_expr(C::At, Expr::value(at))
            .col_expr(C::ClosesAt, Expr::value(rules::closes_at(at)));
        if let Some(meet) = meet {
            update = update.col_expr(C::MeetId, Expr::value(meet));
        }
    }
    let moved = update
        .filter(C::Id.is_in(ids.iter().copied()))
        .filter(C::Status.is_in(action.from().iter().copied()))
        .exec_with_returning(&tx.unscoped(ASKED))
        .await?;
    let changed = moved.into_iter();
    let kind = ChangeKind::Accompaniment;
    Ok(changed
        .map(|row| Changed::in_place(kind, row.id, Some(row.area_id)))
        .collect())
}

/// A volunteer's answer to what they were asked.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// The accompaniment.
    pub id: Uuid,
    /// The version they saw: they answer to that time and place.
    pub expected_version: i64,
    /// Why they do not come; they do where absent.
    pub reason: Option<String>,
}

/// Answers whether one comes along. Needs `VISIT_CARRY_OUT`, of one's own; who repeats it succeeds.
///
/// Refused: `NOT_FOUND`, `ALREADY_ENDED`, `VERSION_CONFLICT`.
pub async fn answer(
    cx: &Cx,
    mutation: &'static str,
    answer: Answer,
    key: Option<Uuid>,
) -> Result<Outcome> {
    use accompaniment::Column as C;
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new(mutation, key, &answer)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::VisitCarryOut)?;
    let (tx, now) = (write.tx(), cx.app.clock.now());
    let action = if answer.reason.is_none() {
        Action::Accept
    } else {
        Action::Decline
    };
    let own = || {
        let scoped = actor.scoped::<accompaniment::Entity>(Permission::VisitCarryOut);
        scoped.id(answer.id)
    };
    let values: Vec<(C, SimpleExpr)> = vec![
        (C::Status, Expr::value(action.to())),
        (C::DeclineReason, Expr::value(answer.reason.clone())),
    ];
    let moved = own()
        .filter(C::Status.is_in(action.from().iter().copied()))
        .filter(C::Version.eq(answer.expected_version))
        .filter(C::ClosesAt.gt(now))
        .update(tx, |update| {
            update
                .values(values)
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, now);
        })
        .await?
        .pop();
    let outcome = Outcome::of(answer.id);
    let Some(row) = moved else {
        let row = own().one(tx).await?;
        let row = row.ok_or_else(|| Error::refused(Code::NotFound).on("accompanimentId"))?;
        let facts = Facts {
            status: row.status,
            past: row.closes_at <= now,
            same: row.decline_reason == answer.reason,
        };
        return match rules::explain(action, facts) {
            None => {
                write.commit(&outcome).await?;
                Ok(outcome)
            }
            Some(Code::VersionConflict) => Err(Error::Conflict(row.id)),
            Some(code) => Err(Error::refused(code).on("accompanimentId")),
        };
    };
    let place = Some(row.area_id);
    let act = Act {
        action: mutation,
        subject_kind: "Accompaniment",
        subject_id: row.id,
        area_id: place,
        reason: answer.reason,
        fields: "status".to_owned(),
        details: None,
    };
    let changed = Changed::in_place(ChangeKind::Accompaniment, row.id, place);
    write.record(cx, act, changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}
