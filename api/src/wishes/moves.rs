//! Moving wishes: one conditional update, whoever asks for it has been judged before.

use entity::enums::WishStatus;
use entity::wish;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::rules::Action;
use crate::context::App;
use crate::db::{Handle as _, Tx};
use crate::error::Result;

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
