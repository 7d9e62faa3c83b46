//! Signing in by phone number and password.

use entity::enums::AccountStatus;

use super::attempts;
use super::sessions::{self, SignedIn};
use crate::audit;
use crate::context::Cx;
use crate::error::{Code, Error, Result};

/// What the entry of an act on one's own account says.
#[must_use]
pub fn act(action: &'static str, account: uuid::Uuid, fields: &'static str) -> audit::service::Act {
    audit::service::Act {
        action,
        subject_kind: "Account",
        subject_id: account,
        area_id: None,
        reason: None,
        fields: fields.to_owned(),
        details: None,
    }
}

/// Opens a session on `device` for whoever knows the password.
///
/// Refused: `PHONE_INVALID`, `CREDENTIALS_INVALID`, `TEMPORARILY_LOCKED`. A number without an account
/// gets the same answers at the same price; so does one without a password, or a disabled one.
pub async fn sign_in(
    cx: &Cx,
    phone: &str,
    password: String,
    device: Option<String>,
) -> Result<SignedIn> {
    let phone_hash = attempts::phone_hash(cx, &attempts::mobile(phone)?);
    let known = attempts::find(&cx.app.db, &phone_hash).await?;
    attempts::check_lock(cx, known.as_ref(), &phone_hash)?;
    let may_enter = known.filter(|account| account.status == AccountStatus::Active);
    let hash = may_enter
        .as_ref()
        .and_then(|account| account.password_hash.clone());
    let right = cx.app.passwords.verify(password, hash).await?;
    let Some(account) = may_enter.filter(|_| right) else {
        attempts::failed(cx, &phone_hash).await?;
        return Err(Error::refused(Code::CredentialsInvalid));
    };
    let tx = cx.app.db.begin().await?;
    let account = attempts::succeeded(cx, &tx, &account)
        .await?
        .ok_or_else(|| Error::refused(Code::TemporarilyLocked))?;
    let signed_in = sessions::open(cx, &tx, &account, device).await?;
    audit::service::record(cx, &tx, act("signIn", account.id, "")).await?;
    tx.commit().await?;
    Ok(signed_in)
}
