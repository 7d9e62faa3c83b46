//! What can be asked of accounts.

use async_graphql::{Context, ID, InputObject, Object};
use uuid::Uuid;

use super::graphql::{Account, Role, Viewer};
use super::list::{self, Filter, ORDER};
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, encode_cursor};
use crate::schema::{AtEdge as _, cx};

/// Which accounts are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct AccountFilter {
    /// With this role.
    role: Option<Role>,
    /// With a role in this area or below it.
    area_id: Option<ID>,
    /// Also those whose roles within your areas have all ended.
    #[graphql(default)]
    include_ended: bool,
}

/// Queries about accounts.
#[derive(Debug, Default)]
pub struct AccountQueries;

#[Object]
impl AccountQueries {
    /// Yourself. Needs an access token, but no grant.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Viewer>> {
        let mine = list::mine(cx(ctx)).await;
        Some(mine.map(Viewer::new).at_edge(ctx))
    }

    /// One account with a role, present or past, within your areas. Needs `ACCOUNT_READ`.
    async fn account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account's id.")] id: ID,
    ) -> Option<async_graphql::Result<Account>> {
        let cx = cx(ctx);
        let found = match Id::parse(&id, "id") {
            Ok(id) => one(cx, id).await,
            Err(_) => cx.actor().map(|_| None),
        };
        found.at_edge(ctx).transpose()
    }

    /// The accounts with a role within your areas, the oldest first. Needs `ACCOUNT_READ`.
    async fn accounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only accounts after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only accounts before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<AccountFilter>,
    ) -> Option<async_graphql::Result<Connection<Account>>> {
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
    filter: AccountFilter,
) -> Result<Connection<Account>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Uuid>(ORDER)?;
    let area = filter
        .area_id
        .map(|id| Id::<ids::Area>::parse(&id, "filter.areaId"))
        .transpose()?;
    let filter = Filter {
        role: filter.role.map(Into::into),
        area: area.map(Id::uuid),
        ended: filter.include_ended,
    };
    let rows = list::list(cx, filter, &page).await?;
    let total = if ctx.look_ahead().field("totalCount").exists() {
        Some(list::count(cx, filter).await?)
    } else {
        None
    };
    let rows = rows.map(|seen| (encode_cursor(ORDER, &seen.row.id), Account::new(seen)));
    Ok(Connection::new(rows, total))
}

/// One account, if the actor may see it.
pub async fn one(cx: &Cx, id: Id<ids::Account>) -> Result<Option<Account>> {
    let found = some(cx, &[id.uuid()]).await?.pop();
    Ok(found.map(|(_, account)| account))
}

/// Those of these accounts that the actor may see, by primary key.
pub async fn some(cx: &Cx, ids: &[Uuid]) -> Result<Vec<(Uuid, Account)>> {
    let found = list::some(cx, ids).await?;
    Ok(found
        .into_iter()
        .map(|seen| (seen.row.id, Account::new(seen)))
        .collect())
}
