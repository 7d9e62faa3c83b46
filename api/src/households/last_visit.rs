//! When somebody last came: reached through the household, whoever sees that sees this.

use chrono::{DateTime, Utc};
use entity::enums::{VisitKind, VisitMethod};
use entity::visit_task;
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait as _, JoinType, Order, Query, SelectStatement, SimpleExpr,
};
use sea_orm::{DbErr, FromQueryResult, QueryResult};
use uuid::Uuid;

use crate::lenient::Lenient;

/// The last visit to a household that was reported.
#[derive(Clone, Debug, FromQueryResult)]
pub struct LastVisit {
    /// What kind of visit it was.
    pub kind: Lenient<VisitKind>,
    /// When it happened, by the visitor's clock.
    pub occurred_at: Option<DateTime<Utc>>,
    /// How the household was met.
    pub method: Lenient<Option<VisitMethod>>,
}

impl LastVisit {
    /// Reads what [`join`] selected; absent where nobody has come yet.
    pub fn read(row: &QueryResult) -> Result<Option<Self>, DbErr> {
        // A statement that did not ask for it has no such column.
        match row.try_get::<Option<Uuid>>("l_", "id") {
            Ok(Some(_)) => Self::from_query_result(row, "l_").map(Some),
            Ok(None) | Err(_) => Ok(None),
        }
    }
}

/// Joins the newest reported visit of a household, as columns prefixed `l_`.
pub fn join(select: &mut SelectStatement, household_id: Expr) {
    use visit_task::Column as C;
    let (earlier, last) = (Alias::new("earlier"), Alias::new("last_visit"));
    let newest = Query::select()
        .column((earlier.clone(), C::Id))
        .from_as(visit_task::Entity, earlier.clone())
        .and_where(Expr::col((earlier.clone(), C::HouseholdId)).eq(household_id))
        .and_where(Expr::col((earlier.clone(), C::ReportedAt)).is_not_null())
        .order_by((earlier.clone(), C::ReportedAt), Order::Desc)
        .order_by((earlier, C::Id), Order::Desc)
        .limit(1)
        .to_owned();
    select.join_as(
        JoinType::LeftJoin,
        visit_task::Entity,
        last.clone(),
        // As a scalar: PostgreSQL looks a scalar up in the index, a set it compares row by row.
        Expr::col((last.clone(), C::Id)).eq(SimpleExpr::SubQuery(None, Box::new(newest.into()))),
    );
    for (column, name) in [
        (C::Id, "l_id"),
        (C::Kind, "l_kind"),
        (C::OccurredAt, "l_occurred_at"),
        (C::Method, "l_method"),
    ] {
        select.expr_as(Expr::col((last.clone(), column)), name);
    }
}
