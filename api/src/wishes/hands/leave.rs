//! Giving back what one has taken on, and leaving what one has joined.

use entity::enums::HandPart;
use entity::wish_hand;
use sea_orm::ColumnTrait as _;

use super::follow::leave as let_go;
use super::rules::Action as Act;
use crate::access::policy::Permission;
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::wishes::rules::{Action, TAKEN};
use crate::wishes::step::{About, Call, Whose, held, of_wish};
use crate::wishes::{moves, who};
use crate::write::Outcome;

/// Gives a wish that was taken on whole back to everybody: whoever had joined leaves too. By its doer, or by the
/// people of the partner that took it on.
///
/// Refused: `NOT_FOUND`, `NOT_CLAIMED_BY_YOU`, `ALREADY_FINISHED`, `WISH_BOOKED`, `VERSION_CONFLICT`.
pub async fn give_back(cx: &Cx, call: Call, reason: String) -> Result<Outcome> {
    let about = About::new("giveWishBack", Permission::WishHelp).of(Whose::Carried);
    let mut held = held!(cx, about, (call, &reason));
    held.lets(Action::GiveBack)?;
    if !who::bookings_of(held.write.tx(), &[held.wish.id])
        .await?
        .is_empty()
    {
        return Err(Error::refused(Code::WishBooked).on("wishId"));
    }
    held.carry_out(cx, Action::GiveBack, moves::given_back())
        .await?;
    let all = of_wish(held.wish.id);
    let left = let_go(&cx.app, held.write.tx(), (Act::Leave, all, &reason)).await?;
    held.changed.extend(left);
    held.finish(cx, ("status,hands", Some(reason))).await
}

/// Leaves what one has joined, before it is fulfilled. Who took a wish on whole gives it back instead.
///
/// Refused: `NOT_FOUND`, `NOT_CLAIMED_BY_YOU`, `ALREADY_FINISHED`, `NOT_PERMITTED` (one took it on whole),
/// `VERSION_CONFLICT`.
pub async fn leave(cx: &Cx, call: Call, reason: String) -> Result<Outcome> {
    let about = About::new("leaveWish", Permission::WishHelp).of(Whose::Seen);
    let mut held = held!(cx, about, (call, &reason));
    let refused = |code| Err(Error::refused(code).on("wishId"));
    let Some(mine) = held.mine(cx)?.cloned() else {
        return refused(Code::NotClaimedByYou);
    };
    if !TAKEN.contains(&held.wish.status) {
        return refused(Code::AlreadyFinished);
    }
    let tx = held.write.tx();
    let is_booked = !who::bookings_of(tx, &[held.wish.id]).await?.is_empty();
    if mine.part == HandPart::Doer && !is_booked {
        return refused(Code::NotPermitted);
    }
    held.in_version()?;
    let own = of_wish(held.wish.id).add(wish_hand::Column::Id.eq(mine.id));
    let_go(&cx.app, tx, (Act::Leave, own, &reason)).await?;
    held.wish = moves::write(&cx.app, tx, held.wish.id, Vec::new()).await?;
    held.finish(cx, ("hands", Some(reason))).await
}
