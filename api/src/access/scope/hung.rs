//! What hangs on rows that a scope let through: in a statement of its own, or as a value of each row.
//!
//! Every statement is a turn to the database and back. Where the database can, what a screen shows of one task is one:
//! what hangs on the row stands in it, as JSON. In lists that costs the database more than the turns it saves.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SelectStatement, SimpleExpr};
use sea_orm::{DbErr, EntityTrait, FromQueryResult, QueryResult};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{Key, Reaches, Scoped, ScopedEntity, reach};
use crate::db::{Handle, json_of_rows};
use crate::error::Result;
use crate::part::Part;

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

/// Whether what hangs on these rows is to be nested in them.
pub fn nests<E: ScopedEntity>(handle: &impl Handle, rows: &Scoped<'_, E>) -> bool {
    rows.is_one && handle.connection(Key(())).nests_rows()
}

/// Adds what hangs on each row of a statement, by its primary key, as its value `name`.
pub fn nest<S, H>(select: &mut SelectStatement, name: &'static str)
where
    S: Part<Entity: ScopedEntity> + Reaches<H::Entity>,
    H: Hanging,
{
    let key = Expr::col((S::Entity::default(), S::Entity::ID));
    let mut rows = Query::select();
    rows.expr_as(H::json(), "row")
        .from(H::Entity::default())
        .and_where(Expr::col((H::Entity::default(), S::column())).eq(key));
    H::shape(&mut rows);
    let all = Query::select()
        .expr(json_of_rows(Expr::col(("hung", "row"))))
        .from_subquery(rows, "hung")
        .to_owned();
    select.expr_as(SimpleExpr::SubQuery(None, Box::new(all.into())), name);
}

/// Reads what [`nest`] has added; absent where it has not.
pub fn nested<H: Hanging>(row: &QueryResult, name: &str) -> Result<Option<Vec<H>>, DbErr> {
    // Of a statement without it this column is none.
    let text: Option<String> = row.try_get("", name)?;
    let rows = text.as_deref().map(serde_json::from_str).transpose();
    rows.map_err(|error| DbErr::Type(format!("{name}: {error}")))
}

/// What hangs on rows, by their keys, in its order: as it was nested in them, or read now.
pub async fn hung<S, H>(
    handle: &impl Handle,
    from: &[S],
    nested: Vec<Option<Vec<H>>>,
) -> Result<HashMap<Uuid, Vec<H>>>
where
    S: Reaches<H::Entity> + Sync,
    H: Hanging,
{
    debug_assert_eq!(from.len(), nested.len());
    match nested.into_iter().collect::<Option<Vec<_>>>() {
        Some(nested) => Ok(from.iter().map(Reaches::key).zip(nested).collect()),
        None => read_hung(handle, from).await,
    }
}

/// What hangs on rows, by their keys, in its order, read in a statement of its own.
pub async fn read_hung<S, H>(handle: &impl Handle, from: &[S]) -> Result<HashMap<Uuid, Vec<H>>>
where
    S: Reaches<H::Entity> + Sync,
    H: Hanging,
{
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
