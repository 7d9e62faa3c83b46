//! Where somebody has promised to be: visits with an appointed time, ways along to a home, hands lent.

use chrono::{DateTime, Duration, Utc};
use entity::enums::{AccompanimentStatus, HandStatus};
use entity::{accompaniment, account, visit_task, wish_hand};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QuerySelect as _,
};
use uuid::Uuid;

use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::visits::rules::LIVE;

const OWN: &str = "what an account has promised itself, so that it is in one place at a time";

/// How long one is with whom one comes along to.
const ALONG: Duration = Duration::minutes(30);
/// No visit takes longer.
const LONGEST: Duration = Duration::days(1);

/// From when until when.
pub type Span = (DateTime<Utc>, DateTime<Utc>);

/// Whether one person cannot be at both.
#[must_use]
pub fn collide(one: Span, other: Span) -> bool {
    one.0 < other.1 && other.0 < one.1
}

/// Lets an account promise only one thing after the other.
pub async fn hold(tx: &Tx, account: Uuid) -> Result<()> {
    account::Entity::find_by_id(account)
        .select_only()
        .column(account::Column::Id)
        // Only against another of these: rows that name the account are written meanwhile.
        .lock(LockType::NoKeyUpdate)
        .into_tuple::<Uuid>()
        .one(&tx.unscoped(OWN))
        .await?;
    Ok(())
}

/// Refuses a time at which an account that is held has promised to be elsewhere: `TIME_CONFLICT`. The task or
/// wish `except` is what the promise is about.
pub async fn check(tx: &Tx, account: Uuid, (span, except): (Span, Uuid)) -> Result<()> {
    if visits(tx, account, (span, except)).await?
        || ways(tx, account, span).await?
        || hands(tx, account, (span, except)).await?
    {
        return Err(Error::refused(Code::TimeConflict));
    }
    Ok(())
}

async fn visits(tx: &Tx, account: Uuid, (span, except): (Span, Uuid)) -> Result<bool> {
    use visit_task::Column as C;
    let near = visit_task::Entity::find()
        .select_only()
        .columns([C::AppointedAt, C::Minutes])
        .filter(C::ClaimedBy.eq(account))
        .filter(C::Status.is_in(LIVE.to_vec()))
        .filter(C::Id.ne(except))
        .filter(C::AppointedAt.lt(span.1))
        .filter(C::AppointedAt.gt(span.0 - LONGEST))
        .into_tuple::<(DateTime<Utc>, i32)>()
        .all(&tx.unscoped(OWN))
        .await?;
    let mut near = near.into_iter();
    Ok(near.any(|(at, minutes)| collide(span, (at, at + Duration::minutes(minutes.into())))))
}

async fn ways(tx: &Tx, account: Uuid, span: Span) -> Result<bool> {
    use accompaniment::Column as C;
    let found = accompaniment::Entity::find()
        .filter(C::AccountId.eq(account))
        .filter(C::Status.eq(AccompanimentStatus::Accepted))
        .filter(C::At.lt(span.1))
        .filter(C::At.gt(span.0 - ALONG))
        .count(&tx.unscoped(OWN))
        .await?;
    Ok(found > 0)
}

async fn hands(tx: &Tx, account: Uuid, (span, except): (Span, Uuid)) -> Result<bool> {
    use wish_hand::Column as C;
    let found = wish_hand::Entity::find()
        .filter(C::AccountId.eq(account))
        .filter(C::Status.eq(HandStatus::Joined))
        .filter(C::WishId.ne(except))
        .filter(C::StartsAt.lt(span.1))
        .filter(C::EndsAt.gt(span.0))
        .count(&tx.unscoped(OWN))
        .await?;
    Ok(found > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_touch_do_not_collide() {
        let span = |from: i64, until: i64| {
            let at = |minute| DateTime::UNIX_EPOCH + Duration::minutes(minute);
            (at(from), at(until))
        };
        assert!(collide(span(0, 30), span(29, 59)));
        assert!(collide(span(29, 59), span(0, 30)));
        assert!(!collide(span(0, 30), span(30, 60)));
        assert!(!collide(span(30, 60), span(0, 30)));
    }
}
