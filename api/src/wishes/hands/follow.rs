//! What becomes of a booking becomes of who would have lent a hand.

use chrono::{DateTime, Utc};
use entity::enums::ChangeKind;
use entity::{booking, wish, wish_hand};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, LockType, Query};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    UpdateMany,
};
use uuid::Uuid;

use super::rules::Action;
use crate::changes::service::Changed;
use crate::context::App;
use crate::db::{Handle as _, Tx};
use crate::error::Result;
use crate::wishes::bookings::rules::LIVE;
use crate::wishes::moves;
use crate::wishes::rules::{Action as WishAction, TAKEN};

const HELD: &str = "the hands of wishes that a scope let through, which are held";

/// What becomes of a wish for those who lend a hand.
#[derive(Clone, Copy, Debug)]
pub enum Turn {
    /// It is to be carried out from here until there.
    At(DateTime<Utc>, DateTime<Utc>),
    /// It is nobody's any more: its booking ended, or it was withdrawn.
    Off,
}

/// Lets those who lend a hand for these wishes follow; the wishes are held.
pub async fn follow(app: &App, tx: &Tx, (wishes, turn): (&[Uuid], Turn)) -> Result<Vec<Changed>> {
    use wish_hand::Column as C;
    let (joined, left) = Action::Leave.step();
    let update = touch(app).filter(C::WishId.is_in(wishes.iter().copied()));
    let update = match turn {
        Turn::At(from, until) => update
            .col_expr(C::StartsAt, Expr::value(from))
            .col_expr(C::EndsAt, Expr::value(until)),
        Turn::Off => update.col_expr(C::Status, Expr::value(left)),
    };
    changed(update.filter(C::Status.eq(joined)), tx).await
}

/// Gives the wishes back that a partner that has ended had taken on whole, and lets its people leave them; what is
/// booked stays.
pub async fn partner_ended(app: &App, tx: &Tx, partner: Uuid) -> Result<Vec<Changed>> {
    use wish::Column as W;
    let booked = Query::select()
        .column(booking::Column::WishId)
        .from(booking::Entity)
        .and_where(booking::Column::PartnerId.eq(partner))
        .and_where(booking::Column::Status.is_in(LIVE))
        .to_owned();
    let taken: Vec<Uuid> = wish::Entity::find()
        .select_only()
        .column(W::Id)
        .filter(W::PartnerId.eq(partner))
        .filter(W::Status.is_in(TAKEN))
        .filter(W::Id.not_in_subquery(booked))
        .order_by_asc(W::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple()
        .all(&tx.unscoped(HELD))
        .await?;
    let act = (WishAction::GiveBack, &taken[..]);
    let given_back = moves::carry_out(app, tx, act, moves::given_back()).await?;
    follow(app, tx, (&taken, Turn::Off)).await?;
    let changed = given_back
        .iter()
        .map(|wish| Changed::in_place(ChangeKind::Wish, wish.id, Some(wish.area_id)));
    Ok(changed.collect())
}

/// Lets those of the hands of a wish that is held leave for which `which` holds, as far as `action` goes.
pub(in crate::wishes) async fn leave(
    app: &App,
    tx: &Tx,
    (action, which, reason): (Action, Condition, &str),
) -> Result<Vec<Changed>> {
    use wish_hand::Column as C;
    let (from, to) = action.step();
    let update = touch(app)
        .col_expr(C::Status, Expr::value(to))
        .col_expr(C::LeaveReason, Expr::value(reason))
        .filter(C::Status.eq(from))
        .filter(which);
    changed(update, tx).await
}

/// Writes down how long those of the hands of a wish that is held served for which `which` holds, and when it was done.
pub(in crate::wishes) async fn serve(
    app: &App,
    tx: &Tx,
    (which, minutes, at): (Condition, i32, DateTime<Utc>),
) -> Result<()> {
    use wish_hand::Column as C;
    let (from, to) = Action::Serve.step();
    let update = touch(app)
        .col_expr(C::Status, Expr::value(to))
        .col_expr(C::Minutes, Expr::value(minutes))
        .col_expr(C::EndsAt, Expr::value(at))
        .filter(C::Status.eq(from))
        .filter(which);
    changed(update, tx).await?;
    Ok(())
}

fn touch(app: &App) -> UpdateMany<wish_hand::Entity> {
    use wish_hand::Column as C;
    wish_hand::Entity::update_many()
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::value(app.clock.now()))
}

async fn changed(update: UpdateMany<wish_hand::Entity>, tx: &Tx) -> Result<Vec<Changed>> {
    let rows = update.exec_with_returning(&tx.unscoped(HELD)).await?;
    let mut wishes: Vec<(Uuid, Uuid)> = rows.iter().map(|row| (row.wish_id, row.area_id)).collect();
    wishes.sort_unstable();
    wishes.dedup();
    let wishes = wishes.into_iter();
    Ok(wishes
        .map(|(wish, area)| Changed::in_place(ChangeKind::Wish, wish, Some(area)))
        .collect())
}
