//! Telling a station that somebody is registered whom it does not see: noted in the audit, and only so often a day.
//!
//! An ID number cannot be registered twice, so that one is taken must be told; whoever types in the numbers of others
//! to learn who is a beneficiary is stopped. Who has been told of a person already today is told again.

use chrono::{DateTime, Utc};
use entity::{account, audit_entry};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use std::collections::BTreeSet;
use uuid::Uuid;

use crate::audit::service::{Act, Author, record_by};
use crate::clock::{Clock, SHANGHAI, begin_of};
use crate::db::{Db, Handle as _, Tx};
use crate::error::{Result, Stop};

const REASON: &str = "how often somebody was told of a beneficiary whom they do not see";
/// The audit's word for it.
const PROBE: &str = "beneficiary:idNumberTaken";

/// Of how many people somebody is told in a day that they are registered elsewhere.
pub const PROBES_A_DAY: usize = 20;

/// `RATE_LIMITED` for who has been told often enough today.
pub async fn check(clock: &Clock, tx: &Tx, actor: Uuid) -> Result<()> {
    let told = told_today(clock.now(), tx, actor).await?;
    judge(told.len())
}

/// Notes of whom somebody is about to be told, in a transaction of its own: `RATE_LIMITED` where these are more than
/// the day leaves over.
pub async fn note(db: &Db, author: Author<'_>, people: &BTreeSet<Uuid>) -> Result<()> {
    let Some(actor) = author.actor.filter(|_| !people.is_empty()) else {
        return Ok(());
    };
    let tx = db.begin().await?;
    // Held until the end: of many at once none is told more than the others leave over.
    account::Entity::find_by_id(actor)
        .select_only()
        .column(account::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple::<Uuid>()
        .one(&tx.unscoped(REASON))
        .await?;
    let told = told_today(author.clock.now(), &tx, actor).await?;
    let new: Vec<Uuid> = people.difference(&told).copied().collect();
    if new.is_empty() {
        return Ok(());
    }
    // One more than the last that is left stops it.
    judge((told.len() + new.len()).saturating_sub(1))?;
    for person in new {
        let act = Act {
            action: PROBE,
            subject_kind: "Beneficiary",
            subject_id: person,
            area_id: None,
            reason: None,
            fields: String::new(),
            details: None,
        };
        record_by(author, &tx, act).await?;
    }
    tx.commit().await
}

fn judge(told: usize) -> Result<()> {
    if told < PROBES_A_DAY {
        Ok(())
    } else {
        Err(Stop::RateLimited.into())
    }
}

/// Of whom somebody has been told today.
async fn told_today(now: DateTime<Utc>, tx: &Tx, actor: Uuid) -> Result<BTreeSet<Uuid>> {
    use audit_entry::Column as A;
    let today = begin_of(crate::clock::local_date(now, SHANGHAI), SHANGHAI);
    let told = audit_entry::Entity::find()
        .select_only()
        .column(A::SubjectId)
        .filter(A::ActorId.eq(actor))
        .filter(A::At.gte(today))
        .filter(A::Action.eq(PROBE))
        .into_tuple::<Option<Uuid>>()
        .all(&tx.unscoped(REASON))
        .await?;
    Ok(told.into_iter().flatten().collect())
}
