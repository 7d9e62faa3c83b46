//! Reading partners, with their people and places.

use std::collections::HashMap;

use entity::enums::PartnerStatus;
use entity::{account, area_closure, partner, partner_area, partner_member};
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait as _, JoinType, LockType, Order, Query, SelectStatement,
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, FromQueryResult, QuerySelect as _};
use uuid::Uuid;

use super::scope::serving;
use crate::access::policy::Permission;
use crate::access::scope::{Near, Reaches, Scoped, reach};
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::Result;
use crate::paging::{Page, Rows};

const HELD: &str =
    "a partner whose id an area's staff were given, or of what the scope let through";

/// The order of a list of partners: as they were put down.
pub const ORDER: u8 = 1;

/// Which partners are wanted; absent means any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// To whom this area, one above or one below it is opened.
    pub area: Option<Uuid>,
    /// In this state.
    pub status: Option<PartnerStatus>,
}

/// A partner with what hangs on it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its row.
    pub row: partner::Model,
    /// The areas that are opened to it.
    pub areas: Vec<Uuid>,
    /// Who acts for it.
    pub people: Vec<Person>,
}

/// Somebody who acts for a partner.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Person {
    partner_id: Uuid,
    /// The account.
    pub account_id: Uuid,
    /// Its name.
    pub name: String,
}

#[derive(FromQueryResult)]
struct Opened {
    partner_id: Uuid,
    area_id: Uuid,
}

impl Reaches<partner_area::Entity> for partner::Model {
    fn key(&self) -> Uuid {
        self.id
    }
    fn column() -> partner_area::Column {
        partner_area::Column::PartnerId
    }
}

impl Reaches<partner_member::Entity> for partner::Model {
    fn key(&self) -> Uuid {
        self.id
    }
    fn column() -> partner_member::Column {
        partner_member::Column::PartnerId
    }
}

fn scoped(cx: &Cx) -> Result<Scoped<'_, partner::Entity>> {
    let actor = cx.actor()?;
    actor.require(Permission::PartnerRead)?;
    Ok(actor.scoped::<partner::Entity>(Permission::PartnerRead))
}

fn filtered(cx: &Cx, filter: Filter) -> Result<Scoped<'_, partner::Entity>> {
    use partner::Column as C;
    let mut scoped = scoped(cx)?;
    if let Some(status) = filter.status {
        scoped = scoped.filter(C::Status.eq(status));
    }
    if let Some(area) = filter.area {
        scoped = scoped.filter(C::Id.in_subquery(serving(&Near::to(area))));
    }
    Ok(scoped)
}

/// A page of the partners that the actor sees. Needs `PARTNER_READ`.
pub async fn list(cx: &Cx, filter: Filter, page: &Page<Uuid>) -> Result<Rows<Seen>> {
    use partner::Column as C;
    let mut scoped = filtered(cx, filter)?;
    if let Some(after) = page.after {
        scoped = scoped.filter(C::Id.gt(after));
    }
    if let Some(before) = page.before {
        scoped = scoped.filter(C::Id.lt(before));
    }
    let order = if page.backward {
        Order::Desc
    } else {
        Order::Asc
    };
    let scoped = scoped.order_by(C::Id, order).limit(page.size + 1);
    let page = Rows::new(scoped.all(&cx.app.db).await?, page);
    Ok(Rows {
        rows: whole(cx, page.rows).await?,
        has_next: page.has_next,
        has_previous: page.has_previous,
    })
}

/// How many partners the filter lets through.
pub async fn count(cx: &Cx, filter: Filter) -> Result<u64> {
    filtered(cx, filter)?.count(&cx.app.db).await
}

/// Those of these partners that the actor sees. Needs `PARTNER_READ`.
pub async fn some(cx: &Cx, ids: &[Uuid]) -> Result<Vec<Seen>> {
    whole(cx, scoped(cx)?.ids(ids).all(&cx.app.db).await?).await
}

/// The partners for whom the actor acts. Needs `PARTNER_READ`.
pub async fn mine(cx: &Cx) -> Result<Vec<Seen>> {
    use partner_member::Column as M;
    let own = Query::select()
        .column(M::PartnerId)
        .from(partner_member::Entity)
        .and_where(M::AccountId.eq(cx.actor()?.account))
        .and_where(M::EndedAt.is_null())
        .to_owned();
    let rows = scoped(cx)?
        .filter(partner::Column::Id.in_subquery(own))
        .order_by(partner::Column::Id, Order::Asc)
        .all(&cx.app.db);
    whole(cx, rows.await?).await
}

/// The row of a partner, held until the end: others who write about it, or about what it offers, wait.
pub(crate) async fn hold(tx: &Tx, id: Uuid) -> Result<Option<partner::Model>> {
    let row = partner::Entity::find_by_id(id).lock(LockType::NoKeyUpdate);
    Ok(row.one(&tx.unscoped(HELD)).await?)
}

/// The areas in which a partner may serve: those opened to it, with everything below.
pub(crate) fn opened(partner: Uuid) -> SelectStatement {
    use partner_area::Column as P;
    let areas = Query::select()
        .column(P::AreaId)
        .from(partner_area::Entity)
        .and_where(P::PartnerId.eq(partner))
        .and_where(P::ClosedAt.is_null())
        .to_owned();
    Query::select()
        .column(area_closure::Column::DescendantId)
        .from(area_closure::Entity)
        .and_where(area_closure::Column::AncestorId.in_subquery(areas))
        .to_owned()
}

/// Reads what hangs on partners, however many they are in two statements.
async fn whole(cx: &Cx, rows: Vec<partner::Model>) -> Result<Vec<Seen>> {
    use partner_area::Column as P;
    use partner_member::Column as M;
    let opened: Vec<Opened> = reach::<_, partner_area::Entity, _>(&cx.app.db, &rows, |select| {
        select
            .columns([P::PartnerId, P::AreaId])
            .and_where(P::ClosedAt.is_null())
            .order_by(P::AreaId, Order::Asc);
    })
    .await?;
    let people: Vec<Person> = reach::<_, partner_member::Entity, _>(&cx.app.db, &rows, |select| {
        select
            .columns([M::PartnerId, M::AccountId].map(|column| (partner_member::Entity, column)))
            .expr_as(
                Expr::col((account::Entity, account::Column::Name)),
                Alias::new("name"),
            )
            .join(
                JoinType::InnerJoin,
                account::Entity,
                Expr::col((account::Entity, account::Column::Id))
                    .equals((partner_member::Entity, M::AccountId)),
            )
            .and_where(M::EndedAt.is_null())
            .order_by((partner_member::Entity, M::CreatedAt), Order::Asc)
            .order_by((partner_member::Entity, M::AccountId), Order::Asc);
    })
    .await?;
    let mut areas: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for one in opened {
        areas.entry(one.partner_id).or_default().push(one.area_id);
    }
    let mut acting: HashMap<Uuid, Vec<Person>> = HashMap::new();
    for one in people {
        acting.entry(one.partner_id).or_default().push(one);
    }
    let seen = rows.into_iter().map(|row| Seen {
        areas: areas.remove(&row.id).unwrap_or_default(),
        people: acting.remove(&row.id).unwrap_or_default(),
        row,
    });
    Ok(seen.collect())
}
