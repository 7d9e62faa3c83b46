//! What can be asked of slots and series.

use async_graphql::{Context, ID, InputObject, Object};
use uuid::Uuid;

use super::change;
use super::graphql::{ServiceSlot, SlotSeries, SlotSeriesPreview};
use super::mutations::{SlotSeriesChangeInput, series_id};
use super::reads::{self, Filter, ORDER, Position};
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, Rows, encode_cursor};
use crate::scalars::{Date, DateTime};
use crate::schema::{AtEdge as _, cx};

/// Which slots are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ServiceSlotFilter {
    /// Of this offer.
    offer_id: Option<ID>,
    /// That begin at this instant or later.
    from_at: Option<DateTime>,
    /// That begin before this instant.
    until_at: Option<DateTime>,
    /// Those alone in which a place can be booked.
    #[graphql(default)]
    has_places: bool,
}

/// Queries about slots and series.
#[derive(Debug, Default)]
pub struct SlotQueries;

#[Object]
impl SlotQueries {
    /// One slot of an offer that you see. Needs `OFFER_READ`.
    async fn service_slot(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The slot's id.")] id: ID,
    ) -> Option<async_graphql::Result<ServiceSlot>> {
        let found = async {
            let cx = cx(ctx);
            cx.actor()?;
            let Ok(id) = Id::<ids::ServiceSlot>::parse(&id, "id") else {
                return Ok(None);
            };
            let found = some(cx, &[id.uuid()]).await?.pop();
            Ok(found.map(|(_, slot)| slot))
        };
        found.await.at_edge(ctx).transpose()
    }

    /// The slots of the offers that you see, the earliest first. Needs `OFFER_READ`.
    async fn service_slots(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only slots after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only slots before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<ServiceSlotFilter>,
    ) -> Option<async_graphql::Result<Connection<ServiceSlot>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let page = page(ctx, &args, filter.unwrap_or_default()).await;
        Some(page.at_edge(ctx))
    }

    /// The series of an offer, the latest first, at most a hundred. Needs `OFFER_EDIT` of its partner.
    async fn slot_series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The offer's id.")] offer_id: ID,
    ) -> Option<async_graphql::Result<Vec<SlotSeries>>> {
        let found = async {
            let cx = cx(ctx);
            cx.actor()?;
            let offer = Id::<ids::ServiceOffer>::parse(&offer_id, "offerId")?;
            let rows = reads::series(cx, offer.uuid()).await?;
            Ok(rows.into_iter().map(SlotSeries::new).collect())
        };
        let found: Result<Vec<SlotSeries>> = found.await;
        Some(found.at_edge(ctx))
    }

    /// What `changeSlotSeries` would do now to the slots to come, and whom it would spare. Needs `OFFER_EDIT` of
    /// the offer's partner.
    async fn change_slot_series_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The series.")] series_id: ID,
        #[graphql(desc = "What it would say instead.")] change: SlotSeriesChangeInput,
    ) -> Option<async_graphql::Result<SlotSeriesPreview>> {
        let found = async {
            let cx = cx(ctx);
            cx.actor()?;
            let series = self::series_id(&series_id)?;
            let preview = change::preview(cx, series, &change.change()?).await?;
            Ok(SlotSeriesPreview {
                made_on: preview.made.into_iter().map(Date).collect(),
                changed: shown(cx, &preview.changed).await?,
                removed: shown(cx, &preview.removed).await?,
                spared: shown(cx, &preview.spared).await?,
            })
        };
        Some(found.await.at_edge(ctx))
    }
}

async fn page(
    ctx: &Context<'_>,
    args: &PageArgs,
    filter: ServiceSlotFilter,
) -> Result<Connection<ServiceSlot>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Position>(ORDER)?;
    let offer = filter.offer_id.as_ref();
    let offer = offer.map(|id| Id::<ids::ServiceOffer>::parse(id, "filter.offerId"));
    let filter = Filter {
        offer: offer.transpose()?.map(Id::uuid),
        from_at: filter.from_at.map(|at| at.0),
        until_at: filter.until_at.map(|at| at.0),
        has_places: filter.has_places,
    };
    let found = reads::list(cx, filter, &page).await?;
    let total = if ctx.look_ahead().field("totalCount").exists() {
        Some(reads::count(cx, filter).await?)
    } else {
        None
    };
    let shown = found.rows.into_iter().map(|seen| {
        let cursor = encode_cursor(ORDER, &(seen.row.starts_at, seen.row.id));
        Ok((cursor, ServiceSlot::new(cx, seen)?))
    });
    let rows = Rows {
        rows: shown.collect::<Result<_>>()?,
        has_next: found.has_next,
        has_previous: found.has_previous,
    };
    Ok(Connection::new(rows, total))
}

/// Those of these slots that the actor sees, the earliest first.
pub(super) async fn shown(cx: &Cx, ids: &[Uuid]) -> Result<Vec<ServiceSlot>> {
    let rows = some(cx, ids).await?.into_iter();
    Ok(rows.map(|(_, slot)| slot).collect())
}

/// Those of these slots that the actor sees, by primary key.
pub async fn some(cx: &Cx, ids: &[Uuid]) -> Result<Vec<(Uuid, ServiceSlot)>> {
    let rows = reads::some(cx, ids).await?.into_iter();
    rows.map(|seen| Ok((seen.row.id, ServiceSlot::new(cx, seen)?)))
        .collect()
}
