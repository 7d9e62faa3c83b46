//! What ends hand-overs besides people's answers: their time, and the end of their check or round.

use chrono::{DateTime, Utc};
use entity::enums::ChangeKind;
use entity::{certification_check, certification_hand_over};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, LockType, Query, UpdateStatement};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult as _};
use sea_orm::{QueryFilter as _, QueryOrder as _, QuerySelect as _};
use uuid::Uuid;

use super::rules::Action;
use crate::access::keys::Keys;
use crate::audit::service::{self as audit, Act, Author};
use crate::changes::service::{self as changes, Changed};
use crate::clock::Clock;
use crate::context::Cx;
use crate::db::{Db, Handle as _, Tx};
use crate::error::Result;

const CHECK: &str = "the hand-over of a check that the scope let through";
const ROUND: &str = "what was handed over of a round that the scope let through";
const REASON: &str = "the server's own clock ends offers that nobody answered, wherever they are";

/// How many offers one transaction ends.
const BATCH: u64 = 200;

/// Notes on both sides what became of a hand-over, and announces it to both.
pub(super) async fn note(
    author: Author<'_>,
    tx: &Tx,
    (row, action): (&certification_hand_over::Model, &'static str),
    reason: Option<&str>,
) -> Result<Vec<Changed>> {
    let mut changed = Vec::with_capacity(2);
    for area in [row.from_area_id, row.to_area_id] {
        let act = Act {
            action,
            subject_kind: "HandOver",
            subject_id: row.id,
            area_id: Some(area),
            reason: reason.map(ToOwned::to_owned),
            fields: "status".to_owned(),
            details: None,
        };
        audit::record_by(author, tx, act).await?;
        changed.push(Changed::in_place(ChangeKind::HandOver, row.id, Some(area)));
    }
    Ok(changed)
}

/// What was only offered of a check has expired with its end.
pub(in crate::certifications) async fn end_of_check(
    cx: &Cx,
    tx: &Tx,
    check: Uuid,
) -> Result<Vec<Changed>> {
    use certification_hand_over::Column as C;
    let of_check = Condition::all().add(C::CheckId.eq(check));
    let update = expiring(of_check, cx.app.clock.now());
    let rows = tx.unscoped(CHECK).query_all(&update).await?;
    ended(Author::of(cx), tx, &rows).await
}

/// Nothing of an ended round is offered or shared any more.
pub(in crate::certifications) async fn end_of_round(
    cx: &Cx,
    tx: &Tx,
    round: Uuid,
) -> Result<Vec<Changed>> {
    use certification_check::Column as K;
    use certification_hand_over::Column as C;
    let now = cx.app.clock.now();
    let shared = certification_check::Entity::find()
        .select_only()
        .columns([K::Id, K::HandedToAreaId])
        .filter(K::RoundId.eq(round))
        .filter(K::HandedToAreaId.is_not_null())
        .into_tuple::<(Uuid, Option<Uuid>)>()
        .all(&tx.unscoped(ROUND))
        .await?;
    certification_check::Entity::update_many()
        .col_expr(K::HandedToAreaId, Expr::value(None::<Uuid>))
        .col_expr(K::Version, Expr::col(K::Version).add(1))
        .col_expr(K::UpdatedAt, Expr::value(now))
        .filter(K::RoundId.eq(round))
        .filter(K::HandedToAreaId.is_not_null())
        .exec(&tx.unscoped(ROUND))
        .await?;
    let kind = ChangeKind::CertificationCheck;
    let shared = shared.into_iter();
    let mut changed: Vec<Changed> = shared
        .map(|(check, area)| Changed::in_place(kind, check, area))
        .collect();
    let checks = Query::select()
        .column(K::Id)
        .from(certification_check::Entity)
        .and_where(K::RoundId.eq(round))
        .to_owned();
    let of_round = Condition::all().add(C::CheckId.in_subquery(checks));
    let rows = tx
        .unscoped(ROUND)
        .query_all(&expiring(of_round, now))
        .await?;
    changed.extend(ended(Author::of(cx), tx, &rows).await?);
    Ok(changed)
}

/// Ends offers whose time has passed and says how many; until then their check was the registering
/// station's, and stays so.
///
/// Several servers may do so at once: the condition stands in the update.
pub async fn expire_hand_overs(db: &Db, keys: &Keys, clock: &Clock) -> Result<usize> {
    use certification_hand_over::Column as C;
    let author = Author::operator(keys, clock);
    let mut expired = 0;
    loop {
        let now = clock.now();
        let tx = db.begin().await?;
        // Held in the order of their checks, as whoever answers many at once holds them.
        let past = certification_hand_over::Entity::find()
            .select_only()
            .column(C::Id)
            .filter(C::Status.is_in(Action::Expire.from()))
            .filter(C::ExpiresAt.lte(now))
            .order_by_asc(C::CheckId)
            .limit(BATCH)
            .lock(LockType::NoKeyUpdate)
            .into_tuple::<Uuid>()
            .all(&tx.unscoped(REASON))
            .await?;
        let past = Condition::all().add(C::Id.is_in(past));
        let rows = tx.unscoped(REASON).query_all(&expiring(past, now)).await?;
        let changed = ended(author, &tx, &rows).await?;
        changes::record_at(now, &tx, &changed).await?;
        tx.commit().await?;
        expired += rows.len();
        if rows.is_empty() {
            return Ok(expired);
        }
    }
}

fn expiring(which: Condition, now: DateTime<Utc>) -> UpdateStatement {
    use certification_hand_over::Column as C;
    let mut update = Query::update();
    update
        .table(certification_hand_over::Entity)
        .value(C::Status, Action::Expire.to())
        .value(C::EndedAt, now)
        .value(C::Version, Expr::col(C::Version).add(1))
        .value(C::UpdatedAt, now)
        .and_where(C::Status.is_in(Action::Expire.from()))
        .cond_where(which)
        .returning_all();
    update
}

async fn ended(author: Author<'_>, tx: &Tx, rows: &[sea_orm::QueryResult]) -> Result<Vec<Changed>> {
    let mut changed = Vec::new();
    for row in rows {
        let row = certification_hand_over::Model::from_query_result(row, "")?;
        changed.extend(note(author, tx, (&row, "expireHandOver"), None).await?);
    }
    Ok(changed)
}
