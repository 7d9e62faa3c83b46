//! What can be asked of packages.

use async_graphql::{Context, ID, InputObject, Object};
use uuid::Uuid;

use super::graphql::ServicePackage;
use super::reads::{self, Filter, ORDER};
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::offers::graphql::OfferStatus;
use crate::paging::{Connection, PageArgs, Rows, encode_cursor};
use crate::schema::{AtEdge as _, cx};

/// Which packages are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ServicePackageFilter {
    /// Of this area or one below it.
    area_id: Option<ID>,
    /// In this state.
    status: Option<OfferStatus>,
}

/// Queries about packages.
#[derive(Debug, Default)]
pub struct PackageQueries;

#[Object]
impl PackageQueries {
    /// One package of an area near yours. Needs `OFFER_READ`; somebody who acts for a partner sees none.
    async fn service_package(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The package's id.")] id: ID,
    ) -> Option<async_graphql::Result<ServicePackage>> {
        let found = async {
            let cx = cx(ctx);
            cx.actor()?;
            let Ok(id) = Id::<ids::ServicePackage>::parse(&id, "id") else {
                return Ok(None);
            };
            one(cx, id.uuid()).await
        };
        found.await.at_edge(ctx).transpose()
    }

    /// The packages of areas near yours, as they were written down. Needs `OFFER_READ`; somebody who acts for a
    /// partner sees none.
    async fn service_packages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only packages after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only packages before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<ServicePackageFilter>,
    ) -> Option<async_graphql::Result<Connection<ServicePackage>>> {
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
    filter: ServicePackageFilter,
) -> Result<Connection<ServicePackage>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Uuid>(ORDER)?;
    let area = filter.area_id.as_ref();
    let area = area.map(|id| Id::<ids::Area>::parse(id, "filter.areaId"));
    let filter = Filter {
        area: area.transpose()?.map(Id::uuid),
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
        Ok((cursor, ServicePackage::new(cx, seen)?))
    });
    let rows = Rows {
        rows: shown.collect::<Result<_>>()?,
        has_next: found.has_next,
        has_previous: found.has_previous,
    };
    Ok(Connection::new(rows, total))
}

/// One package that the actor sees.
pub(super) async fn one(cx: &Cx, id: Uuid) -> Result<Option<ServicePackage>> {
    Ok(some(cx, &[id]).await?.pop().map(|(_, package)| package))
}

/// Those of these packages that the actor sees, by primary key.
pub async fn some(cx: &Cx, ids: &[Uuid]) -> Result<Vec<(Uuid, ServicePackage)>> {
    let rows = reads::some(cx, ids).await?.into_iter();
    rows.map(|seen| Ok((seen.row.id, ServicePackage::new(cx, seen)?)))
        .collect()
}
