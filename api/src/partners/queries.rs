//! What can be asked of partners.

use async_graphql::{Context, ID, InputObject, Object};
use uuid::Uuid;

use super::graphql::{Partner, PartnerStatus};
use super::reads::{self, Filter, ORDER};
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, Rows, encode_cursor};
use crate::schema::{AtEdge as _, cx};

/// Which partners are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PartnerFilter {
    /// Who may serve in this area, or somewhere above or below it.
    area_id: Option<ID>,
    /// In this state.
    status: Option<PartnerStatus>,
}

/// Queries about partners.
#[derive(Debug, Default)]
pub struct PartnerQueries;

#[Object]
impl PartnerQueries {
    /// One partner of your areas, or to whom one of them is opened. Needs `PARTNER_READ`; somebody who acts for a
    /// partner sees their own alone.
    async fn partner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The partner's id.")] id: ID,
    ) -> Option<async_graphql::Result<Partner>> {
        let found = async {
            let cx = cx(ctx);
            cx.actor()?;
            let Ok(id) = Id::<ids::Partner>::parse(&id, "id") else {
                return Ok(None);
            };
            one(cx, id.uuid()).await
        };
        found.await.at_edge(ctx).transpose()
    }

    /// The partners of your areas and those to whom one of them is opened, as they were put down. Needs
    /// `PARTNER_READ`; somebody who acts for a partner sees their own alone.
    async fn partners(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only partners after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only partners before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<PartnerFilter>,
    ) -> Option<async_graphql::Result<Connection<Partner>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let page = page(ctx, &args, filter.unwrap_or_default()).await;
        Some(page.at_edge(ctx))
    }

    /// The partners for whom you act. Needs `PARTNER_READ`.
    async fn my_partners(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Partner>>> {
        let found = async {
            let cx = cx(ctx);
            let rows = reads::mine(cx).await?.into_iter();
            rows.map(|seen| Partner::new(cx, seen)).collect()
        };
        let found: Result<Vec<Partner>> = found.await;
        Some(found.at_edge(ctx))
    }
}

async fn page(
    ctx: &Context<'_>,
    args: &PageArgs,
    filter: PartnerFilter,
) -> Result<Connection<Partner>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Uuid>(ORDER)?;
    let area = filter
        .area_id
        .map(|id| Id::<ids::Area>::parse(&id, "filter.areaId"))
        .transpose()?;
    let filter = Filter {
        area: area.map(Id::uuid),
        status: filter.status.map(Into::into),
    };
    let found = reads::list(cx, filter, &page).await?;
    let total = if ctx.look_ahead().field("totalCount").exists() {
        Some(reads::count(cx, filter).await?)
    } else {
        None
    };
    let shown = found.rows.into_iter().map(|seen| {
        let cursor = encode_cursor(ORDER, &seen.row.id);
        Ok((cursor, Partner::new(cx, seen)?))
    });
    let rows = Rows {
        rows: shown.collect::<Result<_>>()?,
        has_next: found.has_next,
        has_previous: found.has_previous,
    };
    Ok(Connection::new(rows, total))
}

/// One partner that the actor sees.
pub(super) async fn one(cx: &Cx, id: Uuid) -> Result<Option<Partner>> {
    Ok(some(cx, &[id]).await?.pop().map(|(_, partner)| partner))
}

/// Those of these partners that the actor sees, by primary key.
pub async fn some(cx: &Cx, ids: &[Uuid]) -> Result<Vec<(Uuid, Partner)>> {
    let rows = reads::some(cx, ids).await?.into_iter();
    rows.map(|seen| Ok((seen.row.id, Partner::new(cx, seen)?)))
        .collect()
}
