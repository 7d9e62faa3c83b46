//! Slots that nobody has booked or waits for.

use chrono::{DateTime, NaiveDate, Utc};
use entity::service_slot;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::rules::{OFF, OPEN};
use crate::db::{Handle as _, Tx};
use crate::error::Result;

/// Why slots are written past a scope.
pub(super) const ITS_SLOTS: &str = "the slots of a series or partner that the scope let through";

/// Which slots take place, are to come, and have nobody who has booked or waits.
pub(super) fn is_free(now: DateTime<Utc>) -> Condition {
    use service_slot::Column as C;
    Condition::all()
        .add(C::Status.eq(OPEN))
        .add(C::Booked.eq(0))
        .add(C::Waiting.eq(0))
        .add(C::StartsAt.gt(now))
}

/// Calls those of these slots off that are free, as the UPDATE finds them; their series may make their days anew.
pub(in crate::offers) async fn call_off(
    tx: &Tx,
    now: DateTime<Utc>,
    (which, reason): (Expr, &str),
) -> Result<Vec<service_slot::Model>> {
    use service_slot::Column as C;
    let rows = service_slot::Entity::update_many()
        .col_expr(C::Status, Expr::value(OFF))
        .col_expr(C::CancelReason, Expr::value(reason))
        .col_expr(C::SeriesOn, Expr::value(None::<NaiveDate>))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::value(now))
        .filter(is_free(now))
        .filter(which)
        .exec_with_returning(&tx.unscoped(ITS_SLOTS))
        .await?;
    Ok(rows)
}
