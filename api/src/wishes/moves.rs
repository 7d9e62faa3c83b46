//! Moving wishes: one conditional update, whoever asks for it has been judged before.

use chrono::{DateTime, Utc};
use entity::enums::{WishProof, WishStatus};
use entity::wish;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::rules::Action;
use crate::context::App;
use crate::db::{Handle as _, Tx};
use crate::error::{Error, Result};

const JUDGED: &str =
    "the wishes of bookings and hands that a scope let through, or that a job found due";

/// The state after an action, whatever it was before.
pub(super) fn after(action: Action) -> SimpleExpr {
    let mut case = CaseStatement::new();
    for (from, to) in action.steps() {
        case = case.case(wish::Column::Status.eq(from), Expr::value(to));
    }
    case.finally(Expr::col(wish::Column::Status)).into()
}

/// Carries `action` out on those of the wishes whose state allows it, with these values, and returns them as
/// they are now. Held in the order of their keys by no one: a caller with several holds their slot first.
pub(super) async fn carry_out(
    app: &App,
    tx: &Tx,
    (action, ids): (Action, &[Uuid]),
    values: Vec<(wish::Column, SimpleExpr)>,
) -> Result<Vec<wish::Model>> {
    use wish::Column as C;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let from: Vec<WishStatus> = action.steps().map(|(from, _)| from).collect();
    let mut update = wish::Entity::update_many()
        .col_expr(C::Status, after(action))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::value(app.clock.now()))
        .filter(C::Id.is_in(ids.iter().copied()))
        .filter(C::Status.is_in(from));
    for (column, value) in values {
        update = update.col_expr(column, value);
    }
    Ok(update.exec_with_returning(&tx.unscoped(JUDGED)).await?)
}

/// What a wish loses when nobody carries it out any more.
pub(super) fn given_back() -> Vec<(wish::Column, SimpleExpr)> {
    use wish::Column as C;
    let no_time = || Expr::value(None::<DateTime<Utc>>);
    vec![
        (C::PartnerId, Expr::value(None::<Uuid>)),
        (C::StartsAt, no_time()),
        (C::EndsAt, no_time()),
        (C::BegunAt, no_time()),
        (C::FulfilledBy, Expr::value(None::<Uuid>)),
        (C::FulfilledAt, no_time()),
        (C::Proof, Expr::value(None::<WishProof>)),
        (C::AgreesAt, no_time()),
        (C::IsSilent, Expr::value(false)),
        (C::Rating, Expr::value(None::<i32>)),
        (C::ClosedAt, no_time()),
    ]
}

/// Changes a wish that is held without moving it, and returns it as it is now.
pub(super) async fn write(
    app: &App,
    tx: &Tx,
    id: Uuid,
    values: Vec<(wish::Column, SimpleExpr)>,
) -> Result<wish::Model> {
    use wish::Column as C;
    let mut update = wish::Entity::update_many()
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::value(app.clock.now()))
        .filter(C::Id.eq(id));
    for (column, value) in values {
        update = update.col_expr(column, value);
    }
    let mut rows = update.exec_with_returning(&tx.unscoped(JUDGED)).await?;
    rows.pop()
        .ok_or_else(|| Error::internal("a wish that was held is gone"))
}
