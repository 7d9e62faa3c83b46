//! Intervals of places: where a household was, and in which household a person lived.
//!
//! The first day belongs to a stay, the last does not. A stay that would have no day of its own is
//! corrected instead of ended, so that every day has one place.

use chrono::NaiveDate;
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait as _, NullOrdering, Order, Query, UpdateStatement,
};
use sea_orm::{ConnectionTrait as _, Value};
use uuid::Uuid;

use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::Result;

const REASON: &str = "the stays of households and people whom the scope let through";

/// A table of stays.
#[derive(Clone, Copy, Debug)]
pub struct Stays {
    table: &'static str,
    /// Whose stay.
    owner: &'static str,
    /// Where it is.
    place: &'static str,
    /// Whose row has a copy of the open one's place.
    copy: &'static str,
}

/// Buildings of households.
pub const PLACES: Stays = Stays {
    table: "household_place",
    owner: "household_id",
    place: "area_id",
    copy: "household",
};

/// Households of residents.
pub const RESIDENCES: Stays = Stays {
    table: "residence",
    owner: "resident_id",
    place: "household_id",
    copy: "resident",
};

/// How many rows one statement takes: `SQLite` binds 32,766 values.
const ROWS: usize = 5_000;

impl Stays {
    /// The day on which the last of these owners' open stays began; none without an open one.
    pub async fn begun(&self, tx: &Tx, owners: &[Uuid]) -> Result<Option<NaiveDate>> {
        let select = Query::select()
            .expr(Expr::col(Alias::new("from_on")).max())
            .from(Alias::new(self.table))
            .and_where(Expr::col(Alias::new(self.owner)).is_in(owners.iter().copied()))
            .and_where(Expr::col(Alias::new("to_on")).is_null())
            .to_owned();
        let row = tx.unscoped(REASON).query_one(&select).await?;
        Ok(match row {
            Some(row) => row.try_get_by_index(0)?,
            None => None,
        })
    }

    /// From `on` these owners are where their own rows say by now: each with that place.
    pub async fn follow(
        &self,
        cx: &Cx,
        tx: &Tx,
        moved: &[(Uuid, Uuid)],
        on: NaiveDate,
    ) -> Result<()> {
        let owners: Vec<Uuid> = moved.iter().map(|(owner, _)| *owner).collect();
        let [table, owner, place, copy, id, from_on, to_on] = [
            self.table, self.owner, self.place, self.copy, "id", "from_on", "to_on",
        ]
        .map(Alias::new);
        let connection = tx.unscoped(REASON);
        let now = Query::select()
            .column((copy.clone(), place.clone()))
            .from(copy.clone())
            .and_where(Expr::col((copy, id.clone())).eq(Expr::col((table.clone(), owner.clone()))))
            .to_owned();
        let mut correct = self.open(&owners);
        correct
            .value(place.clone(), Expr::SubQuery(None, Box::new(now.into())))
            .and_where(Expr::col((table.clone(), from_on.clone())).gte(on))
            .returning_col(owner.clone());
        let mut corrected = Vec::new();
        for row in connection.query_all(&correct).await? {
            corrected.push(row.try_get_by_index::<Uuid>(0)?);
        }
        corrected.sort_unstable();
        let mut end = self.open(&owners);
        end.value(to_on, on)
            .and_where(Expr::col((table.clone(), from_on.clone())).lt(on));
        connection.execute(&end).await?;
        let begun: Vec<_> = moved
            .iter()
            .filter(|(owner, _)| corrected.binary_search(owner).is_err())
            .collect();
        for part in begun.chunks(ROWS) {
            let mut insert = Query::insert();
            insert.into_table(table.clone()).columns([
                id.clone(),
                owner.clone(),
                place.clone(),
                from_on.clone(),
            ]);
            for (who, whither) in part {
                let id = cx.app.clock.new_id();
                insert.values_panic([id.into(), (*who).into(), (*whither).into(), on.into()]);
            }
            connection.execute(&insert).await?;
        }
        Ok(())
    }

    /// Ends these owners' open stays: `on` is the first day without, or the stay's own first.
    pub async fn end(&self, tx: &Tx, owners: &[Uuid], on: NaiveDate) -> Result<()> {
        let from_on = Expr::col((Alias::new(self.table), Alias::new("from_on")));
        let mut end = self.open(owners);
        end.value(
            Alias::new("to_on"),
            Expr::case(from_on.clone().gt(on), from_on).finally(Expr::value(Value::from(on))),
        );
        tx.unscoped(REASON).execute(&end).await?;
        Ok(())
    }

    /// Lets the owner's last stay go on as if it had never ended; not where one is open.
    pub async fn reopen(&self, tx: &Tx, owner: Uuid) -> Result<()> {
        let column = |name: &'static str| Expr::col((Alias::new(self.table), Alias::new(name)));
        let last = Query::select()
            .column(Alias::new("id"))
            .from(Alias::new(self.table))
            .and_where(Expr::col(Alias::new(self.owner)).eq(owner))
            .order_by_with_nulls(Alias::new("to_on"), Order::Desc, NullOrdering::First)
            .order_by(Alias::new("from_on"), Order::Desc)
            .limit(1)
            .to_owned();
        let reopen = Query::update()
            .table(Alias::new(self.table))
            .value(Alias::new("to_on"), Option::<NaiveDate>::None)
            .and_where(column("id").in_subquery(last))
            .to_owned();
        tx.unscoped(REASON).execute(&reopen).await?;
        Ok(())
    }

    fn open(&self, owners: &[Uuid]) -> UpdateStatement {
        let table = Alias::new(self.table);
        Query::update()
            .table(table.clone())
            .and_where(
                Expr::col((table.clone(), Alias::new(self.owner))).is_in(owners.iter().copied()),
            )
            .and_where(Expr::col((table, Alias::new("to_on"))).is_null())
            .to_owned()
    }
}
