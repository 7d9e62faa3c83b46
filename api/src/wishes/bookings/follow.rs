//! What becomes of a wish becomes of its booking.

use entity::enums::{BookingStatus, CancelledBy};
use entity::{booking, wish};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, LockType};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use uuid::Uuid;

use super::ends::{self, End};
use super::notice;
use super::places::{self, Freed};
use super::rules::{Action as BookingAction, LIVE, SURE};
use super::step::after;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::wishes::rules::Action;

const BOOKING: &str = "the booking of a wish that a scope or a job let through";

/// Why the booking of a withdrawn wish ends.
const WITHDRAWN: &str = "微心愿已撤回";

/// Lets the live booking of a wish follow what is done about the wish, before the wish itself moves: slot,
/// booking and wish are held in this order, the wish until the end.
///
/// Whoever lends a hand is told by whoever withdraws the wish. Refused: `BOOKING_NOT_CONFIRMED` where it is to be
/// begun or fulfilled before; `VERSION_CONFLICT` where it was booked at this moment.
pub async fn follow(cx: &Cx, tx: &Tx, (wish, action): (Uuid, Action)) -> Result<Vec<Changed>> {
    let does = match action {
        Action::Begin => None,
        Action::Fulfil => Some(BookingAction::Finish),
        Action::Withdraw => Some(BookingAction::Cancel),
        // Nobody's, done, or given back by its booking itself: no booking of it lives.
        Action::Take | Action::GiveBack | Action::Close | Action::Complain | Action::Expire => {
            return Ok(Vec::new());
        }
    };
    let mut changed = Vec::new();
    if let Some(seen) = live(tx, wish).await? {
        let slot = places::hold(tx, seen.slot_id).await?;
        // With its slot held it stands still.
        if let Some(before) = live(tx, wish).await? {
            if action != Action::Withdraw && before.status != SURE {
                return Err(Error::refused(Code::BookingNotConfirmed));
            }
            if let Some(does) = does {
                let after = move_on(cx, tx, (does, &before)).await?;
                let freed = Freed::by(before.status, after.status);
                let promoted = places::settle(&cx.app, tx, (&slot, freed)).await?;
                notice::tell(&cx.app, tx, &promoted).await?;
                changed = places::changed(&slot, &promoted);
                changed.push(places::announced(&after));
            }
        }
    }
    hold(tx, wish).await?;
    let fits = live(tx, wish)
        .await?
        .is_none_or(|booking| does.is_none() && booking.status == SURE);
    if fits {
        Ok(changed)
    } else {
        Err(Error::Conflict(wish))
    }
}

/// The booking of a wish that may still come about.
async fn live(tx: &Tx, wish: Uuid) -> Result<Option<booking::Model>> {
    Ok(booking::Entity::find()
        .filter(booking::Column::WishId.eq(wish))
        .filter(booking::Column::Status.is_in(LIVE))
        .one(&tx.unscoped(BOOKING))
        .await?)
}

/// Holds a wish, so that nobody books for it meanwhile.
async fn hold(tx: &Tx, wish: Uuid) -> Result<()> {
    wish::Entity::find_by_id(wish)
        .select_only()
        .column(wish::Column::Id)
        // As strong as what comes next: whoever writes a booking of it holds its key meanwhile.
        .lock(LockType::Update)
        .into_tuple::<Uuid>()
        .one(&tx.unscoped(BOOKING))
        .await?;
    Ok(())
}

/// Finishes a booking, or ends it on the household's side.
async fn move_on(
    cx: &Cx,
    tx: &Tx,
    (does, before): (BookingAction, &booking::Model),
) -> Result<booking::Model> {
    use booking::Column as C;
    let now = cx.app.clock.now();
    let this = || Condition::all().add(C::Id.eq(before.id));
    let mut rows = if does == BookingAction::Cancel {
        let end = End {
            side: CancelledBy::Household,
            reason: Some(WITHDRAWN.to_owned()),
            by: cx.actor.as_ref().map(|actor| actor.account),
        };
        ends::end(&cx.app, tx, (this(), &end)).await?
    } else {
        let from: Vec<BookingStatus> = does.from().collect();
        booking::Entity::update_many()
            .col_expr(C::Status, after(does))
            .col_expr(
                C::EndedBy,
                Expr::value(cx.actor.as_ref().map(|actor| actor.account)),
            )
            .col_expr(C::EndedAt, Expr::value(now))
            .col_expr(C::Version, Expr::col(C::Version).add(1))
            .col_expr(C::UpdatedAt, Expr::value(now))
            .filter(this())
            .filter(C::Status.is_in(from))
            .exec_with_returning(&tx.unscoped(BOOKING))
            .await?
    };
    rows.pop()
        .ok_or_else(|| Error::internal("a booking moved while its slot was held"))
}
