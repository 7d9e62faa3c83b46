//! Sessions 登录会话: opened by signing in, listed and ended by their owner.

use chrono::{DateTime, Utc};
use entity::{account, refresh_token, role_grant, session};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Query;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, EntityTrait as _,
    QueryFilter as _, QueryOrder as _,
};
use uuid::Uuid;

use super::refresh::{first_token, stored};
use super::rules::{self, SESSION, Standing};
use super::sign_in::act;
use crate::access::sessions::{Epoch, announce};
use crate::access::token::NewToken;
use crate::audit;
use crate::clock::Clock;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};

pub(super) const REASON: &str = "sessions and tokens belong to the one who signs in";

/// What signing in, activating and refreshing give.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// For every request, until it expires.
    pub access_token: String,
    /// When it does.
    pub access_expires_at: DateTime<Utc>,
    /// For one refresh.
    pub refresh_token: String,
}

/// Tokens are as good as passwords: no log shows them.
impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn").finish_non_exhaustive()
    }
}

/// Why a session ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Its owner signed out.
    SignOut,
    /// Its owner ended it from another device.
    Revoked,
    /// A refresh token came a second time: somebody else has it.
    Reuse,
    /// The password changed.
    PasswordChanged,
    /// The account was reset.
    Reset,
    /// The account was disabled.
    Disabled,
}

impl Ending {
    const fn code(self) -> &'static str {
        match self {
            Self::SignOut => "SIGN_OUT",
            Self::Revoked => "REVOKED",
            Self::Reuse => "REUSE",
            Self::PasswordChanged => "PASSWORD_CHANGED",
            Self::Reset => "RESET",
            Self::Disabled => "DISABLED",
        }
    }
}

/// Opens a session and makes its first tokens.
///
/// The account must have been changed or read in this transaction before, so that the token's
/// grants are never newer than the version it names.
pub(super) async fn open(
    cx: &Cx,
    tx: &Tx,
    account: &account::Model,
    device: Option<String>,
) -> Result<SignedIn> {
    let now = cx.app.clock.now();
    let connection = tx.unscoped(REASON);
    let session = session::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        account_id: Set(account.id),
        device: Set(device),
        created_at: Set(now),
        last_used_at: Set(now),
        expires_at: Set(now + SESSION),
        ..Default::default()
    }
    .insert(&connection)
    .await?;
    let refresh_token = first_token()?;
    keep(tx, &refresh_token, &session, now).await?;
    tokens(cx, tx, account, session.id, refresh_token).await
}

/// Keeps the hash of a refresh token of this session.
pub(super) async fn keep(
    tx: &Tx,
    token: &str,
    session: &session::Model,
    now: DateTime<Utc>,
) -> Result<()> {
    let row = refresh_token::ActiveModel {
        token_hash: Set(stored(token)),
        session_id: Set(session.id),
        created_at: Set(now),
        expires_at: Set(session.expires_at),
        used_at: Set(None),
    };
    refresh_token::Entity::insert(row)
        .exec_without_returning(&tx.unscoped(REASON))
        .await?;
    Ok(())
}

/// A fresh access token beside a refresh token.
pub(super) async fn tokens(
    cx: &Cx,
    tx: &Tx,
    account: &account::Model,
    session: Uuid,
    refresh_token: String,
) -> Result<SignedIn> {
    let now = cx.app.clock.now();
    let standing = role_grant::Entity::find()
        .filter(role_grant::Column::AccountId.eq(account.id))
        .filter(role_grant::Column::RevokedAt.is_null())
        .all(&tx.unscoped(REASON))
        .await?;
    let live = standing
        .iter()
        .filter(|grant| rules::standing(grant, now) == Standing::Live);
    let new = NewToken {
        account: account.id,
        session,
        grants_version: account.grants_version,
        grants: live.map(|grant| (grant.role, grant.area_id)).collect(),
        next_boundary: rules::next_boundary(&standing, now),
    };
    let (access_token, access_expires_at) = cx.app.sessions.tokens.mint(&cx.app.clock, new)?;
    Ok(SignedIn {
        access_token,
        access_expires_at,
        refresh_token,
    })
}

/// The actor's own sessions that have not ended, the last used first.
pub async fn mine(cx: &Cx) -> Result<Vec<session::Model>> {
    Ok(session::Entity::find()
        .filter(session::Column::AccountId.eq(cx.actor()?.account))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(cx.app.clock.now()))
        .order_by_desc(session::Column::LastUsedAt)
        .order_by_desc(session::Column::Id)
        .all(&cx.app.db.unscoped(REASON))
        .await?)
}

/// Ends the session of this request.
pub async fn sign_out(cx: &Cx) -> Result<()> {
    let actor = cx.actor()?;
    close(cx, actor.session, Ending::SignOut, "signOut").await
}

/// Ends one of the actor's own sessions; one that has ended already is success.
///
/// Refused: `NOT_FOUND`.
pub async fn revoke(cx: &Cx, session: Uuid) -> Result<()> {
    let me = cx.actor()?.account;
    session::Entity::find_by_id(session)
        .filter(session::Column::AccountId.eq(me))
        .one(&cx.app.db.unscoped(REASON))
        .await?
        .ok_or_else(|| Error::refused(Code::NotFound).on("sessionId"))?;
    close(cx, session, Ending::Revoked, "revokeSession").await
}

/// Ends one session of whoever holds it, with its entry; one that has ended already stays as it is.
pub(super) async fn close(
    cx: &Cx,
    session: Uuid,
    ending: Ending,
    action: &'static str,
) -> Result<()> {
    let tx = cx.app.db.begin().await?;
    announce(&tx, Epoch::Access).await?;
    let which = session::Column::Id.eq(session);
    let Some(account) = end(&tx, &cx.app.clock, which, ending).await?.pop() else {
        return Ok(());
    };
    let act = audit::service::Act {
        details: Some(format!("session {session}")),
        ..act(action, account, "revoked_at")
    };
    audit::service::record(cx, &tx, act).await?;
    tx.commit().await?;
    seen(cx).await;
    Ok(())
}

/// Ends sessions that have not ended and returns their accounts; whoever calls it has announced it.
pub(super) async fn end(
    tx: &Tx,
    clock: &Clock,
    which: impl Into<sea_orm::sea_query::SimpleExpr>,
    ending: Ending,
) -> Result<Vec<Uuid>> {
    let mut update = Query::update();
    update
        .table(session::Entity)
        .value(session::Column::RevokedAt, clock.now())
        .value(session::Column::RevokeReason, ending.code())
        .and_where(which.into())
        .and_where(session::Column::RevokedAt.is_null())
        .returning_col(session::Column::AccountId);
    let rows = tx.unscoped(REASON).query_all(&update).await?;
    rows.iter()
        .map(|row| Ok(row.try_get("", "account_id")?))
        .collect()
}

/// Ends every session of an account.
pub(super) async fn end_all(tx: &Tx, clock: &Clock, account: Uuid, ending: Ending) -> Result<()> {
    let which = session::Column::AccountId.eq(account);
    end(tx, clock, which, ending).await.map(|_| ())
}

/// Lets this server see a committed change of access at once.
pub(super) async fn seen(cx: &Cx) {
    cx.app.sessions.see(&cx.app.db, &cx.app.clock).await;
}
