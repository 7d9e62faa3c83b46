//! Reading slots and series.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{service_offer, service_slot, slot_series};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _, Order};
use uuid::Uuid;

use super::make::patterns;
use super::rules::{OPEN, Pattern, Shape};
use crate::access::policy::Permission;
use crate::access::scope::{Scoped, reach, select_columns};
use crate::context::Cx;
use crate::error::Result;
use crate::offers::reads as offers;
use crate::paging::{Page, Rows};

/// Where a slot stands in the list: by its beginning.
pub type Position = (DateTime<Utc>, Uuid);

/// Marks the cursors of this list.
pub const ORDER: u8 = 1;

/// Which slots are wanted; absent means any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this offer.
    pub offer: Option<Uuid>,
    /// That begin at this instant or later.
    pub from_at: Option<DateTime<Utc>>,
    /// That begin before this instant.
    pub until_at: Option<DateTime<Utc>>,
    /// That take place and have a place nobody has booked.
    pub has_places: bool,
}

/// A slot with its offer.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its row.
    pub row: service_slot::Model,
    /// Its offer.
    pub offer: offers::Seen,
}

fn scoped(cx: &Cx) -> Result<Scoped<'_, service_slot::Entity>> {
    let actor = cx.actor()?;
    actor.require(Permission::OfferRead)?;
    Ok(actor.scoped::<service_slot::Entity>(Permission::OfferRead))
}

fn filtered(cx: &Cx, filter: Filter) -> Result<Scoped<'_, service_slot::Entity>> {
    use service_slot::Column as C;
    let mut scoped = scoped(cx)?;
    if let Some(offer) = filter.offer {
        scoped = scoped.filter(C::OfferId.eq(offer));
    }
    if let Some(from) = filter.from_at {
        scoped = scoped.filter(C::StartsAt.gte(from));
    }
    if let Some(until) = filter.until_at {
        scoped = scoped.filter(C::StartsAt.lt(until));
    }
    if filter.has_places {
        scoped = scoped
            .filter(C::Status.eq(OPEN))
            .filter(C::Waiting.eq(0))
            .filter(Expr::col(C::Booked).lt(Expr::col(C::Capacity)));
    }
    Ok(scoped)
}

/// A page of the slots that the actor sees, the earliest first. Needs `OFFER_READ`.
pub async fn list(cx: &Cx, filter: Filter, page: &Page<Position>) -> Result<Rows<Seen>> {
    use service_slot::Column as C;
    let mut scoped = filtered(cx, filter)?;
    if let Some((at, id)) = page.after {
        let same = C::StartsAt.eq(at).and(C::Id.gt(id));
        scoped = scoped.filter(C::StartsAt.gt(at).or(same));
    }
    if let Some((at, id)) = page.before {
        let same = C::StartsAt.eq(at).and(C::Id.lt(id));
        scoped = scoped.filter(C::StartsAt.lt(at).or(same));
    }
    let order = if page.backward {
        Order::Desc
    } else {
        Order::Asc
    };
    let scoped = scoped
        .order_by(C::StartsAt, order.clone())
        .order_by(C::Id, order)
        .limit(page.size + 1);
    let page = Rows::new(scoped.all(&cx.app.db).await?, page);
    Ok(Rows {
        rows: whole(cx, page.rows).await?,
        has_next: page.has_next,
        has_previous: page.has_previous,
    })
}

/// How many slots the filter lets through.
pub async fn count(cx: &Cx, filter: Filter) -> Result<u64> {
    filtered(cx, filter)?.count(&cx.app.db).await
}

/// Those of these slots that the actor sees, the earliest first. Needs `OFFER_READ`.
pub async fn some(cx: &Cx, ids: &[Uuid]) -> Result<Vec<Seen>> {
    use service_slot::Column as C;
    let scoped = scoped(cx)?.ids(ids);
    let scoped = scoped
        .order_by(C::StartsAt, Order::Asc)
        .order_by(C::Id, Order::Asc);
    whole(cx, scoped.all(&cx.app.db).await?).await
}

/// Reads the offers of slots, however many they are in three statements.
async fn whole(cx: &Cx, rows: Vec<service_slot::Model>) -> Result<Vec<Seen>> {
    let db = &cx.app.db;
    let own: Vec<service_offer::Model> =
        reach::<_, service_offer::Entity, _>(db, &rows, |select| {
            select_columns::<service_offer::Entity>(select, "");
        })
        .await?;
    let own = offers::whole(db, own).await?;
    let own: HashMap<Uuid, offers::Seen> = own.into_iter().map(|one| (one.row.id, one)).collect();
    let seen = rows.into_iter().filter_map(|row| {
        let offer = own.get(&row.offer_id).cloned()?;
        Some(Seen { row, offer })
    });
    Ok(seen.collect())
}

/// When a slot is, and for how many.
pub(super) fn shape(row: &service_slot::Model) -> Shape {
    Shape {
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        place: row.place.clone(),
        capacity: row.capacity,
    }
}

/// The series of an offer that the actor may change, the latest first, at most a hundred. Needs `OFFER_EDIT`.
pub async fn series(cx: &Cx, offer: Uuid) -> Result<Vec<(slot_series::Model, Pattern)>> {
    use slot_series::Column as C;
    let actor = cx.actor()?;
    actor.require(Permission::OfferEdit)?;
    let rows = actor
        .scoped::<slot_series::Entity>(Permission::OfferEdit)
        .filter(C::OfferId.eq(offer))
        .order_by(C::Id, Order::Desc)
        .limit(100)
        .all(&cx.app.db)
        .await?;
    patterns(&cx.app.db, rows).await
}

/// One series that the actor may change. Needs `OFFER_EDIT`.
pub async fn one_series(cx: &Cx, id: Uuid) -> Result<Option<(slot_series::Model, Pattern)>> {
    let actor = cx.actor()?;
    actor.require(Permission::OfferEdit)?;
    let row = actor
        .scoped::<slot_series::Entity>(Permission::OfferEdit)
        .id(id)
        .one(&cx.app.db)
        .await?;
    Ok(patterns(&cx.app.db, row.into_iter().collect()).await?.pop())
}
