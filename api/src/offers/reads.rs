//! Reading offers, with whose they are and where they stand.

use std::collections::HashMap;

use entity::enums::{OfferStatus, ServiceCategory};
use entity::{offer_area, partner, service_offer};
use sea_orm::sea_query::{Order, SelectStatement};
use sea_orm::{ColumnTrait as _, FromQueryResult};
use uuid::Uuid;

use super::scope::standing;
use crate::access::policy::Permission;
use crate::access::protected::{Protected, View};
use crate::access::scope::{Near, Reaches, Scoped, reach};
use crate::context::Cx;
use crate::db::Handle;
use crate::error::Result;
use crate::paging::{Page, Rows};

/// The order of a list of offers: as they were written down.
pub const ORDER: u8 = 1;

/// Which offers are wanted; empty and absent mean any.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of these kinds of service.
    pub category: Vec<ServiceCategory>,
    /// That stand in this area, or above or below it.
    pub area: Option<Uuid>,
    /// Of this partner.
    pub partner: Option<Uuid>,
    /// In these states.
    pub status: Vec<OfferStatus>,
}

/// An offer with what hangs on it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its row.
    pub row: service_offer::Model,
    /// The name of its partner.
    pub partner: String,
    /// Where it stands.
    pub areas: Vec<Uuid>,
}

#[derive(FromQueryResult)]
struct Named {
    id: Uuid,
    name: String,
}

#[derive(FromQueryResult)]
struct Stands {
    offer_id: Uuid,
    area_id: Uuid,
}

impl Reaches<partner::Entity> for service_offer::Model {
    fn key(&self) -> Uuid {
        self.partner_id
    }
    fn column() -> partner::Column {
        partner::Column::Id
    }
}

impl Reaches<offer_area::Entity> for service_offer::Model {
    fn key(&self) -> Uuid {
        self.id
    }
    fn column() -> offer_area::Column {
        offer_area::Column::OfferId
    }
}

fn scoped(cx: &Cx) -> Result<Scoped<'_, service_offer::Entity>> {
    let actor = cx.actor()?;
    actor.require(Permission::OfferRead)?;
    Ok(actor.scoped::<service_offer::Entity>(Permission::OfferRead))
}

fn filtered<'a>(cx: &'a Cx, filter: &Filter) -> Result<Scoped<'a, service_offer::Entity>> {
    use service_offer::Column as C;
    let mut scoped = scoped(cx)?;
    if !filter.category.is_empty() {
        scoped = scoped.filter(C::Category.is_in(filter.category.iter().copied()));
    }
    if !filter.status.is_empty() {
        scoped = scoped.filter(C::Status.is_in(filter.status.iter().copied()));
    }
    if let Some(partner) = filter.partner {
        scoped = scoped.filter(C::PartnerId.eq(partner));
    }
    if let Some(area) = filter.area {
        scoped = scoped.filter(C::Id.in_subquery(standing(&Near::to(area))));
    }
    Ok(scoped)
}

/// A page of the offers that the actor sees. Needs `OFFER_READ`.
pub async fn list(cx: &Cx, filter: &Filter, page: &Page<Uuid>) -> Result<Rows<Seen>> {
    use service_offer::Column as C;
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
        rows: whole(&cx.app.db, page.rows).await?,
        has_next: page.has_next,
        has_previous: page.has_previous,
    })
}

/// How many offers the filter lets through.
pub async fn count(cx: &Cx, filter: &Filter) -> Result<u64> {
    filtered(cx, filter)?.count(&cx.app.db).await
}

/// Those of these offers that the actor sees. Needs `OFFER_READ`.
pub async fn some(cx: &Cx, ids: &[Uuid]) -> Result<Vec<Seen>> {
    let rows = scoped(cx)?.ids(ids).all(&cx.app.db).await?;
    whole(&cx.app.db, rows).await
}

/// The phone number to ask at: for who writes the offer, and for who books for households.
pub fn phone(cx: &Cx, row: &service_offer::Model) -> Result<Protected<String>> {
    let actor = cx.actor()?;
    let may = actor.may(Permission::OfferEdit, row.area_id) || actor.ever(Permission::BookingMake);
    let view = if may { View::Claimant } else { View::Nobody };
    view.phone(&cx.app.keys, row.contact_phone_sealed.as_deref())
}

/// Reads what hangs on offers, however many they are in two statements.
pub(super) async fn whole(
    handle: &impl Handle,
    rows: Vec<service_offer::Model>,
) -> Result<Vec<Seen>> {
    use offer_area::Column as A;
    use partner::Column as P;
    let name = |select: &mut SelectStatement| {
        select.columns([P::Id, P::Name]);
    };
    let names: Vec<Named> = reach::<_, partner::Entity, _>(handle, &rows, name).await?;
    let stands: Vec<Stands> = reach::<_, offer_area::Entity, _>(handle, &rows, |select| {
        select
            .columns([A::OfferId, A::AreaId])
            .order_by(A::AreaId, Order::Asc);
    })
    .await?;
    let names: HashMap<Uuid, String> = names.into_iter().map(|one| (one.id, one.name)).collect();
    let mut areas: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for one in stands {
        areas.entry(one.offer_id).or_default().push(one.area_id);
    }
    let seen = rows.into_iter().map(|row| Seen {
        partner: names.get(&row.partner_id).cloned().unwrap_or_default(),
        areas: areas.remove(&row.id).unwrap_or_default(),
        row,
    });
    Ok(seen.collect())
}
