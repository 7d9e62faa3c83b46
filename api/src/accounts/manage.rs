//! Adding accounts, issuing codes, disabling and enabling: for those who manage accounts in scope.

use chrono::{DateTime, Utc};
use entity::enums::{AccountStatus, Role};
use entity::{account, audit_entry, role_grant};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _,
};
use uuid::Uuid;

use super::authority::{self, Reach};
use super::codes;
use super::grants::{self, NewGrant};
use super::phone::Phone;
use super::rules::{self, CODE, PROBES_A_DAY, Standing};
use super::sessions::{self, Ending};
use crate::access::keys::Keys;
use crate::access::policy::Permission;
use crate::access::protected::own_phone;
use crate::access::sealed::{self, Field};
use crate::access::sessions::outdate_tokens;
use crate::audit;
use crate::audit::service::Act;
use crate::clock::{Clock, SHANGHAI, begin_of};
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result, Stop};
use crate::write::{Begun, Outcome, Request, Write};

const REASON: &str = "an account has no area of its own; its grants were judged before";
/// The audit's word for telling somebody that a number is taken which they do not see.
const PROBE: &str = "addAccount:phoneTaken";

/// The outcome about an account, and the code for its first sign-in, which nobody can read again.
#[derive(Clone)]
pub struct Issued {
    /// Names the account.
    pub outcome: Outcome,
    /// Absent when the call was carried out before.
    pub code: Option<String>,
}

/// Adds an account with its first grant and a code for its first sign-in.
///
/// That a number is taken tells that somebody has an account, also where the actor sees none of them: so
/// that is noted in the audit, and after [`PROBES_A_DAY`] of them no account is added until tomorrow.
///
/// Refused: `PHONE_TAKEN`, and what [`grants::grant_role`] refuses; stopped: `RATE_LIMITED`.
pub async fn add(
    cx: &Cx,
    name: String,
    phone: Phone,
    new: NewGrant,
    key: Option<Uuid>,
) -> Result<Issued> {
    let actor = cx.actor()?;
    actor.require(Permission::AccountManage)?;
    let phone_hash = sealed::hash(&cx.app.keys, Field::Phone, phone.as_str());
    let request = Request::new("addAccount", key, &(&name, phone_hash, new));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => {
            return Ok(Issued {
                outcome,
                code: None,
            });
        }
        Begun::New(write) => write,
    };
    outdate_tokens(write.tx(), &cx.app.clock, &[]).await?;
    check_probes(cx, write.tx()).await?;
    authority::check_reach(cx, write.tx(), new.role, new.area).await?;
    let (keys, clock) = (&cx.app.keys, &cx.app.clock);
    let (account, code) = match create(write.tx(), keys, clock, name, &phone).await {
        Err(taken @ Error::Refused(_)) => {
            drop(write);
            note_probe(cx, &phone).await?;
            return Err(taken);
        }
        created => created?,
    };
    let grant = grants::put(write.tx(), clock, account, Some(actor.account), new).await?;
    let act = grants::act("addAccount", &grant, None);
    let outcome = Outcome::of(account);
    grants::finish(cx, write, act, &outcome).await?;
    Ok(Issued {
        outcome,
        code: Some(code),
    })
}

/// `RATE_LIMITED` for who has been told often enough today that a number is taken which they do not see.
async fn check_probes(cx: &Cx, tx: &Tx) -> Result<()> {
    let today = begin_of(cx.app.clock.today(SHANGHAI), SHANGHAI);
    let told = audit_entry::Entity::find()
        .filter(audit_entry::Column::ActorId.eq(cx.actor()?.account))
        .filter(audit_entry::Column::At.gte(today))
        .filter(audit_entry::Column::Action.eq(PROBE))
        .count(&tx.unscoped(REASON))
        .await?;
    if told < PROBES_A_DAY {
        Ok(())
    } else {
        Err(Stop::RateLimited.into())
    }
}

/// Leaves an entry of its own that the actor is told of an account they do not see.
async fn note_probe(cx: &Cx, phone: &Phone) -> Result<()> {
    let phone_hash = sealed::hash(&cx.app.keys, Field::Phone, phone.as_str());
    let tx = cx.app.db.begin().await?;
    // Held until the end: of many at once none is told more than the others leave over.
    outdate_tokens(&tx, &cx.app.clock, &[]).await?;
    let Some(account) = super::attempts::find(&tx, &phone_hash).await? else {
        return Ok(());
    };
    let seen = cx
        .actor()?
        .scoped::<role_grant::Entity>(Permission::AccountRead)
        .filter(role_grant::Column::AccountId.eq(account.id))
        .count(&tx)
        .await?;
    if seen > 0 {
        return Ok(());
    }
    check_probes(cx, &tx).await?;
    audit::service::record(cx, &tx, act(PROBE, account.id, None, "")).await?;
    tx.commit().await
}

/// Issues a new first-sign-in code in place of the password; every session ends.
///
/// Not for oneself, who changes the password instead, nor for one's equals: whoever gets the code signs
/// in as them. Refused: `NOT_FOUND`, `NOT_PERMITTED`.
pub async fn reset(cx: &Cx, account: Uuid, reason: String, key: Option<Uuid>) -> Result<Issued> {
    let request = Request::new("resetAccount", key, &(account, &reason));
    let write = match begin(cx, account, request).await? {
        Begun::Replay(outcome) => {
            return Ok(Issued {
                outcome,
                code: None,
            });
        }
        Begun::New(write) => write,
    };
    let roles = standing_roles(write.tx(), account, cx.app.clock.now()).await?;
    let is_above = authority::is_above(cx, write.tx(), &roles).await?;
    if account == cx.actor()?.account || !is_above {
        return Err(Error::refused(Code::NotPermitted).on("accountId"));
    }
    let code = issue(write.tx(), &cx.app.keys, &cx.app.clock, account).await?;
    sessions::end_all(write.tx(), &cx.app.clock, account, Ending::Reset).await?;
    let act = act(
        "resetAccount",
        account,
        Some(reason),
        "password_hash,code_hash",
    );
    let outcome = Outcome::of(account);
    grants::finish(cx, write, act, &outcome).await?;
    Ok(Issued {
        outcome,
        code: Some(code),
    })
}

/// Lets an account sign in no more (with a reason), or again.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `LAST_ADMINISTRATOR`.
pub async fn set_status(
    cx: &Cx,
    account: Uuid,
    status: AccountStatus,
    reason: Option<String>,
    key: Option<Uuid>,
) -> Result<Outcome> {
    let action = match status {
        AccountStatus::Active => "enableAccount",
        AccountStatus::Disabled => "disableAccount",
    };
    let write = match begin(cx, account, Request::new(action, key, &(account, &reason))).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let outcome = Outcome::of(account);
    let now = cx.app.clock.now();
    let administered = authority::has_administrator(write.tx(), now).await?;
    let before = load(write.tx(), account).await?;
    if before.status == status {
        return Ok(outcome);
    }
    let changed = account::ActiveModel {
        id: Set(account),
        status: Set(status),
        version: Set(before.version + 1),
        updated_at: Set(now),
        ..Default::default()
    };
    changed.update(&write.tx().unscoped(REASON)).await?;
    if status == AccountStatus::Disabled {
        sessions::end_all(write.tx(), &cx.app.clock, account, Ending::Disabled).await?;
        authority::keep_administrator(write.tx(), &cx.app.clock, administered, "accountId").await?;
    }
    grants::finish(cx, write, act(action, account, reason, "status"), &outcome).await?;
    Ok(outcome)
}

/// Begins a write about an account all of whose standing roles the actor may grant.
async fn begin(cx: &Cx, account: Uuid, request: Request) -> Result<Begun> {
    cx.actor()?.require(Permission::AccountManage)?;
    let begun = Write::begin(cx, request).await?;
    if let Begun::New(write) = &begun {
        outdate_tokens(write.tx(), &cx.app.clock, &[account]).await?;
        authority::manageable(cx, write.tx(), account).await?;
        let roles = standing_roles(write.tx(), account, cx.app.clock.now()).await?;
        if authority::reach(cx, write.tx(), &roles).await? != Reach::Within {
            return Err(Error::refused(Code::NotPermitted).on("accountId"));
        }
    }
    Ok(begun)
}

/// Roles that an account holds or is going to hold.
async fn standing_roles(tx: &Tx, account: Uuid, now: DateTime<Utc>) -> Result<Vec<(Role, Uuid)>> {
    let grants = role_grant::Entity::find()
        .filter(role_grant::Column::AccountId.eq(account))
        .filter(role_grant::Column::RevokedAt.is_null())
        .all(&tx.unscoped(REASON))
        .await?;
    Ok(grants
        .iter()
        .filter(|grant| !matches!(rules::standing(grant, now), Standing::Ended(_)))
        .map(|grant| (grant.role, grant.area_id))
        .collect())
}

fn act(action: &'static str, account: Uuid, reason: Option<String>, fields: &'static str) -> Act {
    Act {
        reason,
        ..super::sign_in::act(action, account, fields)
    }
}

/// Writes an account without a password and returns it with its code: `PHONE_TAKEN` if there is one.
pub(super) async fn create(
    tx: &Tx,
    keys: &Keys,
    clock: &Clock,
    name: String,
    phone: &Phone,
) -> Result<(Uuid, String)> {
    let (now, id, code) = (clock.now(), clock.new_id(), codes::fresh()?);
    let row = account::ActiveModel {
        id: Set(id),
        phone_sealed: Set(sealed::seal(keys, Field::Phone, phone.as_str())?),
        phone_hash: Set(sealed::hash(keys, Field::Phone, phone.as_str())),
        name: Set(name),
        status: Set(AccountStatus::Active),
        code_hash: Set(Some(codes::hash(keys, phone.as_str(), &code))),
        code_expires_at: Set(Some(now + CODE)),
        failed_attempts: Set(0),
        grants_version: Set(1),
        access_changed_at: Set(now),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let taken = OnConflict::column(account::Column::PhoneHash)
        .do_nothing()
        .to_owned();
    let written = account::Entity::insert(row)
        .on_conflict(taken)
        .exec_without_returning(&tx.unscoped(REASON))
        .await?;
    if written == 0 {
        return Err(Error::refused(Code::PhoneTaken).on("phone"));
    }
    Ok((id, code))
}

/// Puts a fresh code in the place of the password, and forgets wrong tries.
pub(super) async fn issue(tx: &Tx, keys: &Keys, clock: &Clock, account: Uuid) -> Result<String> {
    let (now, code) = (clock.now(), codes::fresh()?);
    let before = load(tx, account).await?;
    let phone = own_phone(keys, &before.phone_sealed)?;
    let changed = account::ActiveModel {
        id: Set(account),
        password_hash: Set(None),
        code_hash: Set(Some(codes::hash(keys, &phone, &code))),
        code_expires_at: Set(Some(now + CODE)),
        failed_attempts: Set(0),
        locked_until: Set(None),
        version: Set(before.version + 1),
        updated_at: Set(now),
        ..Default::default()
    };
    changed.update(&tx.unscoped(REASON)).await?;
    Ok(code)
}

async fn load(tx: &Tx, account: Uuid) -> Result<account::Model> {
    account::Entity::find_by_id(account)
        .one(&tx.unscoped(REASON))
        .await?
        .ok_or_else(|| Error::refused(Code::NotFound).on("accountId"))
}
