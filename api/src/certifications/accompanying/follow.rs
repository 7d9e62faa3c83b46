//! What becomes of a check becomes of who comes along to it.

use chrono::{DateTime, Utc};
use entity::certification_check;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use uuid::Uuid;

use super::candidates::fit;
use super::service::AT_HOME;
use crate::accompaniments::service::{self as accompaniments, Turn};
use crate::certifications::checks::rules::Action;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::duty::roster::away;
use crate::error::Result;

const CHECKS: &str = "the checks of a round that the scope let through";

/// Lets the accompaniment of a check follow what was done about it.
pub(in crate::certifications) async fn follow(
    cx: &Cx,
    tx: &Tx,
    (before, check, action): (
        &certification_check::Model,
        &certification_check::Model,
        Action,
    ),
) -> Result<Vec<Changed>> {
    let Some(id) = check.accompaniment_id else {
        return Ok(Vec::new());
    };
    let is_home = check.channel == Some(AT_HOME);
    let turn = match (action, check.scheduled_for) {
        // Said once more: what the volunteer agreed to stands.
        (Action::Schedule | Action::Assign, at)
            if is_home && at == before.scheduled_for && check.assigned_to == before.assigned_to =>
        {
            return Ok(Vec::new());
        }
        (Action::Schedule | Action::Assign, Some(at)) if is_home => {
            moved(cx, tx, (id, at, check.assigned_to)).await?
        }
        (
            Action::Schedule
            | Action::Unschedule
            | Action::Assign
            | Action::Settle
            | Action::PassOn,
            _,
        ) => Turn::Cancelled,
        (Action::Check, _) if !is_home => Turn::Cancelled,
        (Action::Attempt | Action::Check, _) => Turn::Over,
        (Action::EarlierAttempt | Action::Return | Action::Confirm | Action::Accompany, _) => {
            return Ok(Vec::new());
        }
    };
    accompaniments::turn(cx, tx, &[id], turn).await
}

/// At another time whoever is away then is not asked again.
async fn moved(
    cx: &Cx,
    tx: &Tx,
    (id, at, meet): (Uuid, DateTime<Utc>, Option<Uuid>),
) -> Result<Turn> {
    let asked = accompaniments::asked(tx, id).await?;
    let away = away(tx, &[asked], at).await?;
    let is_fit = !fit(cx, tx, Some(asked)).await?.is_empty();
    Ok(if is_fit && away.is_empty() {
        Turn::Moved(at, meet)
    } else {
        Turn::Cancelled
    })
}

/// Nobody comes along to what is left of an ended round.
pub(in crate::certifications) async fn end_of_round(
    cx: &Cx,
    tx: &Tx,
    round: Uuid,
) -> Result<Vec<Changed>> {
    use certification_check::Column as K;
    let asked: Vec<Option<Uuid>> = certification_check::Entity::find()
        .select_only()
        .column(K::AccompanimentId)
        .filter(K::RoundId.eq(round))
        .filter(K::AccompanimentId.is_not_null())
        .into_tuple()
        .all(&tx.unscoped(CHECKS))
        .await?;
    let asked: Vec<Uuid> = asked.into_iter().flatten().collect();
    let mut changed = Vec::new();
    // One statement takes 32,766 values on SQLite.
    for some in asked.chunks(10_000) {
        changed.extend(accompaniments::turn(cx, tx, some, Turn::Cancelled).await?);
    }
    Ok(changed)
}
