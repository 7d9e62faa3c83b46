//! Planning whose turn it is.

use chrono::{DateTime, Utc};
use entity::enums::AreaKind;
use entity::{area, duty_shift};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;
use uuid::Uuid;

use super::rules;
use crate::access::holders::holders;
use crate::access::policy::Permission;
use crate::access::scope;
use crate::audit::service::Act;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const REASON: &str = "a shift of an area that the scope let through";

/// Whose turn it is, where and when.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct NewShift {
    /// Where.
    pub area: Uuid,
    /// Who.
    pub account: Uuid,
    /// First instant on duty.
    pub from_at: DateTime<Utc>,
    /// First instant no longer on duty.
    pub until_at: DateTime<Utc>,
}

/// Plans a shift of somebody who answers for the area. Needs `DUTY_EDIT` there.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `AREA_UNFIT` (a building, or retired), `NOT_ON_DUTY_THERE`,
/// `WINDOW_INVALID`, `OUT_OF_RANGE`.
pub async fn plan(cx: &Cx, new: NewShift, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new("planDutyShift", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::DutyEdit)?;
    let (place, grant) = write
        .to_refer_to::<area::Entity>(cx, new.area, Permission::DutyEdit, Permission::AreaRead)
        .await
        .map_err(|error| error.on("areaId"))?;
    if place.kind == AreaKind::Building || place.retired_on.is_some() {
        return Err(Error::refused(Code::AreaUnfit).on("areaId"));
    }
    let now = cx.app.clock.now();
    let tree = cx.app.sessions.tree();
    let able = holders(write.tx(), (&tree, now), (Permission::DeskRead, new.area)).await?;
    if !able.iter().any(|holder| holder.account == new.account) {
        return Err(Error::refused(Code::NotOnDutyThere).on("accountId"));
    }
    rules::check((new.from_at, new.until_at), now)
        .map_err(|code| Error::refused(code).on("untilAt"))?;
    let row = duty_shift::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        area_id: Set(new.area),
        account_id: Set(new.account),
        from_at: Set(new.from_at),
        until_at: Set(new.until_at),
        planned_by: Set(actor.account),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let row = scope::insert(write.tx(), &grant, row).await?;
    finish(cx, write, "planDutyShift", &row).await
}

/// Ends a shift now, or calls one off that has not begun. Needs `DUTY_EDIT` at its area.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_ENDED`.
pub async fn end(cx: &Cx, id: Uuid, key: Option<Uuid>) -> Result<Outcome> {
    use duty_shift::Column as C;
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new("endDutyShift", key, &id)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::DutyEdit)?;
    let tx = write.tx();
    let row = duty_shift::Entity::find_by_id(id)
        .one(&tx.unscoped(REASON))
        .await?;
    let area = row.map(|row| row.area_id);
    if !area.is_some_and(|area| actor.may(Permission::DutyEdit, area)) {
        return Err(Error::refused(Code::NotFound).on("dutyShiftId"));
    }
    let now = cx.app.clock.now();
    // One that has not begun never was.
    let ends = Expr::case(Expr::col(C::FromAt).gt(now), Expr::col(C::FromAt));
    let ended = duty_shift::Entity::update_many()
        .col_expr(C::UntilAt, ends.finally(Expr::value(now)).into())
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::value(now))
        .filter(C::Id.eq(id))
        .filter(C::UntilAt.gt(now))
        .filter(Expr::col(C::UntilAt).gt(Expr::col(C::FromAt)))
        .exec_with_returning(&tx.unscoped(REASON))
        .await?;
    match ended.first() {
        Some(row) => finish(cx, write, "endDutyShift", row).await,
        None => Err(Error::refused(Code::AlreadyEnded).on("dutyShiftId")),
    }
}

async fn finish(
    cx: &Cx,
    write: Write,
    action: &'static str,
    row: &duty_shift::Model,
) -> Result<Outcome> {
    let act = Act {
        action,
        subject_kind: "Area",
        subject_id: row.area_id,
        area_id: Some(row.area_id),
        reason: None,
        fields: "account,from_at,until_at".to_owned(),
        details: None,
    };
    write.record_all(cx, act, &[]).await?;
    let outcome = Outcome::of(row.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}
