//! Lists of households: filters, the order a clerk goes by, pages.

use entity::{area, care_enrolment, household, resident};
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, Order, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait as _, DbErr, FromQueryResult, QueryResult};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::service::{self, Columns, JoinedRow, SeenHousehold};
use crate::access::policy::Permission;
use crate::access::scope::Scoped;
use crate::context::Cx;
use crate::error::Result;
use crate::paging::{Page, Rows};

/// Which households are wanted; absent means any.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In this area or below it.
    pub area: Option<Uuid>,
    /// Center households (true) or others (false).
    pub is_center: Option<bool>,
    /// In which somebody living is enrolled in care visits (true) or nobody is (false).
    pub has_enrolled: Option<bool>,
}

/// The order of a list of households: by building, unit and room.
pub const ORDER: u8 = 1;

/// Where a household stands in the list. Only who reads its door gets such a cursor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Position {
    code: String,
    unit: String,
    room: String,
    id: Uuid,
}

struct ListedRow {
    position: Position,
    row: JoinedRow,
}

impl FromQueryResult for ListedRow {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        let code = row.try_get("", "code")?;
        let row = JoinedRow::from_query_result(row, prefix)?;
        let home = &row.household;
        Ok(Self {
            position: Position {
                code,
                unit: home.unit.clone(),
                room: home.room.clone(),
                id: home.id,
            },
            row,
        })
    }
}

/// One page of the households the actor may read, each with its position. Needs `HOUSEHOLD_READ`.
pub async fn list(
    cx: &Cx,
    filter: &Filter,
    page: &Page<Position>,
    columns: &Columns,
) -> Result<Rows<(Position, SeenHousehold)>> {
    let rows: Vec<ListedRow> = filtered(cx, filter)?
        .limit(page.size + 1)
        .into_rows(&cx.app.db, |select| {
            service::shape(select, columns);
            in_order(select, page);
        })
        .await?;
    let (positions, rows): (Vec<_>, Vec<_>) =
        rows.into_iter().map(|row| (row.position, row.row)).unzip();
    let seen = service::seen(cx, rows, columns).await?;
    Ok(Rows::new(positions.into_iter().zip(seen).collect(), page))
}

/// How many households the filter lets through.
pub async fn count(cx: &Cx, filter: &Filter) -> Result<u64> {
    filtered(cx, filter)?.count(&cx.app.db).await
}

fn filtered<'a>(cx: &'a Cx, filter: &Filter) -> Result<Scoped<'a, household::Entity>> {
    use household::Column as C;
    let actor = cx.actor()?;
    actor.require(Permission::HouseholdRead)?;
    let mut scoped = actor
        .scoped::<household::Entity>(Permission::HouseholdRead)
        .filter(C::ClosedOn.is_null());
    if let Some(area) = filter.area {
        scoped = scoped.below(area);
    }
    if let Some(is_center) = filter.is_center {
        scoped = scoped.filter(C::IsCenter.eq(is_center));
    }
    if let Some(has_enrolled) = filter.has_enrolled {
        // Who is enrolled is protected: only where the actor reads residents.
        actor.require(Permission::ResidentRead)?;
        let homes = homes_of_enrolled();
        scoped = scoped
            .also(Permission::ResidentRead)
            .filter(if has_enrolled {
                C::Id.in_subquery(homes)
            } else {
                C::Id.not_in_subquery(homes)
            });
    }
    Ok(scoped)
}

fn homes_of_enrolled() -> SelectStatement {
    use care_enrolment::Column as C;
    Query::select()
        .column((resident::Entity, resident::Column::HouseholdId))
        .from(resident::Entity)
        .inner_join(
            care_enrolment::Entity,
            Expr::col((care_enrolment::Entity, C::ResidentId))
                .equals((resident::Entity, resident::Column::Id)),
        )
        .and_where(Expr::col((care_enrolment::Entity, C::ToOn)).is_null())
        .and_where(Expr::col((resident::Entity, resident::Column::DeceasedOn)).is_null())
        .to_owned()
}

/// Sorts by building code, unit and room, shorter ones first (so that 201 stands before 1001), and
/// cuts the page out.
fn in_order(select: &mut SelectStatement, page: &Page<Position>) {
    use household::Column as C;
    let code = Expr::col((area::Entity, area::Column::Code));
    let [unit, room, id] = [C::Unit, C::Room, C::Id].map(|c| Expr::col((household::Entity, c)));
    let keys: [SimpleExpr; 6] = [
        code.clone(),
        Func::char_length(unit.clone()).into(),
        unit,
        Func::char_length(room.clone()).into(),
        room,
        id,
    ];
    select
        .inner_join(
            area::Entity,
            Expr::col((area::Entity, area::Column::Id)).equals((household::Entity, C::AreaId)),
        )
        .expr_as(code.clone(), "code");
    let row = Expr::tuple(keys.clone());
    // The bound on the code alone lets an index begin there.
    if let Some(after) = &page.after {
        select
            .and_where(code.clone().gte(after.code.as_str()))
            .and_where(row.clone().gt(after.key()));
    }
    if let Some(before) = &page.before {
        select
            .and_where(code.lte(before.code.as_str()))
            .and_where(row.lt(before.key()));
    }
    for key in keys {
        let order = if page.backward {
            Order::Desc
        } else {
            Order::Asc
        };
        select.order_by_expr(key, order);
    }
}

impl Position {
    fn key(&self) -> SimpleExpr {
        let length = |text: &str| i32::try_from(text.chars().count()).unwrap_or(i32::MAX);
        Expr::tuple([
            Expr::value(self.code.as_str()),
            Expr::value(length(&self.unit)),
            Expr::value(self.unit.as_str()),
            Expr::value(length(&self.room)),
            Expr::value(self.room.as_str()),
            Expr::value(self.id),
        ])
    }
}
