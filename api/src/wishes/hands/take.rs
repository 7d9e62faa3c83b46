//! Taking a wish on whole: it is a call until somebody does.

use entity::enums::HandPart;
use entity::{service_offer, wish, wish_hand};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait as _;
use sea_orm::sea_query::Expr;
use serde::Serialize;
use uuid::Uuid;

use super::rules::FIRST;
use crate::access::policy::Permission;
use crate::access::scope::insert;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::{Code, Error, Result};
use crate::promised::{self, Span};
use crate::wishes::rules::{Action, TAKEN};
use crate::wishes::step::{About, Call, Held, Whose, held};
use crate::wishes::who;
use crate::write::Outcome;

const OFFER: &str =
    "the partner of the offer to which a wish that the scope let through is matched";

/// How somebody takes a wish on.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Taking {
    /// For which partner; in one's own name where absent and where one's roles allow it.
    pub partner: Option<Uuid>,
    /// When one will be there, where that is settled.
    pub span: Option<Span>,
}

/// Takes an open wish on whole: exactly one of many succeeds; who repeats it succeeds. Needs `WISH_HELP` where it
/// is, as a partner's person within what was opened to it.
///
/// Refused: `NOT_FOUND`, `ALREADY_CLAIMED`, `ALREADY_FINISHED`, `WINDOW_PASSED` (its last day has), `REQUIRED` (for
/// which of one's partners), `VERSION_CONFLICT`, `WINDOW_INVALID`, `OUT_OF_RANGE`, `TIME_CONFLICT`.
pub async fn take(cx: &Cx, call: Call, taking: Taking) -> Result<Outcome> {
    use wish::Column as C;
    let about = About::new("takeWish", Permission::WishHelp)
        .of(Whose::Called)
        .promising();
    let mut held = held!(cx, about, (call, &taking));
    let has_it = held
        .mine(cx)?
        .is_some_and(|hand| hand.part == HandPart::Doer);
    if has_it && TAKEN.contains(&held.wish.status) {
        return held.done_before().await;
    }
    held.lets(Action::Take)?;
    let today = cx.app.clock.today(SHANGHAI);
    if held.wish.expires_on.is_some_and(|last| last < today) {
        return Err(Error::refused(Code::WindowPassed).on("wishId"));
    }
    let partner = whose(cx, &held, taking.partner).await?;
    if let Some(span) = taking.span {
        check(cx, &held, span).await?;
    }
    let (from, until) = taking.span.unzip();
    let values = vec![
        (C::PartnerId, Expr::value(partner)),
        (C::StartsAt, Expr::value(from)),
        (C::EndsAt, Expr::value(until)),
    ];
    held.carry_out(cx, Action::Take, values).await?;
    add(cx, &held, (HandPart::Doer, partner)).await?;
    let fields = "status,partner_id,starts_at,ends_at,hands";
    held.finish(cx, (fields, None)).await
}

/// A time that lies ahead, in order, and is promised to nobody else.
async fn check(cx: &Cx, held: &Held, span: Span) -> Result<()> {
    if span.1 <= span.0 {
        return Err(Error::refused(Code::WindowInvalid).on("endsAt"));
    }
    if span.0 < cx.app.clock.now() {
        return Err(Error::refused(Code::OutOfRange).on("startsAt"));
    }
    let me = cx.actor()?.account;
    promised::check(held.write.tx(), me, (span, held.wish.id))
        .await
        .map_err(|error| error.on("startsAt"))
}

/// For whom the actor takes a wish on that calls them.
async fn whose(cx: &Cx, held: &Held, wanted: Option<Uuid>) -> Result<Option<Uuid>> {
    let (actor, tx) = (cx.actor()?, held.write.tx());
    let in_person = who::helps_in_person(actor, held.wish.area_id);
    if wanted.is_none() && in_person {
        return Ok(None);
    }
    let own = who::partners(cx, tx).await?;
    let mut own = who::opened(cx, tx, (own, held.wish.area_id)).await?;
    if let Some(offer) = held.wish.offer_id {
        let offer = service_offer::Entity::find_by_id(offer)
            .one(&tx.unscoped(OFFER))
            .await?;
        own.retain(|partner| {
            offer
                .as_ref()
                .is_some_and(|offer| offer.partner_id == *partner)
        });
    }
    match (wanted, own.as_slice()) {
        (Some(wanted), own) if own.contains(&wanted) => Ok(Some(wanted)),
        (None, [one]) => Ok(Some(*one)),
        (None, [_, ..]) => Err(Error::refused(Code::Required).on("partnerId")),
        (Some(_), _) => Err(Error::refused(Code::NotFound).on("partnerId")),
        (None, []) => Err(Error::refused(Code::NotFound).on("wishId")),
    }
}

/// Writes down that the actor lends a hand for a wish that is held, when it is to be carried out.
///
/// Refused: `ALREADY_CLAIMED` where a doer, or the actor, is there already.
pub(super) async fn add(
    cx: &Cx,
    held: &Held,
    (part, partner): (HandPart, Option<Uuid>),
) -> Result<()> {
    let now = cx.app.clock.now();
    let row = wish_hand::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        wish_id: Set(held.wish.id),
        account_id: Set(cx.actor()?.account),
        partner_id: Set(partner),
        area_id: Set(held.wish.area_id),
        grid_id: Set(held.wish.grid_id),
        part: Set(part),
        status: Set(FIRST),
        starts_at: Set(held.wish.starts_at),
        ends_at: Set(held.wish.ends_at),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    insert(held.write.tx(), &held.grant, row)
        .await
        .map_err(|error| error.where_unique("wish_id", Code::AlreadyClaimed, "wishId"))?;
    Ok(())
}
