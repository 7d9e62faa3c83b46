//! SQL written by hand, which cannot run without its scopes.

use std::borrow::Cow;

use sea_orm::sea_query::{Expr, IntoCondition as _, Query, SqliteQueryBuilder};
use sea_orm::{ConnectionTrait as _, DbBackend, FromQueryResult, Statement, Value};

use super::{Access, Actor, Handle, Key, Permission, ScopedEntity, predicate};
use crate::error::{Error, Result};

/// Hand-written SQL in which every scoped table carries a `{scope:alias}` placeholder.
#[derive(Debug)]
pub struct ScopedSql<'a> {
    actor: &'a Actor,
    sql: Cow<'static, str>,
    scopes: Vec<(String, String, Vec<Value>)>,
    values: Vec<Value>,
}

impl<'a> ScopedSql<'a> {
    /// Takes a statement with `?` for values, bound in order, and `{scope:alias}` for scopes. A text that
    /// is put together holds no value of a client's: those are bound.
    #[must_use]
    pub fn new(actor: &'a Actor, sql: impl Into<Cow<'static, str>>) -> Self {
        Self {
            actor,
            sql: sql.into(),
            scopes: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Puts the scope of `E` under `permission` where `{scope:alias}` stands.
    #[must_use]
    pub fn scope<E: ScopedEntity>(mut self, alias: &'static str, permission: Permission) -> Self {
        let condition = predicate::<E>(self.actor, permission, Access::Read, Some(alias))
            .unwrap_or_else(|| Expr::value(false).into_condition());
        let (text, values) = Query::select()
            .expr(Expr::value(1))
            .cond_where(condition)
            .build(SqliteQueryBuilder);
        // An unrestricted scope leaves no WHERE behind; the selected 1 is the first value.
        let scope = text
            .split_once(" WHERE ")
            .map_or("1 = 1", |(_, scope)| scope);
        let values = values.0.into_iter().skip(1).collect();
        self.scopes
            .push((format!("{{scope:{alias}}}"), format!("({scope})"), values));
        self
    }

    /// Binds the next `?`.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Runs the statement; a table left without its scope, or a scope without its place, is an error.
    pub async fn rows<R: FromQueryResult>(self, handle: &impl Handle) -> Result<Vec<R>> {
        let connection = handle.connection(Key(()));
        let backend = connection.get_database_backend();
        let (sql, values) = self.assemble(backend == DbBackend::Postgres)?;
        let statement = Statement::from_sql_and_values(backend, sql, values);
        let rows = connection.query_all_raw(statement).await?;
        Ok(rows
            .iter()
            .map(|row| R::from_query_result(row, ""))
            .collect::<Result<_, _>>()?)
    }

    /// Puts scopes and values in their places, numbering the latter where the dialect wants it.
    fn assemble(self, numbered: bool) -> Result<(String, Vec<Value>)> {
        if self.scopes.is_empty()
            || self.sql.matches("{scope:").count() != self.scopes.len()
            || self
                .scopes
                .iter()
                .any(|(place, ..)| !self.sql.contains(place.as_str()))
        {
            return Err(Error::internal(
                "hand-written SQL and its scopes do not match",
            ));
        }
        let (mut sql, mut values) = (String::with_capacity(self.sql.len() * 2), Vec::new());
        let mut bound = self.values.into_iter();
        let mut put =
            |text: &str, values: &mut Vec<Value>, from: &mut dyn Iterator<Item = Value>| {
                for (n, part) in text.split('?').enumerate() {
                    if n > 0 {
                        let value = from
                            .next()
                            .ok_or_else(|| Error::internal("hand-written SQL lacks a value"))?;
                        values.push(value);
                        if numbered {
                            sql.push('$');
                            sql.push_str(&values.len().to_string());
                        } else {
                            sql.push('?');
                        }
                    }
                    sql.push_str(part);
                }
                Ok::<(), Error>(())
            };
        let mut rest = self.sql.as_ref();
        while let Some(start) = rest.find("{scope:") {
            put(&rest[..start], &mut values, &mut bound)?;
            let end = rest[start..]
                .find('}')
                .map_or(rest.len(), |end| start + end + 1);
            let place = &rest[start..end];
            for (_, scope, scope_values) in self.scopes.iter().filter(|(p, ..)| p == place) {
                put(scope, &mut values, &mut scope_values.iter().cloned())?;
            }
            rest = &rest[end..];
        }
        put(rest, &mut values, &mut bound)?;
        Ok((sql, values))
    }
}
