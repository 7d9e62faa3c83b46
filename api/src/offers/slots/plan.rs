//! Planning slots one by one.

use entity::enums::ChangeKind;
use entity::service_slot;
use sea_orm::ActiveValue::Set;
use serde::Serialize;
use uuid::Uuid;

use super::rules::{self, MOST, OPEN, Shape};
use crate::access::policy::Permission;
use crate::access::scope::{self, Grant};
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::offers::edit::held;
use crate::write::{Begun, Outcome, Request, Write, id_of_new};

/// A slot to be planned.
#[derive(Clone, Debug, Serialize)]
pub struct NewSlot {
    /// The id the device chose for it.
    pub id: Option<Uuid>,
    /// When it begins.
    pub starts_at: chrono::DateTime<chrono::Utc>,
    /// When it ends.
    pub ends_at: chrono::DateTime<chrono::Utc>,
    /// Where it is; at home where absent.
    pub place: Option<String>,
    /// How many places it has.
    pub capacity: i32,
}

impl NewSlot {
    fn shape(&self) -> Shape {
        Shape {
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            place: self.place.clone(),
            capacity: self.capacity,
        }
    }
}

/// Plans slots of an offer; one that is refused leaves the others as they are. Needs `OFFER_EDIT` of its partner.
///
/// The outcome has one id and one code for each, in their order. Refused as a whole: `OUT_OF_RANGE` (none or more
/// than a hundred), `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_ENDED` (the partner). Each: `UUID_INVALID`, `ID_TAKEN` and
/// what [`rules::check`] refuses.
pub async fn plan(
    cx: &Cx,
    (offer, slots): (Uuid, Vec<NewSlot>),
    key: Option<Uuid>,
) -> Result<Outcome> {
    let request = Request::new("planSlots", key, &(offer, &slots));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let (_, row, grant) = held(cx, &write, (offer, Permission::OfferEdit)).await?;
    if slots.is_empty() || slots.len() > MOST {
        return Err(Error::refused(Code::OutOfRange).on("slots"));
    }
    let mut outcome = Outcome {
        ids: Vec::with_capacity(slots.len()),
        codes: vec![None; slots.len()],
    };
    let mut changed = Vec::new();
    for (at, slot) in slots.iter().enumerate() {
        let id = slot.id.unwrap_or_else(|| cx.app.clock.new_id());
        outcome.ids.push(id);
        match one(cx, write.tx(), (&row, &grant), (id, slot)).await {
            Ok(made) => changed.extend(made),
            Err(Error::Refused(refusal)) => outcome.codes[at] = Some(refusal.code),
            Err(error) => return Err(error),
        }
    }
    if changed.is_empty() {
        return Ok(outcome);
    }
    let act = Act {
        action: "planSlots",
        subject_kind: "ServiceOffer",
        subject_id: offer,
        area_id: Some(row.area_id),
        reason: None,
        fields: "slots".to_owned(),
        details: serde_json::to_string(&slots).ok(),
    };
    write.record_all(cx, act, &changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Plans one; nothing where it was planned before.
async fn one(
    cx: &Cx,
    tx: &Tx,
    (offer, grant): (&entity::service_offer::Model, &Grant),
    (id, slot): (Uuid, &NewSlot),
) -> Result<Option<Changed>> {
    id_of_new(cx, Some(id))?;
    let actor = cx.actor()?;
    let known = actor.scoped::<service_slot::Entity>(Permission::OfferEdit);
    let shape = slot.shape();
    if let Some(known) = known.id(id).one(tx).await? {
        if known.offer_id == offer.id && super::reads::shape(&known) == shape {
            return Ok(None);
        }
        return Err(Error::refused(Code::IdTaken));
    }
    let now = cx.app.clock.now();
    rules::check(&shape, now, (offer.valid_from_on, offer.valid_until_on))?;
    let row = service_slot::ActiveModel {
        id: Set(id),
        offer_id: Set(offer.id),
        partner_id: Set(offer.partner_id),
        area_id: Set(offer.area_id),
        starts_at: Set(shape.starts_at),
        ends_at: Set(shape.ends_at),
        place: Set(shape.place),
        capacity: Set(shape.capacity),
        booked: Set(0),
        waiting: Set(0),
        last_ticket: Set(0),
        status: Set(OPEN),
        created_by: Set(Some(actor.account)),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let row = scope::insert_new(tx, grant, row).await?;
    let row = row.ok_or_else(|| Error::refused(Code::IdTaken))?;
    Ok(Some(Changed::new(
        ChangeKind::ServiceSlot,
        row.id,
        Some(row.area_id),
    )))
}
