//! What hangs on rows that a scope let through: in a statement of its own, or as a value of each row.
//!
//! Every statement costs both sides as much as a few rows do. Where the database can (PostgreSQL), what a screen
//! shows of a task is one statement: what hangs on a row stands in it, as JSON.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait as _, Func, Query, SelectStatement, SimpleExpr};
use sea_orm::{DbErr, EntityTrait, FromQueryResult, QueryResult};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{Key, Reaches, reach};
use crate::db::Handle;
use crate::error::Result;

/// Rows that hang on others; read the same way in both places.
pub trait Hanging: FromQueryResult + DeserializeOwned {
    /// Whose rows they are.
    type Entity: EntityTrait;

    /// Joins, narrows and sorts.
    fn shape(select: &mut SelectStatement);

    /// Selects their columns.
    fn select(select: &mut SelectStatement);

    /// The same columns as one value of JSON, for serde.
    fn json() -> Expr;

    /// The key of what it hangs on.
    fn on(&self) -> Uuid;
}

/// Whether what hangs on rows may be nested in them.
pub fn nests_rows(handle: &impl Handle) -> bool {
    handle.connection(Key(())).nests_rows()
}

/// Adds what hangs on each row of a statement as its value `name`; `key` is the row's own side.
pub fn nest<S, H>(select: &mut SelectStatement, key: Expr, name: &'static str)
where
    S: Reaches<H::Entity>,
    H: Hanging,
{
    let mut rows = Query::select();
    rows.expr_as(H::json(), "row")
        .from(H::Entity::default())
        .and_where(Expr::col((H::Entity::default(), S::column())).eq(key));
    H::shape(&mut rows);
    let list = Func::cust("json_agg").arg(Expr::col(("hung", "row")));
    let all = Query::select()
        .expr(Func::coalesce([list.cast_as("text"), Expr::value("[]")]))
        .from_subquery(rows, "hung")
        .to_owned();
    select.expr_as(SimpleExpr::SubQuery(None, Box::new(all.into())), name);
}

/// Reads what [`nest`] has added; absent where it has not.
pub fn nested<H: Hanging>(row: &QueryResult, name: &str) -> Result<Option<Vec<H>>, DbErr> {
    // A statement without it has no such column.
    let text: Option<String> = row.try_get("", name).unwrap_or_default();
    let rows = text.as_deref().map(serde_json::from_str).transpose();
    rows.map_err(|error| DbErr::Type(format!("{name}: {error}")))
}

/// What hangs on rows, by their keys, in its order: as it was nested in them, or read now.
pub async fn hung<S, H>(
    handle: &impl Handle,
    from: &[S],
    nested: impl IntoIterator<Item = Option<Vec<H>>>,
) -> Result<HashMap<Uuid, Vec<H>>>
where
    S: Reaches<H::Entity> + Sync,
    H: Hanging,
{
    let nested: Option<Vec<Vec<H>>> = nested.into_iter().collect();
    if let Some(nested) = nested {
        return Ok(from.iter().map(Reaches::key).zip(nested).collect());
    }
    let rows = reach::<S, H::Entity, H>(handle, from, |select| {
        H::select(select);
        H::shape(select);
    });
    let mut by_key: HashMap<Uuid, Vec<H>> = HashMap::new();
    for row in rows.await? {
        by_key.entry(row.on()).or_default().push(row);
    }
    Ok(by_key)
}
