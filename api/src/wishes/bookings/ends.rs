//! What the end of bookings does: to their wishes, and to who would have lent a hand.

use chrono::{DateTime, Utc};
use entity::enums::{BookingStatus, CancelledBy, ChangeKind};
use entity::{booking, wish};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::rules::{Action, CALLED_OFF};
use crate::changes::service::Changed;
use crate::context::App;
use crate::db::{Handle as _, Tx};
use crate::error::Result;
use crate::wishes::hands::follow::{self as hands, Turn};
use crate::wishes::moves::{self, carry_out};
use crate::wishes::rules::Action as WishAction;

const HELD: &str = "the bookings of a slot that is held, which a scope or a job let through";

/// How and why bookings end.
#[derive(Clone, Debug)]
pub(super) struct End {
    /// On whose side.
    pub side: CancelledBy,
    /// Why, where a person says so.
    pub reason: Option<String>,
    /// Who ends them; absent where the server does.
    pub by: Option<Uuid>,
}

impl End {
    /// What is written of it.
    pub(super) fn values(&self, now: DateTime<Utc>) -> Vec<(booking::Column, SimpleExpr)> {
        use booking::Column as C;
        vec![
            (C::CancelledBy, Expr::value(self.side)),
            (C::EndReason, Expr::value(self.reason.clone())),
            (C::EndedBy, Expr::value(self.by)),
            (C::EndedAt, Expr::value(now)),
        ]
    }
}

/// Ends those of the bookings of a held slot for which `which` holds, as they are now: the rows afterwards.
pub(super) async fn end(
    app: &App,
    tx: &Tx,
    (which, end): (Condition, &End),
) -> Result<Vec<booking::Model>> {
    use booking::Column as C;
    let now = app.clock.now();
    let from: Vec<BookingStatus> = Action::Cancel.from().collect();
    let mut update = booking::Entity::update_many()
        .col_expr(C::Status, Expr::value(CALLED_OFF))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::value(now));
    for (column, value) in end.values(now) {
        update = update.col_expr(column, value);
    }
    let ended = update
        .filter(which)
        .filter(C::Status.is_in(from))
        .exec_with_returning(&tx.unscoped(HELD))
        .await?;
    Ok(ended)
}

/// Gives the wishes of bookings that ended without being carried out back, and lets whoever would have lent a
/// hand go.
pub(super) async fn give_back(
    app: &App,
    tx: &Tx,
    ended: &[booking::Model],
) -> Result<Vec<Changed>> {
    let wishes: Vec<Uuid> = ended.iter().map(|booking| booking.wish_id).collect();
    let mut values = moves::given_back();
    values.push((wish::Column::OfferId, Expr::value(None::<Uuid>)));
    let given_back = carry_out(app, tx, (WishAction::GiveBack, &wishes), values).await?;
    let mut changed: Vec<Changed> = given_back.iter().map(wish_changed).collect();
    if !wishes.is_empty() {
        changed.extend(hands::follow(app, tx, (&wishes, Turn::Off)).await?);
    }
    Ok(changed)
}

/// Tells whoever lends a hand when it is to be carried out.
pub(super) async fn appoint(app: &App, tx: &Tx, booking: &booking::Model) -> Result<Vec<Changed>> {
    let when = Turn::At(booking.starts_at, booking.ends_at);
    hands::follow(app, tx, (&[booking.wish_id], when)).await
}

/// What is announced of a wish that moved where it is.
pub(super) fn wish_changed(wish: &wish::Model) -> Changed {
    Changed::in_place(ChangeKind::Wish, wish.id, Some(wish.area_id))
}
