//! Lists of residents: filters, orders, pages.

use chrono::NaiveDate;
use entity::circumstances::Circumstances;
use entity::enums::CareTier;
use entity::{care_enrolment, resident};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, Order, Query, SelectStatement, SimpleExpr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::id_number::IdNumber;
use super::service::{self, Columns, SeenResident};
use crate::access::policy::Permission;
use crate::access::scope::Scoped;
use crate::access::sealed::{self, Field};
use crate::accounts::phone::Phone;
use crate::context::Cx;
use crate::error::Result;
use crate::paging::{Page, Rows};

/// Which living residents are wanted; absent means any.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In this area or below it.
    pub area: Option<Uuid>,
    /// Enrolled in care visits (true) or not (false).
    pub enrolled: Option<bool>,
    /// Enrolled at one of these tiers.
    pub tier: Vec<CareTier>,
    /// Enrolled for one of these circumstances.
    pub circumstances: Circumstances,
    /// With exactly this phone number.
    pub phone: Option<Phone>,
    /// With exactly this ID number. Needs `RESIDENT_ID_NUMBER`.
    pub id_number: Option<IdNumber>,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// As they were added.
    #[default]
    Added,
    /// The oldest first; people of unknown age last.
    Age,
}

impl Sort {
    /// Marks the cursors of this order.
    #[must_use]
    pub const fn tag(self) -> u8 {
        match self {
            Self::Added => 1,
            Self::Age => 2,
        }
    }
}

/// Where a resident stands in every order. Only who reads birth dates gets such a cursor.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Position {
    born_on: NaiveDate,
    id: Uuid,
}

impl Position {
    /// The position of a resident.
    #[must_use]
    pub fn of(resident: &SeenResident) -> Self {
        Self {
            born_on: resident.row.born_on.unwrap_or(UNKNOWN),
            id: resident.row.id,
        }
    }
}

/// Stands for an unknown birth date, so that it sorts last; both databases hold it.
const UNKNOWN: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(date) => date,
    None => NaiveDate::MAX,
};

/// One page of the residents the actor may read. Needs `RESIDENT_READ`.
pub async fn list(
    cx: &Cx,
    filter: &Filter,
    sort: Sort,
    page: &Page<Position>,
    columns: &Columns,
) -> Result<Rows<SeenResident>> {
    let scoped = filtered(cx, filter)?.limit(page.size + 1);
    let rows = service::seen(cx, scoped, columns, |select| in_order(select, sort, page)).await?;
    Ok(Rows::new(rows, page))
}

/// How many residents the filter lets through.
pub async fn count(cx: &Cx, filter: &Filter) -> Result<u64> {
    filtered(cx, filter)?.count(&cx.app.db).await
}

fn filtered<'a>(cx: &'a Cx, filter: &Filter) -> Result<Scoped<'a, resident::Entity>> {
    use resident::Column as C;
    let actor = cx.actor()?;
    actor.require(Permission::ResidentRead)?;
    let mut scoped = actor
        .scoped::<resident::Entity>(Permission::ResidentRead)
        .filter(C::DeceasedOn.is_null());
    if let Some(area) = filter.area {
        scoped = scoped.below(area);
    }
    if filter.enrolled == Some(false) {
        let anybody = enrolled(&Filter::default());
        scoped = scoped.filter(C::Id.not_in_subquery(anybody));
    }
    let narrowed = !filter.tier.is_empty() || !filter.circumstances.is_empty();
    if narrowed || filter.enrolled == Some(true) {
        scoped = scoped.filter(C::Id.in_subquery(enrolled(filter)));
    }
    if let Some(phone) = &filter.phone {
        let hash = sealed::hash(&cx.app.keys, Field::Phone, phone.as_str());
        scoped = scoped.filter(C::PhoneHash.eq(hash));
    }
    if let Some(number) = &filter.id_number {
        actor.require(Permission::ResidentIdNumber)?;
        let hash = sealed::hash(&cx.app.keys, Field::IdNumber, number.as_str());
        scoped = scoped
            .also(Permission::ResidentIdNumber)
            .filter(C::IdNumberHash.eq(hash));
    }
    Ok(scoped)
}

/// The people whose open enrolment fits the filter.
fn enrolled(filter: &Filter) -> SelectStatement {
    use care_enrolment::Column as C;
    let mut select = Query::select();
    select
        .column(C::ResidentId)
        .from(care_enrolment::Entity)
        .and_where(C::ToOn.is_null());
    if !filter.tier.is_empty() {
        select.and_where(C::Tier.is_in(filter.tier.clone()));
    }
    if !filter.circumstances.is_empty() {
        let common = Expr::col(C::Circumstances).bit_and(filter.circumstances);
        select.and_where(common.ne(0));
    }
    select
}

/// Sorts, and cuts the page out.
fn in_order(select: &mut SelectStatement, sort: Sort, page: &Page<Position>) {
    use resident::Column as C;
    let id = Expr::col((resident::Entity, C::Id));
    let born_on: SimpleExpr = Func::coalesce([
        Expr::col((resident::Entity, C::BornOn)),
        Expr::value(UNKNOWN),
    ])
    .into();
    let order = if page.backward {
        Order::Desc
    } else {
        Order::Asc
    };
    let (row, key): (SimpleExpr, fn(&Position) -> SimpleExpr) = match sort {
        Sort::Added => (id.clone(), |at| Expr::value(at.id)),
        Sort::Age => {
            select.order_by_expr(born_on.clone(), order.clone());
            (Expr::tuple([born_on, id.clone()]), |at| {
                Expr::tuple([Expr::value(at.born_on), Expr::value(at.id)])
            })
        }
    };
    if let Some(after) = &page.after {
        select.and_where(row.clone().gt(key(after)));
    }
    if let Some(before) = &page.before {
        select.and_where(row.lt(key(before)));
    }
    select.order_by_expr(id, order);
}
