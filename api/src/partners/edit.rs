//! Taking partners on, renaming and ending them.

use entity::enums::ChangeKind;
use entity::{area, partner, partner_area, partner_member};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;
use uuid::Uuid;

use super::rules::{LIVE, OVER, takes_on};
use crate::access::policy::Permission;
use crate::access::scope;
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::offers::follow;
use crate::write::{Begun, Outcome, Request, Write, id_of_new};

const ITS_PEOPLE: &str = "the people of a partner that the scope let through";

/// A partner to be taken on.
#[derive(Clone, Debug, Serialize)]
pub struct NewPartner {
    /// The id the device chose for it.
    pub id: Option<Uuid>,
    /// The area that takes it on.
    pub area: Uuid,
    /// Its name.
    pub name: String,
}

/// Takes a partner on and opens the area itself to it. Needs `PARTNER_EDIT` there.
///
/// Refused: `UUID_INVALID`, `ID_TAKEN`, `NOT_FOUND`, `NOT_PERMITTED`, `AREA_UNFIT` (below a community, or retired),
/// `NAME_TAKEN`.
pub async fn add(cx: &Cx, new: NewPartner, key: Option<Uuid>) -> Result<Outcome> {
    let write = match Write::begin(cx, Request::new("addPartner", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let actor = cx.actor()?;
    let edit = Permission::PartnerEdit;
    actor.require(edit)?;
    let id = id_of_new(cx, new.id)?;
    // Holding the area, two who take partners on there do so one after the other.
    let (place, grant) = write
        .to_refer_to::<area::Entity>(cx, new.area, edit, Permission::AreaRead)
        .await
        .map_err(|error| error.on("areaId"))?;
    let known = actor.scoped::<partner::Entity>(edit).id(id);
    if let Some(known) = known.one(write.tx()).await? {
        let is_same = known.area_id == new.area && known.name == new.name;
        return write.made_before(id, is_same).await;
    }
    if !takes_on(place.kind) || place.retired_on.is_some() {
        return Err(Error::refused(Code::AreaUnfit).on("areaId"));
    }
    name_is_free(cx, write.tx(), (place.id, &new.name)).await?;
    let Some(row) = write_down(cx, write.tx(), &grant, (id, new.name)).await? else {
        return write.made_before(id, false).await;
    };
    let changed = Changed::new(ChangeKind::Partner, id, Some(row.area_id));
    write
        .record(cx, act("addPartner", &row, "name"), changed)
        .await?;
    let outcome = Outcome::of(id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Writes a partner of the area that `grant` proves, which is opened to it; absent where the key is taken.
pub(crate) async fn write_down(
    cx: &Cx,
    tx: &Tx,
    grant: &scope::Grant,
    (id, name): (Uuid, String),
) -> Result<Option<partner::Model>> {
    let (me, now) = (cx.actor()?.account, cx.app.clock.now());
    let row = partner::ActiveModel {
        id: Set(id),
        area_id: Set(grant.area()),
        name: Set(name),
        status: Set(LIVE),
        created_by: Set(me),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let Some(row) = scope::insert_new(tx, grant, row).await? else {
        return Ok(None);
    };
    let opened = partner_area::ActiveModel {
        partner_id: Set(id),
        area_id: Set(row.area_id),
        opened_by: Set(me),
        closed_by: Set(None),
        closed_at: Set(None),
        created_at: Set(now),
    };
    scope::insert(tx, grant, opened).await?;
    Ok(Some(row))
}

/// Renames a partner. Needs `PARTNER_EDIT` where it belongs.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_ENDED`, `VERSION_CONFLICT`, `NAME_TAKEN`.
pub async fn rename(
    cx: &Cx,
    (id, expected_version): (Uuid, i64),
    name: String,
    key: Option<Uuid>,
) -> Result<Outcome> {
    use partner::Column as C;
    let request = Request::new("renamePartner", key, &(id, expected_version, &name));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let before = to_edit(cx, &write, id).await?.0;
    if before.version != expected_version {
        return Err(Error::Conflict(id));
    }
    if before.name != name {
        name_is_free(cx, write.tx(), (before.area_id, &name)).await?;
    }
    let row = cx
        .actor()?
        .scoped::<partner::Entity>(Permission::PartnerEdit)
        .id(id)
        .filter(C::Status.eq(LIVE))
        .filter(C::Version.eq(expected_version))
        .update(write.tx(), |update| {
            update
                .value(C::Name, name)
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
        })
        .await
        // Another partner was given the name a moment ago.
        .map_err(|error| error.where_unique("name", Code::NameTaken, "name"))?
        .pop()
        .ok_or(Error::Conflict(id))?;
    finish(cx, write, act("renamePartner", &row, "name"), Vec::new()).await
}

/// Ends a partner, with a reason: nobody acts for it any more, what it offers is withdrawn, and its slots to
/// come that nobody has booked are called off. Needs `PARTNER_EDIT` where it belongs; who repeats it succeeds.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_ENDED` (by somebody else).
pub async fn end(cx: &Cx, id: Uuid, reason: String, key: Option<Uuid>) -> Result<Outcome> {
    use partner::Column as C;
    use partner_member::Column as M;
    let request = Request::new("endPartner", key, &(id, &reason));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let (actor, now) = (cx.actor()?, cx.app.clock.now());
    let edit = Permission::PartnerEdit;
    actor.require(edit)?;
    let (before, _) = write
        .to_refer_to::<partner::Entity>(cx, id, edit, Permission::PartnerRead)
        .await
        .map_err(|error| error.on("partnerId"))?;
    let ended = actor
        .scoped::<partner::Entity>(edit)
        .id(id)
        .filter(C::Status.eq(LIVE))
        .update(write.tx(), |update| {
            update
                .value(C::Status, OVER)
                .value(C::EndReason, reason.clone())
                .value(C::EndedBy, actor.account)
                .value(C::EndedAt, now)
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, now);
        });
    let Some(row) = ended.await?.pop() else {
        if before.ended_by == Some(actor.account) {
            let outcome = Outcome::of(id);
            write.commit(&outcome).await?;
            return Ok(outcome);
        }
        return Err(Error::refused(Code::AlreadyEnded).on("partnerId"));
    };
    partner_member::Entity::update_many()
        .col_expr(M::EndedBy, Expr::value(actor.account))
        .col_expr(M::EndedAt, Expr::value(now))
        .filter(M::PartnerId.eq(id))
        .filter(M::EndedAt.is_null())
        .exec(&write.tx().unscoped(ITS_PEOPLE))
        .await?;
    let changed = follow::partner_ended(cx, write.tx(), (&row, &reason)).await?;
    let act = Act {
        reason: Some(reason),
        ..act("endPartner", &row, "status")
    };
    finish(cx, write, act, changed).await
}

/// A partner that serves, held, to be changed: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_ENDED` on `partnerId`.
pub(super) async fn to_edit(
    cx: &Cx,
    write: &Write,
    id: Uuid,
) -> Result<(partner::Model, scope::Grant)> {
    let edit = Permission::PartnerEdit;
    cx.actor()?.require(edit)?;
    let held = write.to_refer_to::<partner::Entity>(cx, id, edit, Permission::PartnerRead);
    let (row, grant) = held.await.map_err(|error| error.on("partnerId"))?;
    if row.status != LIVE {
        return Err(Error::refused(Code::AlreadyEnded).on("partnerId"));
    }
    Ok((row, grant))
}

/// Announces a changed partner with what followed it, and commits.
pub(super) async fn finish(
    cx: &Cx,
    write: Write,
    act: Act,
    mut changed: Vec<Changed>,
) -> Result<Outcome> {
    let id = act.subject_id;
    changed.push(Changed::in_place(ChangeKind::Partner, id, act.area_id));
    write.record_all(cx, act, &changed).await?;
    let outcome = Outcome::of(id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

pub(super) fn act(action: &'static str, row: &partner::Model, fields: &str) -> Act {
    Act {
        action,
        subject_kind: "Partner",
        subject_id: row.id,
        area_id: Some(row.area_id),
        reason: None,
        fields: fields.to_owned(),
        details: None,
    }
}

/// Refuses a name that a partner of the area has.
async fn name_is_free(cx: &Cx, tx: &Tx, (area, name): (Uuid, &str)) -> Result<()> {
    use partner::Column as C;
    let same = cx
        .actor()?
        .scoped::<partner::Entity>(Permission::PartnerEdit)
        .filter(C::AreaId.eq(area))
        .filter(C::Name.eq(name))
        .count(tx);
    match same.await? {
        0 => Ok(()),
        _ => Err(Error::refused(Code::NameTaken).on("name")),
    }
}
