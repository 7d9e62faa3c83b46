//! Writing offers down and changing them.

use std::collections::BTreeSet;

use entity::enums::ChangeKind;
use entity::{area_closure, offer_area, partner, service_offer};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _,
};
use serde::Serialize;
use uuid::Uuid;

use super::rules::{MOST, SHOWN};
use super::terms::{Terms, blank, is_phone};
use crate::access::policy::Permission;
use crate::access::scope::{self, Grant};
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::inputs::Edit;
use crate::partners::{reads as partners, rules::LIVE};
use crate::write::{Begun, Outcome, Request, Write, id_of_new};

pub(super) const ITS_AREAS: &str = "where an offer stands that the scope let through";

/// An offer to be written down.
#[derive(Clone, Debug, Serialize)]
pub struct NewOffer {
    /// The id the device chose for it.
    pub id: Option<Uuid>,
    /// Whose it is.
    pub partner: Uuid,
    /// What it says.
    pub terms: Terms,
    /// Where it stands, each once and in order.
    pub areas: Vec<Uuid>,
}

/// What becomes of an offer.
#[derive(Clone, Debug, Serialize)]
pub struct OfferEdit {
    /// The offer.
    pub offer: Uuid,
    /// The version the actor saw.
    pub expected_version: i64,
    /// What it says.
    pub terms: Terms,
    /// Where it stands; as before where absent.
    pub areas: Option<Vec<Uuid>>,
}

/// Writes an offer down, as a draft. Needs `OFFER_EDIT` of its partner.
///
/// Refused: `UUID_INVALID`, `ID_TAKEN`, `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_ENDED` (the partner), `REQUIRED`,
/// `AREA_NOT_OPENED`, `NAME_TAKEN`, and what [`rules::check`](super::rules::check) refuses.
pub async fn add(cx: &Cx, new: NewOffer, key: Option<Uuid>) -> Result<Outcome> {
    let write = match Write::begin(cx, Request::new("addOffer", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let actor = cx.actor()?;
    let edit = Permission::OfferEdit;
    actor.require(edit)?;
    let id = id_of_new(cx, new.id)?;
    let held = write.to_refer_to::<partner::Entity>(cx, new.partner, edit, Permission::PartnerRead);
    let (partner, grant) = held.await.map_err(|error| error.on("partnerId"))?;
    let known = actor.scoped::<service_offer::Entity>(edit).id(id);
    if let Some(known) = known.one(write.tx()).await? {
        let is_same = is_same(cx, write.tx(), (&known, &new)).await?;
        return write.made_before(id, is_same).await;
    }
    if partner.status != LIVE {
        return Err(Error::refused(Code::AlreadyEnded).on("partnerId"));
    }
    let row = write_down(
        cx,
        write.tx(),
        &grant,
        (id, &partner, &new.terms, &new.areas),
    )
    .await?;
    let Some(row) = row else {
        return write.made_before(id, false).await;
    };
    let act = act("addOffer", &row, &new.terms);
    let changed = Changed::new(ChangeKind::ServiceOffer, id, Some(row.area_id));
    write.record(cx, act, changed).await?;
    let outcome = Outcome::of(id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Writes an offer of a partner that is held; absent where the key is taken.
pub(crate) async fn write_down(
    cx: &Cx,
    tx: &Tx,
    grant: &Grant,
    (id, partner, terms, areas): (Uuid, &partner::Model, &Terms, &[Uuid]),
) -> Result<Option<service_offer::Model>> {
    let (me, clock) = (cx.actor()?.account, &cx.app.clock);
    let blank = blank(id, partner, (me, clock.now(), clock.today(SHANGHAI)));
    let row = terms.applied(&cx.app.keys, blank)?;
    are_opened(tx, partner.id, areas).await?;
    title_is_free(cx, tx, &row).await?;
    let Some(row) = scope::insert_new(tx, grant, row.into_active_model().reset_all()).await? else {
        return Ok(None);
    };
    stand(tx, id, areas).await?;
    Ok(Some(row))
}

/// Changes an offer. Needs `OFFER_EDIT` of its partner; where it is published, `OFFER_PUBLISH`.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_ENDED` (the partner), `VERSION_CONFLICT`, `REQUIRED`,
/// `AREA_NOT_OPENED`, `NAME_TAKEN`, and what [`rules::check`](super::rules::check) refuses.
pub async fn change(cx: &Cx, edit: OfferEdit, key: Option<Uuid>) -> Result<Outcome> {
    let write = match Write::begin(cx, Request::new("changeOffer", key, &edit)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let actor = cx.actor()?;
    let (partner, before, _) = held(cx, &write, (edit.offer, Permission::OfferEdit)).await?;
    if before.status == SHOWN && !actor.may(Permission::OfferPublish, before.area_id) {
        return Err(Error::refused(Code::NotPermitted).on("offerId"));
    }
    if before.version != edit.expected_version {
        return Err(Error::Conflict(edit.offer));
    }
    let row = edit.terms.applied(&cx.app.keys, before.clone())?;
    if let Some(areas) = &edit.areas {
        are_opened(write.tx(), partner.id, areas).await?;
        leave(write.tx(), edit.offer).await?;
        stand(write.tx(), edit.offer, areas).await?;
    }
    let row = rewrite(cx, write.tx(), (&before, row)).await?;
    finish(cx, write, act("changeOffer", &row, &edit.terms)).await
}

/// Writes what an offer says, which is as it was `before`; its partner is held.
pub(crate) async fn rewrite(
    cx: &Cx,
    tx: &Tx,
    (before, row): (&service_offer::Model, service_offer::Model),
) -> Result<service_offer::Model> {
    use service_offer::Column as C;
    if row.title != before.title {
        title_is_free(cx, tx, &row).await?;
    }
    let changed = cx
        .actor()?
        .scoped::<service_offer::Entity>(Permission::OfferEdit)
        .id(before.id)
        .filter(C::Status.eq(before.status))
        .filter(C::Version.eq(before.version))
        .update(tx, |update| {
            update
                .value(C::Title, row.title)
                .value(C::Category, row.category)
                .value(C::Conditions, row.conditions)
                .value(C::ContactName, row.contact_name)
                .value(C::ContactPhoneSealed, row.contact_phone_sealed)
                .value(C::PriceFen, row.price_fen)
                .value(C::MinAge, row.min_age)
                .value(C::Circumstances, row.circumstances)
                .value(C::Tiers, row.tiers)
                .value(C::Minutes, row.minutes)
                .value(C::Hands, row.hands)
                .value(C::NeedsConfirmation, row.needs_confirmation)
                .value(C::IsSingle, row.is_single)
                .value(C::CutoffMinutes, row.cutoff_minutes)
                .value(C::ConfirmMinutes, row.confirm_minutes)
                .value(C::ValidFromOn, row.valid_from_on)
                .value(C::ValidUntilOn, row.valid_until_on)
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
        });
    changed.await?.pop().ok_or(Error::Conflict(before.id))
}

/// An offer to be changed, after its partner, who serves; both held until the end.
///
/// Refused on `offerId`: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_ENDED`.
pub(super) async fn held(
    cx: &Cx,
    write: &Write,
    (offer, edit): (Uuid, Permission),
) -> Result<(partner::Model, service_offer::Model, Grant)> {
    let actor = cx.actor()?;
    actor.require(edit)?;
    let on_offer = |error: Error| error.on("offerId");
    let read = Permission::OfferRead;
    let seen = actor.scoped::<service_offer::Entity>(read).id(offer);
    let seen = seen.one(write.tx()).await?;
    let seen = seen.ok_or_else(|| on_offer(Error::refused(Code::NotFound)))?;
    let partner = partners::hold(write.tx(), seen.partner_id).await?;
    let partner = partner.ok_or_else(|| Error::internal("an offer without its partner"))?;
    let (row, grant) = write
        .to_refer_to::<service_offer::Entity>(cx, offer, edit, read)
        .await
        .map_err(on_offer)?;
    if partner.status != LIVE {
        return Err(on_offer(Error::refused(Code::AlreadyEnded)));
    }
    Ok((partner, row, grant))
}

/// Announces a changed offer and commits.
pub(super) async fn finish(cx: &Cx, write: Write, act: Act) -> Result<Outcome> {
    let id = act.subject_id;
    let changed = Changed::in_place(ChangeKind::ServiceOffer, id, act.area_id);
    write.record(cx, act, changed).await?;
    let outcome = Outcome::of(id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

pub(super) fn act(
    action: &'static str,
    row: &service_offer::Model,
    details: &impl Serialize,
) -> Act {
    Act {
        action,
        subject_kind: "ServiceOffer",
        subject_id: row.id,
        area_id: Some(row.area_id),
        reason: None,
        fields: "terms".to_owned(),
        details: serde_json::to_string(details).ok(),
    }
}

/// Refuses areas of which one is not opened to the partner, who is held.
async fn are_opened(tx: &Tx, partner: Uuid, areas: &[Uuid]) -> Result<()> {
    use area_closure::Column as A;
    let refused = |code| Err(Error::refused(code).on("areaIds"));
    if areas.is_empty() {
        return refused(Code::Required);
    }
    if areas.len() > MOST {
        return refused(Code::OutOfRange);
    }
    // Of an area and itself there is one row.
    let opened = area_closure::Entity::find()
        .filter(A::Depth.eq(0))
        .filter(A::DescendantId.is_in(areas.iter().copied()))
        .filter(A::DescendantId.in_subquery(partners::opened(partner)))
        .count(&tx.unscoped(ITS_AREAS))
        .await?;
    if usize::try_from(opened).is_ok_and(|opened| opened == areas.len()) {
        Ok(())
    } else {
        refused(Code::AreaNotOpened)
    }
}

async fn stand(tx: &Tx, offer: Uuid, areas: &[Uuid]) -> Result<()> {
    let rows = areas.iter().map(|area| offer_area::ActiveModel {
        offer_id: Set(offer),
        area_id: Set(*area),
    });
    offer_area::Entity::insert_many(rows)
        .exec_without_returning(&tx.unscoped(ITS_AREAS))
        .await?;
    Ok(())
}

async fn leave(tx: &Tx, offer: Uuid) -> Result<()> {
    offer_area::Entity::delete_many()
        .filter(offer_area::Column::OfferId.eq(offer))
        .exec(&tx.unscoped(ITS_AREAS))
        .await?;
    Ok(())
}

/// Refuses a title that another offer of the partner has, who is held.
async fn title_is_free(cx: &Cx, tx: &Tx, row: &service_offer::Model) -> Result<()> {
    use service_offer::Column as C;
    let same = cx
        .actor()?
        .scoped::<service_offer::Entity>(Permission::OfferEdit)
        .filter(C::PartnerId.eq(row.partner_id))
        .filter(C::Title.eq(row.title.as_str()))
        .count(tx);
    match same.await? {
        0 => Ok(()),
        _ => Err(Error::refused(Code::NameTaken).on("title")),
    }
}

/// Whether an offer on record says what is to be written down.
async fn is_same(
    cx: &Cx,
    tx: &Tx,
    (known, new): (&service_offer::Model, &NewOffer),
) -> Result<bool> {
    let keys = &cx.app.keys;
    let phone = match &new.terms.contact_phone {
        Edit::Set(phone) => Some(phone.as_str()),
        Edit::Keep | Edit::Clear => None,
    };
    let stands = offer_area::Entity::find()
        .filter(offer_area::Column::OfferId.eq(known.id))
        .all(&tx.unscoped(ITS_AREAS))
        .await?;
    let stands: BTreeSet<Uuid> = stands.into_iter().map(|one| one.area_id).collect();
    Ok(known.partner_id == new.partner
        && is_phone(keys, known, phone)
        && new.terms.applied(keys, known.clone())? == *known
        && new.areas.iter().copied().eq(stands))
}

/// The offers that stand somewhere.
pub(super) fn standing_somewhere() -> SelectStatement {
    Query::select()
        .column(offer_area::Column::OfferId)
        .from(offer_area::Entity)
        .to_owned()
}
