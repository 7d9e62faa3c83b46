//! What can be asked of offers.

use async_graphql::{Context, ID, InputObject, Object};
use uuid::Uuid;

use super::graphql::{OfferStatus, ServiceCategory, ServiceOffer};
use super::reads::{self, Filter, ORDER};
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, Rows, encode_cursor};
use crate::schema::{AtEdge as _, cx};

/// Which offers are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ServiceOfferFilter {
    /// Of these kinds of service.
    category: Option<Vec<ServiceCategory>>,
    /// That can be booked in this area, or somewhere above or below it.
    area_id: Option<ID>,
    /// Of this partner.
    partner_id: Option<ID>,
    /// In these states.
    status: Option<Vec<OfferStatus>>,
}

/// Queries about offers.
#[derive(Debug, Default)]
pub struct OfferQueries;

#[Object]
impl OfferQueries {
    /// One offer that can be booked near your areas, or that you may write. Needs `OFFER_READ`.
    async fn service_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The offer's id.")] id: ID,
    ) -> Option<async_graphql::Result<ServiceOffer>> {
        let found = async {
            let cx = cx(ctx);
            cx.actor()?;
            let Ok(id) = Id::<ids::ServiceOffer>::parse(&id, "id") else {
                return Ok(None);
            };
            one(cx, id.uuid()).await
        };
        found.await.at_edge(ctx).transpose()
    }

    /// The offers that can be booked near your areas, and those that you may write, as they were written down.
    /// Needs `OFFER_READ`; somebody who acts for a partner sees their own alone.
    async fn service_offers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only offers after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only offers before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<ServiceOfferFilter>,
    ) -> Option<async_graphql::Result<Connection<ServiceOffer>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let page = page(ctx, &args, filter.unwrap_or_default()).await;
        Some(page.at_edge(ctx))
    }
}

async fn page(
    ctx: &Context<'_>,
    args: &PageArgs,
    filter: ServiceOfferFilter,
) -> Result<Connection<ServiceOffer>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Uuid>(ORDER)?;
    let area = filter.area_id.as_ref();
    let area = area.map(|id| Id::<ids::Area>::parse(id, "filter.areaId"));
    let partner = filter.partner_id.as_ref();
    let partner = partner.map(|id| Id::<ids::Partner>::parse(id, "filter.partnerId"));
    let category = filter.category.unwrap_or_default().into_iter();
    let status = filter.status.unwrap_or_default().into_iter();
    let filter = Filter {
        category: category.map(Into::into).collect(),
        area: area.transpose()?.map(Id::uuid),
        partner: partner.transpose()?.map(Id::uuid),
        status: status.map(Into::into).collect(),
    };
    let found = reads::list(cx, &filter, &page).await?;
    let total = if ctx.look_ahead().field("totalCount").exists() {
        Some(reads::count(cx, &filter).await?)
    } else {
        None
    };
    let shown = found.rows.into_iter().map(|seen| {
        let cursor = encode_cursor(ORDER, &seen.row.id);
        Ok((cursor, ServiceOffer::new(cx, seen)?))
    });
    let rows = Rows {
        rows: shown.collect::<Result<_>>()?,
        has_next: found.has_next,
        has_previous: found.has_previous,
    };
    Ok(Connection::new(rows, total))
}

/// One offer that the actor sees.
pub(super) async fn one(cx: &Cx, id: Uuid) -> Result<Option<ServiceOffer>> {
    Ok(some(cx, &[id]).await?.pop().map(|(_, offer)| offer))
}

/// Those of these offers that the actor sees, by primary key.
pub async fn some(cx: &Cx, ids: &[Uuid]) -> Result<Vec<(Uuid, ServiceOffer)>> {
    let rows = reads::some(cx, ids).await?.into_iter();
    rows.map(|seen| Ok((seen.row.id, ServiceOffer::new(cx, seen)?)))
        .collect()
}
