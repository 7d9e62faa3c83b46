//! First sign-in with a one-time code, and changing one's password.

use chrono::{DateTime, Utc};
use entity::account;
use entity::enums::AccountStatus;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult as _};
use uuid::Uuid;

use super::rules::{self, MAX_FAILURES};
use super::sessions::{self, Ending, SignedIn};
use super::sign_in::act;
use super::{attempts, codes};
use crate::access::protected::own_phone;
use crate::access::sessions::{Epoch, announce};
use crate::audit;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};

const REASON: &str = "an account's own password";

/// What a person with a code enters.
#[derive(Clone)]
pub struct Activation {
    /// The phone number as typed.
    pub phone: String,
    /// The code they were handed.
    pub code: String,
    /// The password they chose.
    pub new_password: String,
    /// What the app says about its device.
    pub device: Option<String>,
}

/// Sets the first password of an account by its one-time code, and signs in.
///
/// Every try is counted before the code is looked at; the fifth wrong one kills it. Refused:
/// `PHONE_INVALID`, `PASSWORD_WEAK`, `CODE_INVALID`, `TEMPORARILY_LOCKED`.
pub async fn activate(cx: &Cx, activation: Activation) -> Result<SignedIn> {
    let phone = attempts::mobile(&activation.phone)?;
    check_strength(&activation.new_password, phone.as_str())?;
    let phone_hash = attempts::phone_hash(cx, &phone);
    let known = attempts::find(&cx.app.db, &phone_hash).await?;
    attempts::check_lock(cx, known.as_ref(), &phone_hash)?;
    let code_hash = codes::hash(&cx.app.keys, phone.as_str(), activation.code.trim());
    let account = try_code(cx, &phone_hash, &code_hash).await?;

    let password_hash = cx.app.passwords.hash(activation.new_password).await?;
    let tx = cx.app.db.begin().await?;
    let account = spend_code(cx, &tx, (account, &code_hash), password_hash)
        .await?
        .ok_or_else(wrong_code)?;
    let signed_in = sessions::open(cx, &tx, &account, activation.device).await?;
    let act = act("activateAccount", account.id, "password_hash,code_hash");
    audit::service::record(cx, &tx, act).await?;
    tx.commit().await?;
    Ok(signed_in)
}

/// Changes the actor's own password and ends their other sessions.
///
/// Refused: `PASSWORD_WEAK`, `CREDENTIALS_INVALID`, `TEMPORARILY_LOCKED`.
pub async fn change_password(cx: &Cx, current: String, new: String) -> Result<()> {
    let actor = cx.actor()?;
    let account = account::Entity::find_by_id(actor.account)
        .one(&cx.app.db.unscoped(REASON))
        .await?
        .ok_or_else(|| Error::internal("a token names an account that is not there"))?;
    check_strength(&new, &own_phone(&cx.app.keys, &account.phone_sealed)?)?;
    attempts::check_lock(cx, Some(&account), &account.phone_hash)?;
    let known = account.password_hash.clone();
    if !cx.app.passwords.verify(current, known).await? {
        attempts::failed(cx, &account.phone_hash).await?;
        return Err(Error::refused(Code::CredentialsInvalid).on("currentPassword"));
    }
    let password_hash = cx.app.passwords.hash(new).await?;
    let tx = cx.app.db.begin().await?;
    announce(&tx, Epoch::Access).await?;
    attempts::succeeded(cx, &tx, &account)
        .await?
        .ok_or_else(|| Error::refused(Code::TemporarilyLocked))?;
    let mut update = Query::update();
    update
        .table(account::Entity)
        .values(set_password(cx, password_hash))
        .and_where(account::Column::Id.eq(account.id));
    tx.unscoped(REASON).execute(&update).await?;
    let others = entity::session::Column::AccountId
        .eq(account.id)
        .and(entity::session::Column::Id.ne(actor.session));
    sessions::end(&tx, &cx.app.clock, others, Ending::PasswordChanged).await?;
    let act = act("changePassword", account.id, "password_hash");
    audit::service::record(cx, &tx, act).await?;
    tx.commit().await?;
    sessions::seen(cx).await;
    Ok(())
}

fn check_strength(password: &str, phone: &str) -> Result<()> {
    if rules::is_strong(password, phone) {
        Ok(())
    } else {
        Err(Error::refused(Code::PasswordWeak).on("newPassword"))
    }
}

/// Counts a try and compares the code; the account it is the code of.
async fn try_code(cx: &Cx, phone_hash: &str, code_hash: &str) -> Result<Uuid> {
    let tx = cx.app.db.begin().await?;
    let counted = attempts::count(cx, &tx, phone_hash).await?;
    let right = |account: &account::Model| {
        account.status == AccountStatus::Active
            && account.code_hash.as_deref() == Some(code_hash)
            && account
                .code_expires_at
                .is_some_and(|until| until > cx.app.clock.now())
    };
    let tried = counted.ok_or_else(wrong_code)?;
    let right = right(&tried);
    if !right && tried.failed_attempts >= MAX_FAILURES {
        let mut update = Query::update();
        update
            .table(account::Entity)
            .value(account::Column::CodeHash, Option::<String>::None)
            .value(
                account::Column::CodeExpiresAt,
                Option::<DateTime<Utc>>::None,
            )
            .and_where(account::Column::Id.eq(tried.id));
        tx.unscoped(REASON).execute(&update).await?;
    }
    tx.commit().await?;
    right.then_some(tried.id).ok_or_else(wrong_code)
}

/// Puts the password in the place of the code, once; absent if the code is gone.
async fn spend_code(
    cx: &Cx,
    tx: &Tx,
    (account, code_hash): (Uuid, &str),
    password_hash: String,
) -> Result<Option<account::Model>> {
    use account::Column as C;
    let mut update = Query::update();
    update
        .table(account::Entity)
        .values(set_password(cx, password_hash))
        .value(C::CodeHash, Option::<String>::None)
        .value(C::CodeExpiresAt, Option::<DateTime<Utc>>::None)
        .value(C::FailedAttempts, 0)
        .value(C::LockedUntil, Option::<DateTime<Utc>>::None)
        .and_where(C::Id.eq(account))
        .and_where(C::CodeHash.eq(code_hash))
        .and_where(C::CodeExpiresAt.gt(cx.app.clock.now()))
        .and_where(C::Status.eq(AccountStatus::Active))
        .returning_all();
    let row = tx.unscoped(REASON).query_one(&update).await?;
    Ok(row
        .map(|row| account::Model::from_query_result(&row, ""))
        .transpose()?)
}

fn set_password(cx: &Cx, hash: String) -> [(account::Column, sea_orm::sea_query::SimpleExpr); 3] {
    use account::Column as C;
    [
        (C::PasswordHash, hash.into()),
        (C::Version, Expr::col(C::Version).add(1)),
        (C::UpdatedAt, cx.app.clock.now().into()),
    ]
}

const fn wrong_code() -> Error {
    Error::Refused(crate::error::Refusal {
        code: Code::CodeInvalid,
        field: Some("code"),
    })
}
