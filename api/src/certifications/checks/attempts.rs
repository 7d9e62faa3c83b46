//! Tries at a check that met nobody: each is kept once.

use entity::{certification_attempt, certification_check};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _};
use uuid::Uuid;

use super::calls::What;
use crate::access::sealed::{self, Field};
use crate::changes::service::Changed;
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

/// Keeps a try.
pub(super) async fn note(
    cx: &Cx,
    tx: &Tx,
    row: &certification_check::Model,
    what: &What,
) -> Result<Vec<Changed>> {
    let What::Attempt {
        id,
        channel,
        reason,
        occurred_at,
        notes,
    } = what
    else {
        return Ok(Vec::new());
    };
    let now = cx.app.clock.now();
    let notes = notes.as_deref();
    let notes = notes.map(|text| sealed::seal(&cx.app.keys, Field::VisitNotes, text));
    let attempt = certification_attempt::ActiveModel {
        id: Set(id.unwrap_or_else(|| cx.app.clock.new_id())),
        check_id: Set(row.id),
        account_id: Set(cx.actor()?.account),
        occurred_at: Set(occurred_at.unwrap_or(now)),
        channel: Set(*channel),
        reason: Set(*reason),
        notes_sealed: Set(notes.transpose()?),
        created_at: Set(now),
    };
    attempt.insert(&tx.unscoped(ATTEMPT)).await?;
    Ok(Vec::new())
}
