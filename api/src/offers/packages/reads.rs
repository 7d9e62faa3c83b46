//! Reading packages, with those of their offers that the reader sees.

use std::collections::HashMap;

use entity::enums::OfferStatus;
use entity::{package_offer, service_package};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::Order;
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::access::scope::{Reaches, Scoped, reach, select_columns};
use crate::context::Cx;
use crate::error::Result;
use crate::offers::reads as offers;
use crate::paging::{Page, Rows};

/// The order of a list of packages: as they were written down.
pub const ORDER: u8 = 1;

/// Which packages are wanted; absent means any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this area or one below it.
    pub area: Option<Uuid>,
    /// In this state.
    pub status: Option<OfferStatus>,
}

/// A package with its offers.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its row.
    pub row: service_package::Model,
    /// Those of its offers that the reader sees, in their order.
    pub offers: Vec<offers::Seen>,
}

impl Reaches<package_offer::Entity> for service_package::Model {
    fn key(&self) -> Uuid {
        self.id
    }
    fn column() -> package_offer::Column {
        package_offer::Column::PackageId
    }
}

fn filtered(cx: &Cx, filter: Filter) -> Result<Scoped<'_, service_package::Entity>> {
    let actor = cx.actor()?;
    actor.require(Permission::OfferRead)?;
    let mut scoped = actor.scoped::<service_package::Entity>(Permission::OfferRead);
    if let Some(area) = filter.area {
        scoped = scoped.below(area);
    }
    if let Some(status) = filter.status {
        scoped = scoped.filter(service_package::Column::Status.eq(status));
    }
    Ok(scoped)
}

/// A page of the packages that the actor sees. Needs `OFFER_READ`.
pub async fn list(cx: &Cx, filter: Filter, page: &Page<Uuid>) -> Result<Rows<Seen>> {
    use service_package::Column as C;
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

/// How many packages the filter lets through.
pub async fn count(cx: &Cx, filter: Filter) -> Result<u64> {
    filtered(cx, filter)?.count(&cx.app.db).await
}

/// Those of these packages that the actor sees. Needs `OFFER_READ`.
pub async fn some(cx: &Cx, ids: &[Uuid]) -> Result<Vec<Seen>> {
    let rows = filtered(cx, Filter::default())?.ids(ids);
    whole(cx, rows.all(&cx.app.db).await?).await
}

/// Reads the offers of packages, however many they are in four statements.
async fn whole(cx: &Cx, rows: Vec<service_package::Model>) -> Result<Vec<Seen>> {
    use package_offer::Column as P;
    let shown: Vec<package_offer::Model> =
        reach::<_, package_offer::Entity, _>(&cx.app.db, &rows, |select| {
            select_columns::<package_offer::Entity>(select, "");
            select.order_by(P::Position, Order::Asc);
        })
        .await?;
    let mut ids: Vec<Uuid> = shown.iter().map(|one| one.offer_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let seen = offers::some(cx, &ids).await?;
    let seen: HashMap<Uuid, offers::Seen> = seen.into_iter().map(|one| (one.row.id, one)).collect();
    let packages = rows.into_iter().map(|row| {
        let own = shown.iter().filter(|one| one.package_id == row.id);
        let offers = own.filter_map(|one| seen.get(&one.offer_id).cloned());
        Seen {
            offers: offers.collect(),
            row,
        }
    });
    Ok(packages.collect())
}
