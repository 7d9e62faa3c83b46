//! Grants 授权: who may give which role where, and that one administrator always stays.
//!
//! Every change begins with [`outdate_tokens`], which holds one row until the end of the
//! transaction. So changes of access go one after another, and what is read after it holds: two
//! administrators who revoke each other at once do not both succeed.

use chrono::{DateTime, Utc};
use entity::enums::{ChangeKind, Role};
use entity::{area, role_grant};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;
use uuid::Uuid;

use super::authority::{
    Reach, check_reach, has_administrator, keep_administrator, manageable, reach,
};
use super::rules::{self, Standing};
use super::sessions;
use crate::access::policy::Permission;
use crate::access::scope::{Arm, ScopedEntity};
use crate::access::sessions::outdate_tokens;
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::clock::Clock;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const REASON: &str = "grants are what scopes are made from";

/// A grant belongs to the area it is granted at, whatever that area's level.
impl ScopedEntity for role_grant::Entity {
    const AREA: role_grant::Column = role_grant::Column::AreaId;
    const GRID: role_grant::Column = role_grant::Column::AreaId;
    const ID: role_grant::Column = role_grant::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<role_grant::Column>] {
        match permission {
            // A volunteer's profile and service belong to where they are granted to serve.
            Permission::AccountRead
            | Permission::AccountManage
            | Permission::VolunteerRead
            | Permission::VolunteerEdit
            // Who serves there can be asked to come along.
            | Permission::CertificationPlan
            // Who is on duty, away or stands in is a matter of where they are granted.
            | Permission::DeskRead
            | Permission::DutyEdit => &[Arm::Area],
            _ => &[],
        }
    }
}

/// A role to be granted.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct NewGrant {
    /// Which.
    pub role: Role,
    /// Where.
    pub area: Uuid,
    /// From when; from now on where absent or past.
    pub from: Option<DateTime<Utc>>,
    /// Until when; without end where absent.
    pub until: Option<DateTime<Utc>>,
}

/// Grants a role to an account the actor can see, or changes the dates of a grant that stands.
///
/// Refused: `NOT_FOUND`, `ROLE_ABOVE_YOURS`, `AREA_UNFIT`, `AREA_KIND_UNFIT`, `WINDOW_INVALID`,
/// `LAST_ADMINISTRATOR`. The outcome names the account and the grant.
pub async fn grant_role(
    cx: &Cx,
    account: Uuid,
    new: NewGrant,
    key: Option<Uuid>,
) -> Result<Outcome> {
    let actor = cx.actor()?;
    actor.require(Permission::AccountManage)?;
    let request = Request::new("grantRole", key, &(account, new));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    outdate_tokens(write.tx(), &cx.app.clock, &[account]).await?;
    manageable(cx, write.tx(), account).await?;
    check_reach(cx, write.tx(), new.role, new.area).await?;
    let administered = has_administrator(write.tx(), cx.app.clock.now()).await?;
    let grant = put(write.tx(), &cx.app.clock, account, Some(actor.account), new).await?;
    keep_administrator(write.tx(), &cx.app.clock, administered, "validUntil").await?;
    let outcome = Outcome {
        ids: vec![account, grant.id],
        ..Outcome::default()
    };
    finish(cx, write, act("grantRole", &grant, None), &outcome).await?;
    Ok(outcome)
}

/// Takes a role back, with a reason.
///
/// Refused: `NOT_FOUND`, `ROLE_ABOVE_YOURS`, `GRANT_ENDED`, `LAST_ADMINISTRATOR`. The outcome names
/// the account and the grant.
pub async fn revoke_role(
    cx: &Cx,
    grant: Uuid,
    reason: String,
    key: Option<Uuid>,
) -> Result<Outcome> {
    let actor = cx.actor()?;
    actor.require(Permission::AccountManage)?;
    let request = Request::new("revokeRole", key, &(grant, &reason));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let not_found = || Error::refused(Code::NotFound).on("grantId");
    let account = role_grant::Entity::find_by_id(grant)
        .one(&write.tx().unscoped(REASON))
        .await?
        .ok_or_else(not_found)?
        .account_id;
    outdate_tokens(write.tx(), &cx.app.clock, &[account]).await?;
    let (found, _) = actor
        .scoped::<role_grant::Entity>(Permission::AccountManage)
        .id(grant)
        .one_to_change(write.tx())
        .await?
        .ok_or_else(not_found)?;
    match reach(cx, write.tx(), &[(found.role, found.area_id)]).await? {
        Reach::Outside => return Err(not_found()),
        Reach::Above => return Err(Error::refused(Code::RoleAboveYours).on("grantId")),
        Reach::Within => {}
    }
    let now = cx.app.clock.now();
    let administered = has_administrator(write.tx(), now).await?;
    let ended = end(write.tx(), &found, Some(actor.account), now).await?;
    keep_administrator(write.tx(), &cx.app.clock, administered, "grantId").await?;
    let outcome = Outcome {
        ids: vec![account, ended.id],
        ..Outcome::default()
    };
    finish(cx, write, act("revokeRole", &ended, Some(reason)), &outcome).await?;
    Ok(outcome)
}

/// Ends a grant that stands: `GRANT_ENDED` otherwise.
pub(super) async fn end(
    tx: &Tx,
    grant: &role_grant::Model,
    by: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<role_grant::Model> {
    if matches!(rules::standing(grant, now), Standing::Ended(_)) {
        return Err(Error::refused(Code::GrantEnded).on("grantId"));
    }
    let ended = role_grant::ActiveModel {
        id: Set(grant.id),
        revoked_at: Set(Some(now)),
        revoked_by: Set(by),
        ..Default::default()
    };
    Ok(ended.update(&tx.unscoped(REASON)).await?)
}

/// Writes a grant; one that stands for the same role and area gets the new end instead.
///
/// Whoever calls it has seen to the right to do so, and has outdated the account's tokens.
pub(super) async fn put(
    tx: &Tx,
    clock: &Clock,
    account: Uuid,
    by: Option<Uuid>,
    new: NewGrant,
) -> Result<role_grant::Model> {
    let now = clock.now();
    let from = new.from.map_or(now, |from| Ord::max(from, now));
    if new.until.is_some_and(|until| until <= from) {
        return Err(Error::refused(Code::WindowInvalid).on("validUntil"));
    }
    let connection = tx.unscoped(REASON);
    let area = area::Entity::find_by_id(new.area)
        .one(&connection)
        .await?
        .ok_or_else(|| Error::refused(Code::NotFound).on("areaId"))?;
    if area.retired_on.is_some() {
        return Err(Error::refused(Code::AreaUnfit).on("areaId"));
    }
    if !rules::fits(new.role, area.kind) {
        return Err(Error::refused(Code::AreaKindUnfit).on("areaId"));
    }
    if let Some(before) = standing(tx, account, new.role, new.area).await? {
        let mut change = role_grant::ActiveModel {
            id: Set(before.id),
            ..Default::default()
        };
        match rules::standing(&before, now) {
            // It ended by itself: that is written down, to make room for another.
            Standing::Ended(at) => change.revoked_at = Set(Some(at)),
            Standing::Upcoming => {
                change.valid_from = Set(from);
                change.valid_until = Set(new.until);
            }
            Standing::Live => change.valid_until = Set(new.until),
        }
        let changed = change.update(&connection).await?;
        if changed.revoked_at.is_none() {
            return Ok(changed);
        }
    }
    Ok(role_grant::ActiveModel {
        id: Set(clock.new_id()),
        account_id: Set(account),
        role: Set(new.role),
        area_id: Set(new.area),
        valid_from: Set(from),
        valid_until: Set(new.until),
        granted_by: Set(by),
        created_at: Set(now),
        ..Default::default()
    }
    .insert(&connection)
    .await?)
}

/// The grant of this role at this area that nobody took back, if there is one.
pub(super) async fn standing(
    tx: &Tx,
    account: Uuid,
    role: Role,
    area: Uuid,
) -> Result<Option<role_grant::Model>> {
    Ok(role_grant::Entity::find()
        .filter(role_grant::Column::AccountId.eq(account))
        .filter(role_grant::Column::Role.eq(role))
        .filter(role_grant::Column::AreaId.eq(area))
        .filter(role_grant::Column::RevokedAt.is_null())
        .one(&tx.unscoped(REASON))
        .await?)
}

/// What the entry about a grant says.
pub(super) fn act(action: &'static str, grant: &role_grant::Model, reason: Option<String>) -> Act {
    Act {
        action,
        subject_kind: "Account",
        subject_id: grant.account_id,
        area_id: Some(grant.area_id),
        reason,
        fields: "role,area_id,valid_from,valid_until,revoked_at".to_owned(),
        details: Some(format!("grant {}: {:?}", grant.id, grant.role)),
    }
}

/// Audits, announces and commits a change of an account, and lets this server see it.
pub(super) async fn finish(cx: &Cx, write: Write, act: Act, outcome: &Outcome) -> Result<()> {
    let changed = Changed::in_place(ChangeKind::Account, act.subject_id, act.area_id);
    write.record(cx, act, changed).await?;
    write.commit(outcome).await?;
    sessions::seen(cx).await;
    Ok(())
}
