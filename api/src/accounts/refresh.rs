//! Refresh tokens: each is exchanged once, for a successor that can be computed again.
//!
//! A phone whose line breaks before the answer arrives asks again with the same token. Within
//! [`GRACE`] it gets the same successor, even where another copy of the call has used that already:
//! what is late on a bad network is no theft. Any later reuse means that two hold the token, so the
//! whole session ends.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use entity::enums::AccountStatus;
use entity::{account, refresh_token, session};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult as _};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::rules::{GRACE, SESSION};
use super::sessions::{self, Ending, REASON, SignedIn};
use crate::access::keys::{Secret, random};
use crate::access::sealed::hex;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};

/// A session's first refresh token: 32 random bytes in URL-safe Base64.
pub(super) fn first_token() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// What is stored of a refresh token.
pub(super) fn stored(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// The token that comes after `token`: only the server can compute it.
fn successor(key: &Secret, token: &str) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key.bytes()).expect("HMAC takes any key");
    mac.update(token.as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// Exchanges a refresh token for its successor and a fresh access token.
///
/// Refused: `SESSION_ENDED`, for tokens unknown, out of date or used before (which ends the session),
/// for sessions that have ended and for disabled accounts.
pub async fn refresh(cx: &Cx, token: &str) -> Result<SignedIn> {
    let now = cx.app.clock.now();
    let next = successor(&cx.app.keys.refresh, token);
    let tx = cx.app.db.begin().await?;
    let Some(session) = exchange(&tx, token, now).await? else {
        return again(cx, tx, token, next).await;
    };
    let session = prolong(&tx, session, now).await?.ok_or_else(ended)?;
    let account = active(&tx, session.account_id).await?;
    sessions::keep(&tx, &next, &session, now).await?;
    let signed_in = sessions::tokens(cx, &tx, &account, session.id, next).await?;
    tx.commit().await?;
    Ok(signed_in)
}

/// The token comes again: the same answer within the grace, else the end of its session.
async fn again(cx: &Cx, tx: Tx, token: &str, next: String) -> Result<SignedIn> {
    let now = cx.app.clock.now();
    let used = find(&tx, token).await?.ok_or_else(ended)?;
    let used_at = used.used_at.ok_or_else(ended)?;
    let session = session::Entity::find_by_id(used.session_id)
        .one(&tx.unscoped(REASON))
        .await?
        .filter(|session| session.revoked_at.is_none() && session.expires_at > now)
        .ok_or_else(ended)?;
    if now <= used_at + GRACE {
        let account = active(&tx, session.account_id).await?;
        return sessions::tokens(cx, &tx, &account, session.id, next).await;
    }
    tx.rollback().await?;
    sessions::close(cx, session.id, Ending::Reuse, "refreshSession").await?;
    Err(ended())
}

/// Marks the token as used, once: of many at the same time, one gets the session.
async fn exchange(tx: &Tx, token: &str, now: DateTime<Utc>) -> Result<Option<Uuid>> {
    use refresh_token::Column as C;
    let mut update = Query::update();
    update
        .table(refresh_token::Entity)
        .value(C::UsedAt, now)
        .and_where(C::TokenHash.eq(stored(token)))
        .and_where(C::UsedAt.is_null())
        .and_where(C::ExpiresAt.gt(now))
        .returning_col(C::SessionId);
    let row = tx.unscoped(REASON).query_one(&update).await?;
    Ok(row.map(|row| row.try_get("", "session_id")).transpose()?)
}

/// Lets the session live on from now, unless it has ended.
async fn prolong(tx: &Tx, session: Uuid, now: DateTime<Utc>) -> Result<Option<session::Model>> {
    use session::Column as C;
    let mut update = Query::update();
    update
        .table(session::Entity)
        .value(C::LastUsedAt, now)
        .value(C::ExpiresAt, now + SESSION)
        .and_where(C::Id.eq(session))
        .and_where(C::RevokedAt.is_null())
        .and_where(C::ExpiresAt.gt(now))
        .returning_all();
    let row = tx.unscoped(REASON).query_one(&update).await?;
    Ok(row
        .map(|row| session::Model::from_query_result(&row, ""))
        .transpose()?)
}

async fn active(tx: &Tx, account: Uuid) -> Result<account::Model> {
    account::Entity::find_by_id(account)
        .one(&tx.unscoped(REASON))
        .await?
        .filter(|account| account.status == AccountStatus::Active)
        .ok_or_else(ended)
}

async fn find(tx: &Tx, token: &str) -> Result<Option<refresh_token::Model>> {
    Ok(refresh_token::Entity::find_by_id(stored(token))
        .one(&tx.unscoped(REASON))
        .await?)
}

const fn ended() -> Error {
    Error::refused(Code::SessionEnded)
}
