//! The one way to rows: every statement carries the actor's scope in its `WHERE`.
//!
//! A scope is an OR of [`Arm`]s, declared per permission and entity. `Area` keeps to the subtrees
//! that a live grant covers, `Mine` to rows whose column names the actor, `Shared` to rows that a column
//! gives to a subtree besides their own, `Partner` to rows of a partner for whom the actor acts, `AreaOpened` to
//! places opened to one, `Lent` to wishes for which they lend a hand, `Offered` to rows that a table of places
//! offers there. For reads the subtrees may be listed from the tree in memory;
//! writes always ask the closure table in the same statement.

mod hung;
mod merged;
mod sql;

use std::collections::BTreeSet;
use std::marker::PhantomData;

use entity::enums::{AreaKind, HandStatus, PartnerStatus, Role};
use entity::{area_closure, partner, partner_area, partner_member, wish_hand};
use sea_orm::sea_query::{
    Alias, Condition, Expr, ExprTrait as _, IntoCondition, IntoIden as _, JoinType, LockType,
    Order, Query, SelectStatement, SimpleExpr, UpdateStatement,
};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait as _, ConnectionTrait, EntityTrait,
    FromQueryResult, Iden as _, IdenStatic, IntoActiveModel, Iterable as _, TryInsertResult,
};
use uuid::Uuid;

use super::actor::Actor;
use super::policy::{self, Permission};
use crate::db::{Handle, Tx};
use crate::error::Result;

pub use hung::{Hanging, hung, nest, nested, nests, read_hung};
pub use sql::ScopedSql;

/// The right to run a statement; only this module makes one.
#[derive(Debug)]
pub struct Key(());

impl Key {
    /// For [`Handle::unscoped`], whose uses are listed and counted by a test.
    pub(crate) const fn unscoped() -> Self {
        Self(())
    }
}

/// One way in which a row can belong to an actor's scope.
#[derive(Clone, Copy, Debug)]
pub enum Arm<C> {
    /// The row's area lies below an area at which the permission is granted.
    Area,
    /// As `Area`, and the level of the granting area is at least the row's (see [`policy::level`]).
    AreaAtLevel(C),
    /// As `AreaAtLevel`, and that level is at least this one.
    AreaAtLevelFrom(C, i32),
    /// The column holds the actor's account.
    Mine(C),
    /// The column names an area at or below one at which the permission is granted: what another place
    /// was given to do, and nothing else of where it came from. A column of the row itself, so that
    /// giving it and taking it back is one write of that row, which reads and conditional updates judge
    /// alike; a table of shares could say otherwise than the row.
    Shared(C),
    /// As `Area`, while the column of [`Arm::Shared`] is empty: what was given away is done there.
    AreaUnlessShared(C),
    /// As `Area`, by grants of any role but `PARTNER`: of what partners do, one of them sees its own alone.
    AreaButPartner,
    /// As `AreaButPartner`, by grants of this other permission: who may change a row sees it before it is for
    /// everybody.
    AreaWith(Permission),
    /// The column names a partner for whom the actor acts, and the row's area lies below an area at which
    /// they are granted the permission as `PARTNER`.
    Partner(C),
    /// As `Area`, by grants of the role `PARTNER` and where the community opened the place to a partner for
    /// whom the actor acts: what is meant for any partner that works there.
    AreaOpened,
    /// The column is the key of a wish for which the actor lends a hand and has not left.
    Lent(C),
    /// The column is among the ids that this statement selects of what is offered near an area at which the
    /// permission is granted, by grants of any role but `PARTNER`: a catalogue.
    Offered(C, fn(&Near) -> SelectStatement),
}

/// Some areas with what lies above and below them.
#[derive(Clone, Debug)]
pub struct Near {
    areas: Vec<Uuid>,
}

impl Near {
    /// This area alone.
    #[must_use]
    pub fn to(area: Uuid) -> Self {
        Self { areas: vec![area] }
    }

    /// Whether the column names one of them, or an area above or below.
    #[must_use]
    pub fn holds(&self, column: Expr) -> SimpleExpr {
        let above = Query::select()
            .column(area_closure::Column::AncestorId)
            .from(area_closure::Entity)
            .and_where(area_closure::Column::DescendantId.is_in(self.areas.iter().copied()))
            .to_owned();
        closure(column.clone(), self.areas.clone()).or(column.in_subquery(above))
    }
}

/// Which arms of a scope a read takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Only {
    /// Every arm.
    All,
    /// Those of where a row lies.
    ByArea,
    /// What another place has given.
    Shared,
}

impl Only {
    const fn takes<C>(self, arm: &Arm<C>) -> bool {
        match arm {
            Arm::Area
            | Arm::AreaAtLevel(_)
            | Arm::AreaAtLevelFrom(..)
            | Arm::AreaUnlessShared(_)
            | Arm::AreaButPartner
            | Arm::AreaWith(_)
            | Arm::AreaOpened => matches!(self, Self::All | Self::ByArea),
            Arm::Mine(_) | Arm::Partner(_) | Arm::Lent(_) | Arm::Offered(..) => {
                matches!(self, Self::All)
            }
            Arm::Shared(_) => matches!(self, Self::All | Self::Shared),
        }
    }
}

/// An entity whose rows belong to a place.
pub trait ScopedEntity: EntityTrait {
    /// The column with the lowest area known of the row.
    const AREA: Self::Column;
    /// The column with the grid above it.
    const GRID: Self::Column;
    /// The primary key.
    const ID: Self::Column;

    /// The arms that `permission` opens on this entity; none is nothing.
    fn arms(permission: Permission) -> &'static [Arm<Self::Column>];
}

/// What may be read through a row under the row's own permission.
///
/// Declared once per pair: who may see the row may see what hangs on it, in the row's visibility.
pub trait Reaches<F: EntityTrait> {
    /// The value in the row that leads to `F`.
    fn key(&self) -> Uuid;
    /// The column of `F` that holds it.
    fn column() -> F::Column;
}

impl<F: EntityTrait, S: Reaches<F>> Reaches<F> for &S {
    fn key(&self) -> Uuid {
        S::key(self)
    }
    fn column() -> F::Column {
        S::column()
    }
}

/// Proof that a permission holds at an area: what an insert takes.
#[derive(Clone, Copy, Debug)]
pub struct Grant {
    area: Uuid,
}

impl Grant {
    pub(super) const fn new(area: Uuid) -> Self {
        Self { area }
    }

    /// The area the proof is for.
    #[must_use]
    pub const fn area(self) -> Uuid {
        self.area
    }
}

/// Whether a statement reads or writes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

/// The rows of `E` within an actor's scope, and nothing else.
#[derive(Debug)]
pub struct Scoped<'a, E: EntityTrait> {
    actor: &'a Actor,
    permission: Permission,
    only: Only,
    filter: Condition,
    order: Vec<(SimpleExpr, Order)>,
    limit: Option<u64>,
    merges: bool,
    is_one: bool,
    entity: PhantomData<E>,
}

impl<'a, E: ScopedEntity> Scoped<'a, E> {
    pub(super) fn new(actor: &'a Actor, permission: Permission) -> Self {
        Self {
            actor,
            permission,
            only: Only::All,
            filter: Condition::all(),
            order: Vec::new(),
            limit: None,
            merges: false,
            is_one: false,
            entity: PhantomData,
        }
    }

    /// Keeps only rows for which `condition` holds.
    #[must_use]
    pub fn filter(mut self, condition: impl IntoCondition) -> Self {
        self.filter = self.filter.add(condition.into_condition());
        self
    }

    /// Keeps only the row with this primary key.
    #[must_use]
    pub fn id(mut self, id: Uuid) -> Self {
        self.is_one = true;
        self.filter(E::ID.eq(id))
    }

    /// Keeps only the rows with these primary keys.
    #[must_use]
    pub fn ids(self, ids: &[Uuid]) -> Self {
        match ids {
            [id] => self.id(*id),
            _ => self.filter(E::ID.is_in(ids.iter().copied())),
        }
    }

    /// Keeps only rows in `area` or below it.
    #[must_use]
    pub fn below(self, area: Uuid) -> Self {
        self.below_any(vec![area])
    }

    /// Keeps only rows in one of these areas or below it.
    #[must_use]
    pub fn below_any(self, areas: Vec<Uuid>) -> Self {
        self.filter(closure(qualified::<E>(E::AREA, None), areas))
    }

    /// Keeps only rows on which `permission` holds too; for reading.
    #[must_use]
    pub fn also(self, permission: Permission) -> Self {
        let scope = reads::<E>(self.actor, permission);
        self.filter(scope)
    }

    /// Leaves out rows that are only the actor's own or shared with them: an OR with them would keep the
    /// database from walking an index in order, and no figure of a place counts them.
    #[must_use]
    pub fn by_area_only(mut self) -> Self {
        self.only = Only::ByArea;
        self
    }

    /// Keeps only rows that another place has given ([`Arm::Shared`]).
    #[must_use]
    pub fn shared_only(mut self) -> Self {
        self.only = Only::Shared;
        self
    }

    /// Sorts by `column`, after what was asked before.
    #[must_use]
    pub fn order_by(mut self, column: E::Column, order: Order) -> Self {
        self.order.push((column.into_expr(), order));
        self
    }

    /// Stops after `rows` rows.
    #[must_use]
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Reads a page of many grids as what it is, the first rows of each merged: for lists by area
    /// whose filter and order an index has behind the grid. Which grids these are the tree in memory says, as for
    /// every list of a few. Says nothing to SQLite.
    #[must_use]
    pub fn merged_by_grid(mut self) -> Self {
        self.merges = true;
        self
    }

    /// The first row, if there is one.
    pub async fn one(self, handle: &impl Handle) -> Result<Option<E::Model>> {
        Ok(self.limit(1).all(handle).await?.pop())
    }

    /// Every row.
    pub async fn all(self, handle: &impl Handle) -> Result<Vec<E::Model>> {
        self.into_rows::<E::Model>(handle, |select| select_columns::<E>(select, ""))
            .await
    }

    /// How many rows there are.
    pub async fn count(mut self, handle: &impl Handle) -> Result<u64> {
        self.order.clear();
        let rows: Vec<Count> = self
            .into_rows(handle, |select| {
                select.expr_as(Expr::col((E::default(), E::ID)).count(), "n");
            })
            .await?;
        Ok(rows
            .first()
            .map_or(0, |row| u64::try_from(row.n).unwrap_or_default()))
    }

    /// Rows of another shape: `shape` says what to select and what to join.
    pub async fn into_rows<R: FromQueryResult>(
        self,
        handle: &impl Handle,
        shape: impl FnOnce(&mut SelectStatement),
    ) -> Result<Vec<R>> {
        let only = self.only;
        let scope = within::<E>(self.actor, self.permission, Access::Read, None, |arm| {
            only.takes(arm)
        });
        let Some(scope) = scope else {
            return Ok(Vec::new());
        };
        let grids = self.grids(handle);
        let mut select = match (grids, self.limit) {
            (Some(grids), Some(limit)) => {
                merged::first_rows::<E>(&grids, (&self.filter, &self.order), limit)
            }
            _ => Query::select()
                .from(E::default())
                .cond_where(scope)
                .cond_where(self.filter)
                .to_owned(),
        };
        for (expression, order) in self.order {
            select.order_by_expr(expression, order);
        }
        if let Some(limit) = self.limit {
            select.limit(limit);
        }
        shape(&mut select);
        rows(handle, &select).await
    }

    /// The grids of a scope that is nothing but several of them, where their first rows are to be merged.
    fn grids(&self, handle: &impl Handle) -> Option<Vec<Uuid>> {
        if !self.merges || !handle.connection(Key(())).takes_lists() {
            return None;
        }
        let mut arms = E::arms(self.permission).iter();
        let (Some(Arm::Area), None) = (
            arms.find(|arm| self.only.takes(arm)),
            arms.find(|arm| self.only.takes(arm)),
        ) else {
            return None;
        };
        let areas = self.actor.areas(self.permission);
        if self.actor.tree.covered_by(&areas) {
            return None;
        }
        let grids = down_to_grids(self.actor, &areas, merged::MOST_GRIDS)?;
        (grids.len() > 1).then_some(grids)
    }

    /// The first row as a write needs it: judged by the closure table in `tx`, held until its end,
    /// with the proof that the permission holds where the row lies.
    pub async fn one_to_change(self, tx: &Tx) -> Result<Option<(E::Model, Grant)>> {
        self.one_held(tx, LockType::Update).await
    }

    /// As [`Scoped::one_to_change`], but what only refers to the row goes on: for the place of a
    /// new row, which many may write at once.
    pub async fn one_to_refer_to(self, tx: &Tx) -> Result<Option<(E::Model, Grant)>> {
        self.one_held(tx, LockType::NoKeyUpdate).await
    }

    async fn one_held(self, tx: &Tx, lock: LockType) -> Result<Option<(E::Model, Grant)>> {
        let Some(scope) = predicate::<E>(self.actor, self.permission, Access::Write, None) else {
            return Ok(None);
        };
        let mut select = Query::select();
        select
            .from(E::default())
            .cond_where(scope)
            .cond_where(self.filter)
            .limit(1)
            .lock(lock);
        select_columns::<E>(&mut select, "");
        let connection = tx.connection(Key(()));
        let mut found = connection.query_one(&select).await?;
        if found.is_none() {
            // A statement that waited for a row judges it by the tree as it was before: what came
            // to a new area meanwhile is found by the next.
            found = connection.query_one(&select).await?;
        }
        let Some(row) = found else {
            return Ok(None);
        };
        let area = row.try_get("", IdenStatic::as_str(&E::AREA))?;
        Ok(Some((
            E::Model::from_query_result(&row, "")?,
            Grant::new(area),
        )))
    }

    /// Every row as a write needs it: judged by the closure table in `tx`, held until its end.
    ///
    /// Held in the order of their keys, so that two such writes never wait for each other. What
    /// only refers to a held row goes on.
    pub async fn all_to_change(self, tx: &Tx) -> Result<Vec<E::Model>> {
        let Some(scope) = predicate::<E>(self.actor, self.permission, Access::Write, None) else {
            return Ok(Vec::new());
        };
        let mut select = Query::select();
        select
            .from(E::default())
            .cond_where(scope)
            .cond_where(self.filter)
            .order_by((E::default(), E::ID), Order::Asc)
            .lock(LockType::NoKeyUpdate);
        select_columns::<E>(&mut select, "");
        rows(tx, &select).await
    }

    /// Joins the rows of `F` for which `permission` holds; others are as if they were not there.
    pub fn join<F: ScopedEntity>(
        &self,
        select: &mut SelectStatement,
        on: impl IntoCondition,
        permission: Permission,
    ) {
        let scope = predicate::<F>(self.actor, permission, Access::Read, None)
            .unwrap_or_else(|| Expr::value(false).into_condition());
        select.join(
            JoinType::LeftJoin,
            F::default(),
            Condition::all().add(on.into_condition()).add(scope),
        );
    }

    /// Changes every row and returns them as they are now; no row, no change.
    pub async fn update(
        self,
        tx: &Tx,
        change: impl FnOnce(&mut UpdateStatement),
    ) -> Result<Vec<E::Model>> {
        let Some(scope) = predicate::<E>(self.actor, self.permission, Access::Write, None) else {
            return Ok(Vec::new());
        };
        let mut update = Query::update();
        update
            .table(E::default())
            .cond_where(scope)
            .cond_where(self.filter);
        change(&mut update);
        update.returning_all();
        rows_of(tx, &update).await
    }
}

/// Reads what hangs on rows that a scope let through.
pub async fn reach<S, F, R>(
    handle: &impl Handle,
    from: &[S],
    shape: impl FnOnce(&mut SelectStatement),
) -> Result<Vec<R>>
where
    S: Reaches<F>,
    F: EntityTrait,
    R: FromQueryResult,
{
    let mut keys: Vec<Uuid> = from.iter().map(Reaches::key).collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = Query::select();
    select.from(F::default()).and_where(S::column().is_in(keys));
    shape(&mut select);
    rows(handle, &select).await
}

/// A column of the row of `F` that `key` of an updated row of `E` names: what a copy is written from.
pub fn copied<F: EntityTrait, E: EntityTrait>(
    column: F::Column,
    id: F::Column,
    key: E::Column,
) -> SimpleExpr {
    let select = Query::select()
        .column((F::default(), column))
        .from(F::default())
        .and_where(Expr::col((F::default(), id)).eq(Expr::col((E::default(), key))))
        .to_owned();
    SimpleExpr::SubQuery(None, Box::new(select.into()))
}

/// Inserts a row at the area that `grant` proves.
pub async fn insert<A>(tx: &Tx, _: &Grant, row: A) -> Result<<A::Entity as EntityTrait>::Model>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    Ok(row.insert(&tx.connection(Key(()))).await?)
}

/// As [`insert`], but nothing where the primary key is taken.
pub async fn insert_new<A>(
    tx: &Tx,
    _: &Grant,
    row: A,
) -> Result<Option<<A::Entity as EntityTrait>::Model>>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    // Asked for one row, sea-orm takes a conflict for an error; asked for many, for none.
    let inserted = A::Entity::insert_many([row])
        .on_conflict_do_nothing()
        .exec_with_returning_many(&tx.connection(Key(())))
        .await?;
    Ok(match inserted {
        TryInsertResult::Inserted(mut rows) => rows.pop(),
        TryInsertResult::Conflicted | TryInsertResult::Empty => None,
    })
}

/// Selects every column of `F`, each named `prefix` + column, to be read with that prefix.
pub fn select_columns<F: EntityTrait>(select: &mut SelectStatement, prefix: &str) {
    for column in F::Column::iter() {
        select.expr_as(
            Expr::col((F::default().table_name().into_iden(), column)),
            Alias::new(format!("{prefix}{}", column.to_string())),
        );
    }
}

#[derive(FromQueryResult)]
struct Count {
    n: i64,
}

async fn rows<R: FromQueryResult>(
    handle: &impl Handle,
    select: &SelectStatement,
) -> Result<Vec<R>> {
    rows_of(handle, select).await
}

async fn rows_of<R: FromQueryResult, S: sea_orm::StatementBuilder + Sync>(
    handle: &impl Handle,
    statement: &S,
) -> Result<Vec<R>> {
    let rows = handle.connection(Key(())).query_all(statement).await?;
    Ok(rows
        .iter()
        .map(|row| R::from_query_result(row, ""))
        .collect::<Result<_, _>>()?)
}

/// The scope as a condition; nothing granted is absent, so that no statement runs at all.
fn predicate<E: ScopedEntity>(
    actor: &Actor,
    permission: Permission,
    access: Access,
    alias: Option<&'static str>,
) -> Option<Condition> {
    within::<E>(actor, permission, access, alias, |_| true)
}

/// The rows on which `permission` holds, as a condition among others; for reading.
#[must_use]
pub fn reads<E: ScopedEntity>(actor: &Actor, permission: Permission) -> Condition {
    predicate::<E>(actor, permission, Access::Read, None)
        .unwrap_or_else(|| Expr::value(false).into_condition())
}

/// As [`reads`], of rows that a statement knows under another name.
#[must_use]
pub fn reads_as<E: ScopedEntity>(
    actor: &Actor,
    permission: Permission,
    alias: &'static str,
) -> Condition {
    predicate::<E>(actor, permission, Access::Read, Some(alias))
        .unwrap_or_else(|| Expr::value(false).into_condition())
}

/// The scope made of those arms that `takes` takes.
fn within<E: ScopedEntity>(
    actor: &Actor,
    permission: Permission,
    access: Access,
    alias: Option<&'static str>,
    takes: impl Fn(&Arm<E::Column>) -> bool,
) -> Option<Condition> {
    let mut any = Condition::any();
    for arm in E::arms(permission).iter().filter(|arm| takes(arm)) {
        match arm {
            Arm::Area | Arm::AreaButPartner | Arm::AreaWith(_) => {
                let is_other = |role| role != Role::Partner;
                let areas = match arm {
                    Arm::AreaButPartner => actor.areas_as(permission, is_other),
                    Arm::AreaWith(other) => actor.areas_as(*other, is_other),
                    _ => actor.areas(permission),
                };
                if areas.is_empty() {
                    continue;
                }
                if access == Access::Read && actor.tree.covered_by(&areas) {
                    return Some(Condition::all());
                }
                any = any.add(area_condition::<E>(actor, areas, access, alias));
            }
            Arm::AreaAtLevel(level) | Arm::AreaAtLevelFrom(level, _) => {
                let least = match arm {
                    Arm::AreaAtLevelFrom(_, least) => *least,
                    _ => i32::MIN,
                };
                let high = areas_by_level(actor, permission).into_iter();
                for (reach, areas) in high.filter(|(reach, _)| *reach >= least) {
                    let whole = access == Access::Read && actor.tree.covered_by(&areas);
                    let mut here = Condition::all().add(qualified::<E>(*level, alias).lte(reach));
                    if !whole {
                        here = here.add(area_condition::<E>(actor, areas, access, alias));
                    }
                    any = any.add(here);
                }
            }
            Arm::Mine(column) => any = any.add(qualified::<E>(*column, alias).eq(actor.account)),
            Arm::Partner(column) => {
                let areas = actor.areas_as(permission, |role| role == Role::Partner);
                if !areas.is_empty() {
                    any = any.add(
                        Condition::all()
                            .add(qualified::<E>(*column, alias).in_subquery(partners_of(actor)))
                            .add(closure(qualified::<E>(E::AREA, alias), areas)),
                    );
                }
            }
            Arm::AreaOpened => {
                let areas = actor.areas_as(permission, |role| role == Role::Partner);
                if !areas.is_empty() {
                    any = any.add(
                        Condition::all()
                            .add(closure(qualified::<E>(E::AREA, alias), areas))
                            .add(qualified::<E>(E::AREA, alias).in_subquery(opened_to(actor))),
                    );
                }
            }
            Arm::Lent(column) => {
                any = any.add(qualified::<E>(*column, alias).in_subquery(lent_by(actor)));
            }
            Arm::Offered(column, offered) => {
                let areas = actor.areas_as(permission, |role| role != Role::Partner);
                if !areas.is_empty() {
                    let near = offered(&Near { areas });
                    any = any.add(qualified::<E>(*column, alias).in_subquery(near));
                }
            }
            Arm::Shared(column) => {
                let areas = actor.areas(permission);
                if !areas.is_empty() {
                    any = any.add(closure(qualified::<E>(*column, alias), areas));
                }
            }
            Arm::AreaUnlessShared(column) => {
                let areas = actor.areas(permission);
                if !areas.is_empty() {
                    any = any.add(
                        Condition::all()
                            .add(qualified::<E>(*column, alias).is_null())
                            .add(area_condition::<E>(actor, areas, access, alias)),
                    );
                }
            }
        }
    }
    (!any.is_empty()).then_some(any)
}

/// Above this many ids a list costs more than asking the closure table.
const LISTED_IDS: usize = 64;

fn area_condition<E: ScopedEntity>(
    actor: &Actor,
    areas: Vec<Uuid>,
    access: Access,
    alias: Option<&'static str>,
) -> SimpleExpr {
    if access == Access::Read {
        if areas.iter().all(|area| is_building(actor, *area)) {
            return listed(qualified::<E>(E::AREA, alias), areas);
        }
        // Where the grid stands in no column of its own, a list down to the grids misses buildings.
        let by_grid = IdenStatic::as_str(&E::GRID) != IdenStatic::as_str(&E::AREA);
        if by_grid && let Some(grids) = down_to_grids(actor, &areas, LISTED_IDS) {
            return listed(qualified::<E>(E::GRID, alias), grids);
        }
    }
    closure(qualified::<E>(E::AREA, alias), areas)
}

fn is_building(actor: &Actor, area: Uuid) -> bool {
    let node = actor.tree.get(area);
    node.is_none_or(|node| node.kind == AreaKind::Building)
}

/// The areas from these down to the grids, each once, unless there are more than `most` or some are buildings.
fn down_to_grids(actor: &Actor, areas: &[Uuid], most: usize) -> Option<Vec<Uuid>> {
    if areas.iter().any(|area| is_building(actor, *area)) {
        return None;
    }
    let below = areas
        .iter()
        .flat_map(|area| actor.tree.down_to_grids(*area));
    let mut ids = BTreeSet::new();
    for id in below {
        ids.insert(id);
        if ids.len() > most {
            return None;
        }
    }
    Some(ids.into_iter().collect())
}

/// One id as an equation, which lets an index on (column, order) serve the order too.
fn listed(column: Expr, mut ids: Vec<Uuid>) -> SimpleExpr {
    ids.sort_unstable();
    ids.dedup();
    match ids.as_slice() {
        [id] => column.eq(*id),
        _ => column.is_in(ids),
    }
}

fn closure(column: Expr, areas: Vec<Uuid>) -> SimpleExpr {
    column.in_subquery(
        Query::select()
            .column(area_closure::Column::DescendantId)
            .from(area_closure::Entity)
            .and_where(area_closure::Column::AncestorId.is_in(areas))
            .to_owned(),
    )
}

/// The partners for whom the actor acts.
pub(crate) fn partners_of(actor: &Actor) -> SelectStatement {
    Query::select()
        .column(partner_member::Column::PartnerId)
        .from(partner_member::Entity)
        .and_where(partner_member::Column::AccountId.eq(actor.account))
        .and_where(partner_member::Column::EndedAt.is_null())
        .to_owned()
}

/// The areas opened to partners for whom the actor acts, with all below them.
fn opened_to(actor: &Actor) -> SelectStatement {
    let opened = Query::select()
        .column((partner_area::Entity, partner_area::Column::AreaId))
        .from(partner_area::Entity)
        .inner_join(
            partner::Entity,
            Expr::col((partner::Entity, partner::Column::Id))
                .equals((partner_area::Entity, partner_area::Column::PartnerId)),
        )
        .and_where(partner::Column::Status.eq(PartnerStatus::Active))
        .and_where(partner_area::Column::PartnerId.in_subquery(partners_of(actor)))
        .and_where(partner_area::Column::ClosedAt.is_null())
        .to_owned();
    Query::select()
        .column(area_closure::Column::DescendantId)
        .from(area_closure::Entity)
        .and_where(area_closure::Column::AncestorId.in_subquery(opened))
        .to_owned()
}

/// That a hand is lent in one's own name, or for a partner for whom the actor still acts.
pub(crate) fn still_acts(actor: &Actor) -> SimpleExpr {
    wish_hand::Column::PartnerId
        .is_null()
        .or(wish_hand::Column::PartnerId.in_subquery(partners_of(actor)))
}

/// The wishes for which the actor lends a hand.
fn lent_by(actor: &Actor) -> SelectStatement {
    Query::select()
        .column(wish_hand::Column::WishId)
        .from(wish_hand::Entity)
        .and_where(wish_hand::Column::AccountId.eq(actor.account))
        .and_where(wish_hand::Column::Status.ne(HandStatus::Left))
        .and_where(still_acts(actor))
        .to_owned()
}

fn qualified<E: ScopedEntity>(column: E::Column, alias: Option<&'static str>) -> Expr {
    match alias {
        Some(alias) => Expr::col((Alias::new(alias), column)),
        None => Expr::col((E::default().table_name().into_iden(), column)),
    }
}

/// The areas that allow `permission`, by the level they stand at.
fn areas_by_level(actor: &Actor, permission: Permission) -> Vec<(i32, Vec<Uuid>)> {
    let mut levels: Vec<(i32, Vec<Uuid>)> = Vec::new();
    for area in actor.areas(permission) {
        let Some(node) = actor.tree.get(area) else {
            continue;
        };
        let level = policy::level(node.kind);
        match levels.iter_mut().find(|(known, _)| *known == level) {
            Some((_, areas)) => areas.push(area),
            None => levels.push((level, vec![area])),
        }
    }
    levels
}

/// The highest level at which `actor` holds `permission` above `area`, if any.
#[must_use]
pub fn highest_level(actor: &Actor, permission: Permission, area: Uuid) -> Option<i32> {
    actor
        .grants
        .iter()
        .filter(|(role, _): &&(Role, Vec<Uuid>)| policy::allows(*role, permission))
        .flat_map(|(_, areas)| areas)
        .filter(|above| actor.tree.covers(**above, area))
        .filter_map(|above| actor.tree.get(*above))
        .map(|node| policy::level(node.kind))
        .max()
}
