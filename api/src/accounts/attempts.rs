//! Wrong passwords and codes: counted in SQL, and five of them lock the account for a while.
//!
//! A number without an account is treated alike, in memory, so that nobody learns which numbers
//! have one. `find`, `is_locked` and `failed` run the same statements for both.

use chrono::{DateTime, Utc};
use entity::account;
use entity::enums::AccountStatus;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait as _, EntityTrait as _, FromQueryResult as _,
    QueryFilter as _,
};

use super::rules::{LOCK, MAX_FAILURES};
use crate::access::sealed::{self, Field};
use crate::accounts::phone::Phone;
use crate::context::Cx;
use crate::db::{Handle, Tx};
use crate::error::{Code, Error, Result};

const REASON: &str = "whoever signs in has no scope yet";

/// Reads a mobile number given as the input field `phone`.
pub fn mobile(text: &str) -> Result<Phone> {
    Phone::mobile(text).ok_or_else(|| Error::refused(Code::PhoneInvalid).on("phone"))
}

/// The hash by which the account of a phone number is found.
#[must_use]
pub fn phone_hash(cx: &Cx, phone: &Phone) -> String {
    sealed::hash(&cx.app.keys, Field::Phone, phone.as_str())
}

/// The account with this phone number.
pub async fn find(handle: &impl Handle, phone_hash: &str) -> Result<Option<account::Model>> {
    Ok(account::Entity::find()
        .filter(account::Column::PhoneHash.eq(phone_hash))
        .one(&handle.unscoped(REASON))
        .await?)
}

/// `TEMPORARILY_LOCKED` while a number is locked, whether or not it has an account.
pub fn check_lock(cx: &Cx, known: Option<&account::Model>, phone_hash: &str) -> Result<()> {
    let now = cx.app.clock.now();
    let locked = match known {
        Some(account) => account.locked_until.is_some_and(|until| until > now),
        None => cx.app.passwords.is_stranger_locked(phone_hash, now),
    };
    if locked {
        return Err(Error::refused(Code::TemporarilyLocked));
    }
    Ok(())
}

/// Counts a failure in a transaction of its own.
pub async fn failed(cx: &Cx, phone_hash: &str) -> Result<()> {
    let tx = cx.app.db.begin().await?;
    count(cx, &tx, phone_hash).await?;
    tx.commit().await
}

/// Counts an attempt as failed unless the account is locked; absent if it is, or is unknown.
pub async fn count(cx: &Cx, tx: &Tx, phone_hash: &str) -> Result<Option<account::Model>> {
    use account::Column as C;
    let now = cx.app.clock.now();
    // After a lock has run out, counting begins anew.
    let failures = || -> SimpleExpr {
        CaseStatement::new()
            .case(C::LockedUntil.is_not_null(), 1)
            .finally(Expr::col(C::FailedAttempts).add(1))
            .into()
    };
    let locked: SimpleExpr = CaseStatement::new()
        .case(failures().gte(MAX_FAILURES), now + LOCK)
        .finally(Option::<DateTime<Utc>>::None)
        .into();
    let mut update = Query::update();
    update
        .table(account::Entity)
        .value(C::FailedAttempts, failures())
        .value(C::LockedUntil, locked)
        .and_where(C::PhoneHash.eq(phone_hash))
        .cond_where(unlocked(now))
        .returning_all();
    let row = tx.unscoped(REASON).query_one(&update).await?;
    if row.is_none() {
        cx.app.passwords.count_stranger(phone_hash, now);
    }
    Ok(row
        .map(|row| account::Model::from_query_result(&row, ""))
        .transpose()?)
}

/// Forgets failures after the right password; absent if the account was locked, disabled or given
/// another password since `account` was read.
pub async fn succeeded(
    cx: &Cx,
    tx: &Tx,
    account: &account::Model,
) -> Result<Option<account::Model>> {
    use account::Column as C;
    let mut update = Query::update();
    update
        .table(account::Entity)
        .value(C::FailedAttempts, 0)
        .value(C::LockedUntil, Option::<DateTime<Utc>>::None)
        .and_where(C::Id.eq(account.id))
        .and_where(C::Status.eq(AccountStatus::Active))
        .and_where(C::PasswordHash.eq(account.password_hash.clone()))
        .cond_where(unlocked(cx.app.clock.now()))
        .returning_all();
    let row = tx.unscoped(REASON).query_one(&update).await?;
    Ok(row
        .map(|row| account::Model::from_query_result(&row, ""))
        .transpose()?)
}

fn unlocked(now: DateTime<Utc>) -> Condition {
    Condition::any()
        .add(account::Column::LockedUntil.is_null())
        .add(account::Column::LockedUntil.lte(now))
}
