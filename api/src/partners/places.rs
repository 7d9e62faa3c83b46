//! Where a partner may serve.

use entity::{area, partner, partner_area};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::edit::{act, finish};
use super::reads::hold;
use super::rules::LIVE;
use crate::access::policy::Permission;
use crate::audit::service::Act;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::{Code, Error, Result};
use crate::offers::follow;
use crate::write::{Begun, Outcome, Request, Write};

const ITS_PLACES: &str = "the places of a partner, below an area that the scope let through";

/// Opens an area to a partner, with everything below it. Needs `PARTNER_EDIT` at the area, wherever the partner
/// belongs: its id is what the area's staff were given. Who repeats it succeeds.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `AREA_UNFIT` (retired), `ALREADY_ENDED`.
pub async fn open(cx: &Cx, (partner, area): (Uuid, Uuid), key: Option<Uuid>) -> Result<Outcome> {
    use partner_area::Column as P;
    let request = Request::new("openPartnerArea", key, &(partner, area));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let (place, row) = held(cx, &write, (partner, area)).await?;
    if place.retired_on.is_some() {
        return Err(Error::refused(Code::AreaUnfit).on("areaId"));
    }
    if row.status != LIVE {
        return Err(Error::refused(Code::AlreadyEnded).on("partnerId"));
    }
    let connection = write.tx().unscoped(ITS_PLACES);
    let known = partner_area::Entity::find_by_id((partner, area))
        .one(&connection)
        .await?;
    if known.is_some_and(|known| known.closed_at.is_none()) {
        let outcome = Outcome::of(partner);
        write.commit(&outcome).await?;
        return Ok(outcome);
    }
    let opened = partner_area::ActiveModel {
        partner_id: Set(partner),
        area_id: Set(area),
        opened_by: Set(cx.actor()?.account),
        closed_by: Set(None),
        closed_at: Set(None),
        created_at: Set(cx.app.clock.now()),
    };
    partner_area::Entity::insert(opened)
        .on_conflict(
            OnConflict::columns([P::PartnerId, P::AreaId])
                .update_columns([P::OpenedBy, P::ClosedBy, P::ClosedAt])
                .to_owned(),
        )
        .exec_without_returning(&connection)
        .await?;
    let act = Act {
        area_id: Some(area),
        ..act("openPartnerArea", &row, "areas")
    };
    finish(cx, write, act, Vec::new()).await
}

/// Closes an area to a partner: what it offers is offered there no more, and withdrawn where that leaves no
/// place. What was booked stays. Needs `PARTNER_EDIT` at the area; who repeats it succeeds.
///
/// Refused: `NOT_FOUND` (the partner, or an area that was never opened to it), `NOT_PERMITTED`.
pub async fn close(cx: &Cx, (partner, area): (Uuid, Uuid), key: Option<Uuid>) -> Result<Outcome> {
    use partner_area::Column as P;
    let request = Request::new("closePartnerArea", key, &(partner, area));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let (_, row) = held(cx, &write, (partner, area)).await?;
    let connection = write.tx().unscoped(ITS_PLACES);
    let known = partner_area::Entity::find_by_id((partner, area))
        .one(&connection)
        .await?
        .ok_or_else(|| Error::refused(Code::NotFound).on("areaId"))?;
    if known.closed_at.is_some() {
        let outcome = Outcome::of(partner);
        write.commit(&outcome).await?;
        return Ok(outcome);
    }
    partner_area::Entity::update_many()
        .col_expr(P::ClosedBy, Expr::value(cx.actor()?.account))
        .col_expr(P::ClosedAt, Expr::value(cx.app.clock.now()))
        .filter(P::PartnerId.eq(partner))
        .filter(P::AreaId.eq(area))
        .exec(&connection)
        .await?;
    let changed = follow::area_closed(cx, write.tx(), &row).await?;
    let act = Act {
        area_id: Some(area),
        ..act("closePartnerArea", &row, "areas")
    };
    finish(cx, write, act, changed).await
}

/// The area and the partner, both held; the area within the actor's scope.
async fn held(
    cx: &Cx,
    write: &Write,
    (partner, area): (Uuid, Uuid),
) -> Result<(area::Model, partner::Model)> {
    let edit = Permission::PartnerEdit;
    cx.actor()?.require(edit)?;
    let (place, _) = write
        .to_refer_to::<area::Entity>(cx, area, edit, Permission::AreaRead)
        .await
        .map_err(|error| error.on("areaId"))?;
    let row = hold(write.tx(), partner).await?;
    let row = row.ok_or_else(|| Error::refused(Code::NotFound).on("partnerId"))?;
    Ok((place, row))
}
