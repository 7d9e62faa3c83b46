//! Lists over many grids, read as what they are: the first rows of each, merged.

use sea_orm::sea_query::{
    Asterisk, Condition, Expr, ExprTrait as _, IntoIden as _, JoinType, Order, Query,
    SelectStatement, SimpleExpr,
};
use uuid::Uuid;

use super::{ScopedEntity, qualified};
use crate::db::unnested;

/// Up to this many grids are looked at one by one for the first rows of a list.
pub(super) const MOST_GRIDS: usize = 2048;

/// The first rows of a list over many grids, `limit` of them, under the name of `E`'s table.
///
/// Of an index on (grid, order) each grid's first row is one look, or a few where a filter passes rows over. The first rows of the whole list lie in those
/// grids whose own first row is among them, so only as many grids as rows are wanted are read further.
pub(super) fn first_rows<E: ScopedEntity>(
    grids: &[Uuid],
    (filter, order): (&Condition, &[(SimpleExpr, Order)]),
    limit: u64,
) -> SelectStatement {
    const GRID: &str = "grid";
    let table = || E::default().table_name().into_iden();
    let sorted = |mut select: SelectStatement, rows: u64| {
        for (expression, way) in order {
            select.order_by_expr(expression.clone(), way.clone());
        }
        select.limit(rows).to_owned()
    };
    let first_of_each = |select: &mut SelectStatement, rows: u64| {
        let of_grid = Query::select()
            .column(Asterisk)
            .from(E::default())
            .and_where(qualified::<E>(E::GRID, None).eq(Expr::col((GRID, GRID))))
            .cond_where(filter.clone())
            .to_owned();
        let of_grid = sorted(of_grid, rows);
        select.join_lateral(JoinType::InnerJoin, of_grid, table(), Expr::cust("TRUE"));
        sorted(select.to_owned(), limit)
    };
    let mut nearest = Query::select();
    nearest
        .column((GRID, GRID))
        .from_function(unnested(grids, "uuid[]"), GRID);
    let nearest = first_of_each(&mut nearest, 1);
    let mut merged = Query::select();
    merged
        .column((table(), Asterisk))
        .from_subquery(nearest, GRID);
    let merged = first_of_each(&mut merged, limit);
    Query::select().from_subquery(merged, table()).to_owned()
}
