//! Reading bookings: the same few statements for one and for a hundred.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::enums::{BookingStatus, Role};
use entity::{account, booking, household, partner, service_offer, service_slot, wish};
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait as _, Func, JoinType, Order, Query, SelectStatement,
};
use sea_orm::{ColumnTrait as _, DbErr, FromQueryResult, QueryResult};
use uuid::Uuid;

use super::rules::{PLACED, QUEUED, SURE};
use crate::access::policy::Permission;
use crate::access::protected::View;
use crate::access::scope::{Scoped, select_columns};
use crate::context::Cx;
use crate::error::Result;
use crate::households::last_visit::{self, LastVisit};
use crate::households::service::{self as households, HouseholdRow, SeenHousehold};
use crate::paging::{Page, Rows};
use crate::residents::service as residents;
use crate::wishes::who;

/// Where a booking stands in the list: by its slot's beginning, then in the slot's queue.
pub type Position = (DateTime<Utc>, Uuid, i32);

/// Which bookings are wanted; absent or empty means any.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In one of these states.
    pub status: Vec<BookingStatus>,
    /// Of this slot.
    pub slot: Option<Uuid>,
    /// Of this offer.
    pub offer: Option<Uuid>,
    /// Of this partner's offers.
    pub partner: Option<Uuid>,
    /// For this wish.
    pub wish: Option<Uuid>,
    /// Of households in this area or below it.
    pub area: Option<Uuid>,
    /// Whose slot begins at or after this.
    pub from: Option<DateTime<Utc>>,
    /// Whose slot begins before this.
    pub before: Option<DateTime<Utc>>,
}

/// What a screen asks for beyond the bookings and their households.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// Of the household.
    pub household: households::Columns,
}

/// A booking as one reader sees it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its row.
    pub row: booking::Model,
    /// The household.
    pub household: SeenHousehold,
    /// The wish.
    pub wish: wish::Model,
    /// What goes with it.
    pub beside: Beside,
    /// What the reader may see.
    pub view: View,
}

/// What goes with a booking.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Beside {
    /// The title of the offer.
    pub title: String,
    /// The partner's name.
    pub partner: String,
    /// Where the slot is; at home where absent.
    pub place: Option<String>,
    /// How many of those who wait were there before, this one included.
    pub queue: Option<i64>,
    /// The name of who entered it.
    pub booker: Option<String>,
    /// The name of who confirmed or accepted it.
    pub confirmer: Option<String>,
    /// The name of who ended it.
    pub ender: Option<String>,
}

/// A booking as its list statement returns it.
struct JoinedRow {
    row: booking::Model,
    household: HouseholdRow,
    wish: wish::Model,
    beside: Beside,
    last_visit: Option<LastVisit>,
}

impl FromQueryResult for JoinedRow {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            row: booking::Model::from_query_result(row, "b_")?,
            household: HouseholdRow::from_query_result(row, "h_")?,
            wish: wish::Model::from_query_result(row, "w_")?,
            beside: Beside::from_query_result(row, "x_")?,
            last_visit: LastVisit::read(row)?,
        })
    }
}

fn shape(select: &mut SelectStatement, with_last_visit: bool) {
    use booking::Column as C;
    let own = |column: C| Expr::col((booking::Entity, column));
    select_columns::<booking::Entity>(select, "b_");
    select_columns::<household::Entity>(select, "h_");
    select_columns::<wish::Entity>(select, "w_");
    select
        .inner_join(
            household::Entity,
            own(C::HouseholdId).equals((household::Entity, household::Column::Id)),
        )
        .inner_join(
            wish::Entity,
            own(C::WishId).equals((wish::Entity, wish::Column::Id)),
        )
        .inner_join(
            service_slot::Entity,
            own(C::SlotId).equals((service_slot::Entity, service_slot::Column::Id)),
        )
        .inner_join(
            service_offer::Entity,
            own(C::OfferId).equals((service_offer::Entity, service_offer::Column::Id)),
        )
        .inner_join(
            partner::Entity,
            own(C::PartnerId).equals((partner::Entity, partner::Column::Id)),
        )
        .expr_as(
            Expr::col((service_offer::Entity, service_offer::Column::Title)),
            "x_title",
        )
        .expr_as(
            Expr::col((partner::Entity, partner::Column::Name)),
            "x_partner",
        )
        .expr_as(
            Expr::col((service_slot::Entity, service_slot::Column::Place)),
            "x_place",
        )
        .expr_as(queue(), "x_queue");
    for (name, column) in [
        ("booker", C::BookedBy),
        ("confirmer", C::ConfirmedBy),
        ("ender", C::EndedBy),
    ] {
        let who = Alias::new(name);
        select
            .join_as(
                JoinType::LeftJoin,
                account::Entity,
                who.clone(),
                Expr::col((who.clone(), account::Column::Id)).equals((booking::Entity, column)),
            )
            .expr_as(
                Expr::col((who, account::Column::Name)),
                Alias::new(format!("x_{name}")),
            );
    }
    if with_last_visit {
        last_visit::join(select, own(C::HouseholdId));
    }
}

/// How many wait with a ticket that was drawn no later.
fn queue() -> SelectStatement {
    use booking::Column as C;
    let other = Alias::new("other");
    let others = |column: C| Expr::col((other.clone(), column));
    Query::select()
        .expr(Func::count(others(C::Id)))
        .from_as(booking::Entity, other.clone())
        .and_where(others(C::SlotId).equals((booking::Entity, C::SlotId)))
        .and_where(others(C::Status).eq(QUEUED))
        .and_where(Expr::col((booking::Entity, C::Status)).eq(QUEUED))
        .and_where(others(C::Ticket).lte(Expr::col((booking::Entity, C::Ticket))))
        .to_owned()
}

/// Reads the bookings that `scoped` lets through, in its order.
async fn read(
    cx: &Cx,
    scoped: Scoped<'_, booking::Entity>,
    columns: &Columns,
) -> Result<Vec<Seen>> {
    let actor = cx.actor()?;
    let rows: Vec<JoinedRow> = scoped
        .into_rows(&cx.app.db, |select| {
            shape(select, columns.household.last_visit);
        })
        .await?;
    let homes: Vec<&HouseholdRow> = rows.iter().map(|row| &row.household).collect();
    let people = match &columns.household.residents {
        Some(columns) => residents::of_households(&cx.app.db, &homes, columns).await?,
        None => HashMap::new(),
    };
    let partners = partners(cx).await?;
    let seen = rows.into_iter().map(|row| {
        let is_theirs = row.row.status == SURE && partners.contains(&row.row.partner_id);
        let view = match View::of(actor, row.row.area_id, is_theirs) {
            // A partner's people see of others what one must know to decide.
            View::Nobody => View::Passer,
            view => view,
        };
        let people = people.get(&row.household.id).cloned().unwrap_or_default();
        Seen {
            household: SeenHousehold {
                row: row.household,
                view,
                residents: residents::seen_for(people, view, row.wish.resident_id),
                // Who serves a household learns nothing of its visits.
                last_visit: row.last_visit.filter(|_| view.is_staff()),
            },
            row: row.row,
            wish: row.wish,
            beside: row.beside,
            view,
        }
    });
    Ok(seen.collect())
}

/// The partners for whom the actor acts, where any grant lets them.
async fn partners(cx: &Cx) -> Result<Vec<Uuid>> {
    let as_partner = |role| role == Role::Partner;
    if cx
        .actor()?
        .areas_as(Permission::BookingRead, as_partner)
        .is_empty()
    {
        return Ok(Vec::new());
    }
    who::partners(cx, &cx.app.db).await
}

fn own(cx: &Cx) -> Result<Scoped<'_, booking::Entity>> {
    Ok(cx
        .actor()?
        .scoped::<booking::Entity>(Permission::BookingRead))
}

/// Those of these bookings that the actor may read, in no order.
pub async fn some(cx: &Cx, ids: &[Uuid], columns: &Columns) -> Result<Vec<Seen>> {
    read(cx, own(cx)?.ids(ids), columns).await
}

/// The first hundred of the bookings that hold a place of a slot, by ticket, as far as the actor may read them.
pub async fn placed(cx: &Cx, slot: Uuid, columns: &Columns) -> Result<Vec<Seen>> {
    use booking::Column as C;
    let scoped = own(cx)?
        .filter(C::SlotId.eq(slot))
        .filter(C::Status.is_in(PLACED))
        .order_by(C::Ticket, Order::Asc)
        .limit(crate::paging::MAX_PAGE);
    read(cx, scoped, columns).await
}

fn filtered<'a>(cx: &'a Cx, filter: &Filter) -> Result<Scoped<'a, booking::Entity>> {
    use booking::Column as C;
    cx.actor()?.require(Permission::BookingRead)?;
    let mut scoped = own(cx)?;
    if !filter.status.is_empty() {
        scoped = scoped.filter(C::Status.is_in(filter.status.iter().copied()));
    }
    let equal = [
        (C::SlotId, filter.slot),
        (C::OfferId, filter.offer),
        (C::PartnerId, filter.partner),
        (C::WishId, filter.wish),
    ];
    for (column, wanted) in equal {
        if let Some(wanted) = wanted {
            scoped = scoped.filter(column.eq(wanted));
        }
    }
    if let Some(area) = filter.area {
        scoped = scoped.below(area);
    }
    if let Some(from) = filter.from {
        scoped = scoped.filter(C::StartsAt.gte(from));
    }
    if let Some(before) = filter.before {
        scoped = scoped.filter(C::StartsAt.lt(before));
    }
    Ok(scoped)
}

/// A page of the bookings that the actor may read, by their slots' beginning and by ticket. Needs
/// `BOOKING_READ`.
pub async fn list(
    cx: &Cx,
    filter: &Filter,
    page: &Page<Position>,
    columns: &Columns,
) -> Result<Rows<Seen>> {
    use booking::Column as C;
    let key = || {
        Expr::tuple([
            Expr::col((booking::Entity, C::StartsAt)),
            Expr::col((booking::Entity, C::SlotId)),
            Expr::col((booking::Entity, C::Ticket)),
        ])
    };
    let at = |(starts_at, slot, ticket): Position| {
        Expr::tuple([
            Expr::value(starts_at),
            Expr::value(slot),
            Expr::value(ticket),
        ])
    };
    let mut scoped = filtered(cx, filter)?;
    if let Some(after) = page.after {
        scoped = scoped.filter(key().gt(at(after)));
    }
    if let Some(before) = page.before {
        scoped = scoped.filter(key().lt(at(before)));
    }
    let order = if page.backward {
        Order::Desc
    } else {
        Order::Asc
    };
    for column in [C::StartsAt, C::SlotId, C::Ticket] {
        scoped = scoped.order_by(column, order.clone());
    }
    let rows = read(cx, scoped.limit(page.size + 1), columns).await?;
    Ok(Rows::new(rows, page))
}

/// How many bookings the filter lets through.
pub async fn count(cx: &Cx, filter: &Filter) -> Result<u64> {
    filtered(cx, filter)?.count(&cx.app.db).await
}
