//! Beginning a wish and fulfilling it, with what proves it.

use chrono::{DateTime, Utc};
use entity::enums::WishProof;
use entity::{wish, wish_hand};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Expr, SimpleExpr};
use serde::Serialize;
use uuid::Uuid;

use super::hands::rules::{self as hands, LONGEST};
use super::rules::{Action, SILENCE, SKEW, TAKEN};
use super::step::{About, Call, Held, Whose, held, of_wish};
use super::word::complained_at;
use super::{codes, hands::follow};
use crate::access::policy::Permission;
use crate::attachments;
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::write::Outcome;

/// What somebody left for who was named with no minutes.
const NOT_THERE: &str = "未到场";

/// Says that it is being carried out. By its doer or its partner's people; who repeats it succeeds.
///
/// Refused: `NOT_FOUND`, `NOT_CLAIMED_BY_YOU`, `ALREADY_FINISHED`, `VERSION_CONFLICT`, and while its booking is not
/// confirmed what bookings refuse.
pub async fn begin(cx: &Cx, call: Call) -> Result<Outcome> {
    let about = About::new("beginWish", Permission::WishHelp)
        .of(Whose::Carried)
        .following(Action::Begin);
    let mut held = held!(cx, about, (call, &()));
    if Action::Begin.led_to(held.wish.status) {
        return held.done_before().await;
    }
    let begun = vec![(wish::Column::BegunAt, Expr::value(cx.app.clock.now()))];
    held.carry_out(cx, Action::Begin, begun).await?;
    held.finish(cx, ("status,begun_at", None)).await
}

/// That a wish was fulfilled.
#[derive(Clone, Debug, Serialize)]
pub struct Fulfilment {
    /// The household's one-time code; a picture proves it where absent.
    pub code: Option<String>,
    /// When, by the clock of who did it.
    pub at: Option<DateTime<Utc>>,
    /// How long each hand served; none: they did not come.
    pub minutes: Vec<(Uuid, i32)>,
}

/// Says that it is done, with what proves it and how long everybody served. By its doer or its partner's people; who
/// repeats it succeeds. Silence agrees seven days later.
///
/// Refused: `NOT_FOUND`, `NOT_CLAIMED_BY_YOU`, `ALREADY_REPORTED`, `ALREADY_FINISHED`, `VERSION_CONFLICT`,
/// `CODE_INVALID` (five of them end the code), `OWN_CODE`, `EVIDENCE_MISSING`, `TIME_IN_FUTURE`, `OUT_OF_RANGE`,
/// `REQUIRED` (somebody's minutes), and while its booking is not confirmed what bookings refuse.
pub async fn fulfil(cx: &Cx, call: Call, done: Fulfilment) -> Result<Outcome> {
    let about = About::new("fulfilWish", Permission::WishHelp)
        .of(Whose::Carried)
        .following(Action::Fulfil);
    cx.actor()?.require(Permission::WishHelp)?;
    if let Some(code) = &done.code {
        let unfinished = about
            .scoped(cx, call.wish)?
            .filter(wish::Column::Status.is_in(TAKEN));
        codes::count_wrong(cx, unfinished, code).await?;
    }
    let mut held = held!(cx, about, (call, &done));
    let me = cx.actor()?.account;
    if Action::Fulfil.led_to(held.wish.status) && held.wish.fulfilled_by == Some(me) {
        return held.done_before().await;
    }
    held.lets(Action::Fulfil)?;
    let at = when(cx, &held, done.at)?;
    check_minutes(&held, &done.minutes)?;
    let proof = proof(cx, &held, done.code.as_deref()).await?;
    held.carry_out(
        cx,
        Action::Fulfil,
        values((me, at, cx.app.clock.now()), proof),
    )
    .await?;
    serve(cx, &held, (at, &done.minutes)).await?;
    let fields = "status,fulfilled_at,proof,agrees_at,hands";
    held.finish(cx, (fields, None)).await
}

/// Silence is counted from when the server heard of it, whenever it was done.
fn values(
    (by, at, now): (Uuid, DateTime<Utc>, DateTime<Utc>),
    proof: WishProof,
) -> Vec<(wish::Column, SimpleExpr)> {
    use wish::Column as C;
    let mut values = vec![
        (C::FulfilledBy, Expr::value(by)),
        (C::FulfilledAt, Expr::value(at)),
        (C::Proof, Expr::value(proof)),
        (C::AgreesAt, Expr::value(now + SILENCE)),
    ];
    if proof == WishProof::Code {
        // It is used up.
        values.push((C::CodeHash, Expr::value(None::<String>)));
    }
    values
}

/// When it was done: not before it was begun, and not ahead of the server's clock.
fn when(cx: &Cx, held: &Held, at: Option<DateTime<Utc>>) -> Result<DateTime<Utc>> {
    let now = cx.app.clock.now();
    let at = at.unwrap_or(now);
    if at > now + SKEW {
        return Err(Error::refused(Code::TimeInFuture).on("fulfilledAt"));
    }
    let earliest = held.wish.begun_at.unwrap_or(held.wish.created_at);
    if at + SKEW < earliest {
        return Err(Error::refused(Code::OutOfRange).on("fulfilledAt"));
    }
    Ok(at)
}

fn joined(held: &Held) -> impl Iterator<Item = &wish_hand::Model> {
    let from = hands::Action::Serve.step().0;
    held.hands.iter().filter(move |hand| hand.status == from)
}

/// Each hand is named once, and none that is not there.
fn check_minutes(held: &Held, minutes: &[(Uuid, i32)]) -> Result<()> {
    for (at, (hand, served)) in minutes.iter().enumerate() {
        let again = minutes[..at].iter().any(|(other, _)| other == hand);
        if again || !joined(held).any(|one| one.id == *hand) {
            return Err(Error::refused(Code::NotFound).on("minutes"));
        }
        if !(0..=LONGEST).contains(served) {
            return Err(Error::refused(Code::OutOfRange).on("minutes"));
        }
    }
    if joined(held).count() == minutes.len() {
        Ok(())
    } else {
        Err(Error::refused(Code::Required).on("minutes"))
    }
}

/// What proves it: the household's code, which nobody who lends a hand was shown, or a picture.
async fn proof(cx: &Cx, held: &Held, code: Option<&str>) -> Result<WishProof> {
    let mut people: Vec<Uuid> = joined(held).map(|hand| hand.account_id).collect();
    people.push(cx.actor()?.account);
    let Some(code) = code else {
        // What proved it before a complaint proves it no more.
        let since = complained_at(held.write.tx(), held.wish.id).await?;
        let of = (&people[..], since);
        let there = attachments::service::count_of_wish(held.write.tx(), held.wish.id, of);
        return match there.await? {
            0 => Err(Error::refused(Code::EvidenceMissing).on("code")),
            _ => Ok(WishProof::Photo),
        };
    };
    codes::check(cx, &held.wish, code)?;
    if held
        .wish
        .code_by
        .is_some_and(|shown| people.contains(&shown))
    {
        return Err(Error::refused(Code::OwnCode).on("code"));
    }
    Ok(WishProof::Code)
}

/// Writes down how long everybody served; who did not come has left.
async fn serve(cx: &Cx, held: &Held, (at, minutes): (DateTime<Utc>, &[(Uuid, i32)])) -> Result<()> {
    let tx = held.write.tx();
    for (hand, served) in minutes {
        let one = of_wish(held.wish.id).add(wish_hand::Column::Id.eq(*hand));
        if *served == 0 {
            let leave = hands::Action::Leave;
            follow::leave(&cx.app, tx, (leave, one, NOT_THERE)).await?;
        } else {
            follow::serve(&cx.app, tx, (one, *served, at)).await?;
        }
    }
    Ok(())
}
