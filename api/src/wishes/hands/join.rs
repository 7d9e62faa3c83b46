//! Joining a wish that is taken on or booked: as its doer where the partner sends nobody, or as a helper.

use entity::enums::{BookingStatus, HandPart};
use entity::service_offer;
use sea_orm::EntityTrait as _;
use uuid::Uuid;

use super::rules;
use super::take::add;
use crate::access::policy::Permission;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::{Code, Error, Result};
use crate::promised;
use crate::wishes::rules::{Action, JOINABLE, TAKEN, explain};
use crate::wishes::step::{About, Call, Held, Whose, held};
use crate::wishes::{moves, who};
use crate::write::Outcome;

const OFFER: &str = "how many hands an offer can use, whose booking the scope let through";

/// Joins a wish that is booked for sure, or that somebody has taken on. Places are given in the order in which the
/// wish's row is held; who repeats it succeeds. Needs `WISH_HELP` where it is.
///
/// Refused: `NOT_FOUND`, `NOT_OPEN` (nobody is to come for sure yet, or they have begun), `ALREADY_FINISHED`,
/// `ALREADY_CLAIMED` (it has a doer, or one has joined in the other part), `SESSION_FULL`, `WINDOW_PASSED`,
/// `NOT_PERMITTED`, `TIME_CONFLICT`, `VERSION_CONFLICT`.
pub async fn join(cx: &Cx, call: Call, part: HandPart) -> Result<Outcome> {
    let about = About::new("joinWish", Permission::WishHelp)
        .of(Whose::Called)
        .promising();
    let mut held = held!(cx, about, (call, &part));
    let refused = |code| Err(Error::refused(code).on("wishId"));
    let status = held.wish.status;
    if let Some(mine) = held.mine(cx)?
        && TAKEN.contains(&status)
    {
        if mine.part == part {
            return held.done_before().await;
        }
        return refused(Code::AlreadyClaimed);
    }
    if status != JOINABLE {
        let unfinished = Action::Withdraw.fits(status);
        return refused(if unfinished {
            Code::NotOpen
        } else {
            explain(Action::Take, status)
        });
    }
    held.in_version()?;
    let tx = held.write.tx();
    let booking = who::bookings_of(tx, &[held.wish.id]).await?.pop();
    if booking.is_some_and(|(_, status)| status != BookingStatus::Confirmed) {
        return refused(Code::NotOpen);
    }
    let now = cx.app.clock.now();
    if held.wish.starts_at.is_some_and(|starts| starts <= now) {
        return refused(Code::WindowPassed);
    }
    let partner = side(cx, &held).await?;
    if let Some(code) = full(&held, part, places(&held).await?) {
        return refused(code);
    }
    if let (Some(from), Some(until)) = (held.wish.starts_at, held.wish.ends_at) {
        let me = cx.actor()?.account;
        promised::check(tx, me, ((from, until), held.wish.id))
            .await
            .map_err(|error| error.on("wishId"))?;
    }
    add(cx, &held, (part, partner)).await?;
    held.wish = moves::write(&cx.app, tx, held.wish.id, Vec::new()).await?;
    held.finish(cx, ("hands", None)).await
}

/// For which partner the actor joins: that of the wish, or none.
async fn side(cx: &Cx, held: &Held) -> Result<Option<Uuid>> {
    let own = who::partners(cx, held.write.tx()).await?;
    match held.wish.partner_id {
        Some(partner) if own.contains(&partner) => Ok(Some(partner)),
        _ if who::helps_in_person(cx.actor()?, held.wish.area_id) => Ok(None),
        _ => Err(Error::refused(Code::NotPermitted).on("wishId")),
    }
}

/// How many helpers the wish can use: as many as it or the offer that is booked for it says.
async fn places(held: &Held) -> Result<i32> {
    let Some(offer) = held.wish.offer_id else {
        return Ok(held.wish.hands);
    };
    let offer = service_offer::Entity::find_by_id(offer)
        .one(&held.write.tx().unscoped(OFFER))
        .await?;
    Ok(offer.map_or(0, |offer| offer.hands).max(held.wish.hands))
}

fn full(held: &Held, part: HandPart, places: i32) -> Option<Code> {
    let there = held
        .hands
        .iter()
        .filter(|hand| hand.part == part && rules::CARRIED.contains(&hand.status));
    let there = i32::try_from(there.count()).unwrap_or(i32::MAX);
    match part {
        HandPart::Doer => (there > 0).then_some(Code::AlreadyClaimed),
        HandPart::Helper => (there >= places).then_some(Code::SessionFull),
    }
}
