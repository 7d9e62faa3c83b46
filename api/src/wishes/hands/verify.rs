//! Verifying minutes: only then do they stand in a service record.

use entity::enums::ChangeKind;
use entity::{wish, wish_hand};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;
use uuid::Uuid;

use super::rules::{Action, LONGEST, MOST};
use crate::access::policy::Permission;
use crate::audit::service::{Act, record};
use crate::changes::service::{self as changes, Changed};
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::wishes::rules::{SETTLED, most_minutes};
use crate::write::{Begun, Outcome, Request, Write};

const HELD: &str = "the wish of a hand that the scope let through";

/// One hand to be verified.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Verification {
    /// The hand.
    pub hand: Uuid,
    /// The minutes that count; those that were said where absent.
    pub minutes: Option<i32>,
}

/// Lets the minutes of up to a hundred hands count; one that is refused leaves the others as they are. Whoever repeats
/// one succeeds. Needs `WISH_VERIFY` where each is.
///
/// The outcome has one id and one code for each, in their order. Refused as a whole: `OUT_OF_RANGE`. Each:
/// `NOT_FOUND`, `OWN_MINUTES`, `NOT_FULFILLED` (the household has not had its word), `ALREADY_ENDED` (they had left),
/// `ALREADY_SETTLED` (verified with other minutes), `OUT_OF_RANGE` (none, or more than the time there was).
pub async fn verify(cx: &Cx, hands: Vec<Verification>, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let request = Request::new("verifyWishHands", key, &hands);
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::WishVerify)?;
    if hands.is_empty() || hands.len() > MOST {
        return Err(Error::refused(Code::OutOfRange).on("hands"));
    }
    let mut outcome = Outcome {
        ids: hands.iter().map(|one| one.hand).collect(),
        codes: vec![None; hands.len()],
    };
    // Held in the order of their keys: wishes, then hands.
    let found = actor
        .scoped::<wish_hand::Entity>(Permission::WishVerify)
        .ids(&outcome.ids);
    let found = found.all(write.tx()).await?;
    let wishes: Vec<Uuid> = found.iter().map(|hand| hand.wish_id).collect();
    let wishes = actor
        .scoped::<wish::Entity>(Permission::WishVerify)
        .ids(&wishes)
        .all_to_change(write.tx())
        .await?;
    let mut changed = Vec::new();
    for (one, code) in hands.iter().zip(&mut outcome.codes) {
        let hand = found.iter().find(|hand| hand.id == one.hand);
        let wish = hand.and_then(|hand| wishes.iter().find(|wish| wish.id == hand.wish_id));
        let verified = match wish {
            Some(wish) => self::one(cx, write.tx(), (wish, one)).await,
            None => Err(Error::refused(Code::NotFound)),
        };
        match verified {
            Ok(announced) => changed.extend(announced),
            Err(Error::Refused(refusal)) => *code = Some(refusal.code),
            Err(error) => return Err(error),
        }
    }
    if changed.is_empty() {
        return Ok(outcome);
    }
    changes::record(cx, write.tx(), &changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Verifies one, and says what changed; nothing where it was done before.
async fn one(
    cx: &Cx,
    tx: &Tx,
    (wish, asked): (&wish::Model, &Verification),
) -> Result<Option<Changed>> {
    use wish_hand::Column as C;
    let (actor, now) = (cx.actor()?, cx.app.clock.now());
    let (from, to) = Action::Verify.step();
    let scoped = || {
        let scoped = actor.scoped::<wish_hand::Entity>(Permission::WishVerify);
        scoped.id(asked.hand)
    };
    // The wish is held: nothing of its hands moves meanwhile but by this call.
    let hand = scoped().one(tx).await?;
    let hand = hand.ok_or_else(|| Error::refused(Code::NotFound))?;
    // Neither one's own minutes nor those that one has reported.
    if hand.account_id == actor.account || wish.fulfilled_by == Some(actor.account) {
        return Err(Error::refused(Code::OwnMinutes));
    }
    let minutes = asked.minutes.or(hand.minutes).unwrap_or_default();
    if hand.status == to {
        return if hand.minutes == Some(minutes) {
            Ok(None)
        } else {
            Err(Error::refused(Code::AlreadySettled))
        };
    }
    if hand.status == Action::Leave.step().1 {
        return Err(Error::refused(Code::AlreadyEnded));
    }
    if hand.status != from || wish.status != SETTLED {
        return Err(Error::refused(Code::NotFulfilled));
    }
    let begun = wish.begun_at.or(hand.starts_at);
    let most = wish
        .fulfilled_at
        .map_or(0, |done| most_minutes(begun, done));
    if minutes < 1 || i64::from(minutes) > most || minutes > LONGEST {
        return Err(Error::refused(Code::OutOfRange));
    }
    let moved = scoped()
        .filter(C::Status.eq(from))
        .filter(C::AccountId.ne(actor.account))
        .update(tx, |update| {
            update
                .value(C::Status, to)
                .value(C::Minutes, minutes)
                .value(C::VerifiedBy, actor.account)
                .value(C::VerifiedAt, now)
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, now);
        })
        .await?;
    if moved.is_empty() {
        return Err(Error::refused(Code::VersionConflict));
    }
    wish::Entity::update_many()
        .col_expr(
            wish::Column::Version,
            Expr::col(wish::Column::Version).add(1),
        )
        .col_expr(wish::Column::UpdatedAt, Expr::value(now))
        .filter(wish::Column::Id.eq(wish.id))
        .exec(&tx.unscoped(HELD))
        .await?;
    let act = Act {
        action: "verifyWishHands",
        subject_kind: "Wish",
        subject_id: wish.id,
        area_id: Some(wish.area_id),
        reason: None,
        fields: "hands,minutes".to_owned(),
        details: Some(format!("{} {minutes}", hand.id)),
    };
    record(cx, tx, act).await?;
    let place = Some(wish.area_id);
    Ok(Some(Changed::in_place(ChangeKind::Wish, wish.id, place)))
}
