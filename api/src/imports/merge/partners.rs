//! Writing down the partners of a community and what they offer, as whoever sends the file would.
//!
//! What is new comes in as a draft of the whole community; what is on record is changed where the row says
//! something else, whatever its state: a file publishes and withdraws nothing. All of it is one write, under the
//! area that is held, so that the same file sent twice at once says its things once.

use entity::{area, partner, service_offer};
use sea_orm::ColumnTrait as _;
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::access::scope::Grant;
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::{self, Error, Language, Result};
use crate::inputs::Edit;
use crate::offers::edit::{rewrite, write_down as offer_written};
use crate::offers::terms::Terms;
use crate::partners::edit::write_down as partner_written;
use crate::partners::reads::hold;
use crate::partners::rules::{LIVE, takes_on};
use crate::write::{self, Begun, Request, Write};

use super::super::partners::{NAME, PartnerRow, TITLE};
use super::super::{Checked, Code};
use super::{Options, Outcome, Report, Verdicts};

/// The audit's word for it.
const ACTION: &str = "import:partners";

/// Writes down the partners that an area has taken on. Needs `PARTNER_EDIT` and `OFFER_EDIT` there.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `AREA_UNFIT` on `area`.
pub async fn import_partners(
    cx: &Cx,
    place: Uuid,
    checked: Checked<PartnerRow>,
    options: &Options,
) -> Result<Report> {
    let rows = checked.rows;
    let places = rows.iter().map(|row| (row.sheet.clone(), row.row));
    let mut verdicts = Verdicts::new(places.collect(), checked.findings);
    let Begun::New(write) = Write::begin(cx, Request::new(ACTION, None, &place)).await? else {
        return Err(Error::internal(
            "an import without a key was carried out before",
        ));
    };
    let grant = held(cx, &write, place).await?;
    let mut changed = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        match one(cx, write.tx(), &grant, row).await {
            Ok((outcome, some)) => {
                verdicts.outcomes[at] = outcome;
                changed.extend(some);
            }
            Err(Error::Refused(refusal)) => {
                let column = match refusal.field {
                    Some("title") => TITLE,
                    _ => NAME,
                };
                let message = refusal.code.message(Language::Chinese);
                verdicts.find(at, (column, ""), Code::OfferRefused, message);
            }
            Err(error) => return Err(error),
        }
    }
    if changed.is_empty() || verdicts.ends_here(options) {
        return Ok(Report::new(verdicts, options));
    }
    let act = Act {
        action: ACTION,
        subject_kind: "Area",
        subject_id: place,
        area_id: Some(place),
        reason: None,
        fields: "partners".to_owned(),
        details: Some(options.source.clone()),
    };
    write.record_all(cx, act, &changed).await?;
    write.commit(&write::Outcome::of(place)).await?;
    Ok(Report::new(verdicts, options))
}

/// The area that takes the partners on, held until the end.
async fn held(cx: &Cx, write: &Write, place: Uuid) -> Result<Grant> {
    let edit = Permission::PartnerEdit;
    cx.actor()?.require(Permission::OfferEdit)?;
    let held = write.to_refer_to::<area::Entity>(cx, place, edit, Permission::AreaRead);
    let (row, grant) = held.await.map_err(|error| error.on("area"))?;
    if !takes_on(row.kind) || row.retired_on.is_some() {
        return Err(Error::refused(error::Code::AreaUnfit).on("area"));
    }
    Ok(grant)
}

/// Writes one row down: what came of it, and what changed.
async fn one(cx: &Cx, tx: &Tx, grant: &Grant, row: &PartnerRow) -> Result<(Outcome, Vec<Changed>)> {
    use entity::enums::ChangeKind;
    use service_offer::Column as C;
    let (partner, mut changed) = its_partner(cx, tx, grant, &row.name).await?;
    let terms = Terms {
        title: Some(row.title.clone()),
        category: Some(row.category),
        // An empty cell takes nothing away.
        contact_name: row.contact_name.clone().map_or(Edit::Keep, Edit::Set),
        contact_phone: row.contact_phone.clone().map_or(Edit::Keep, Edit::Set),
        ..Terms::default()
    };
    let known = cx
        .actor()?
        .scoped::<service_offer::Entity>(Permission::OfferEdit)
        .filter(C::PartnerId.eq(partner.id))
        .filter(C::Title.eq(row.title.as_str()))
        .one(tx)
        .await?;
    let Some(before) = known else {
        let new = (
            cx.app.clock.new_id(),
            &partner,
            &terms,
            &[partner.area_id][..],
        );
        let made = offer_written(cx, tx, grant, new).await?;
        let made = made.ok_or_else(|| Error::internal("the key of a new offer is taken"))?;
        let kind = ChangeKind::ServiceOffer;
        changed.push(Changed::new(kind, made.id, Some(made.area_id)));
        return Ok((Outcome::Created, changed));
    };
    let after = terms.applied(&cx.app.keys, before.clone())?;
    if after == before {
        return Ok((Outcome::Unchanged, changed));
    }
    let row = rewrite(cx, tx, (&before, after)).await?;
    let kind = ChangeKind::ServiceOffer;
    changed.push(Changed::in_place(kind, row.id, Some(row.area_id)));
    Ok((Outcome::Updated, changed))
}

/// The partner of this name, held: on record, or taken on.
async fn its_partner(
    cx: &Cx,
    tx: &Tx,
    grant: &Grant,
    name: &str,
) -> Result<(partner::Model, Vec<Changed>)> {
    use entity::enums::ChangeKind;
    use partner::Column as C;
    let known = cx
        .actor()?
        .scoped::<partner::Entity>(Permission::PartnerEdit)
        .filter(C::AreaId.eq(grant.area()))
        .filter(C::Name.eq(name))
        .one(tx)
        .await?;
    let Some(known) = known else {
        let id = cx.app.clock.new_id();
        let made = partner_written(cx, tx, grant, (id, name.to_owned())).await?;
        let made = made.ok_or_else(|| Error::internal("the key of a new partner is taken"))?;
        let changed = Changed::new(ChangeKind::Partner, id, Some(made.area_id));
        return Ok((made, vec![changed]));
    };
    let partner = hold(tx, known.id).await?.unwrap_or(known);
    if partner.status != LIVE {
        return Err(Error::refused(error::Code::AlreadyEnded));
    }
    Ok((partner, Vec::new()))
}
