//! What can be asked of wishes.

use async_graphql::{Context, ID, InputObject, Lookahead, Object};
use uuid::Uuid;

use super::graphql::{ServiceCategory, Wish, WishStatus, WishUrgency};
use super::list::{self, Filter};
use super::load::{Columns, SeenWish};
use crate::error::Result;
use crate::households::queries::columns as households;
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, Rows, encode_cursor};
use crate::schema::{AtEdge as _, cx};

/// Marks the cursors of these lists.
const ORDER: u8 = 1;

/// Which wishes are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct WishFilter {
    /// In one of these states.
    status: Option<Vec<WishStatus>>,
    /// Of one of these categories.
    category: Option<Vec<ServiceCategory>>,
    /// So urgent.
    urgency: Option<Vec<WishUrgency>>,
    /// In this area or below it.
    area_id: Option<ID>,
    /// Of this household. Needs `RESIDENT_READ` where it lives.
    household_id: Option<ID>,
    /// For which you lend a hand.
    #[graphql(default)]
    mine: bool,
    /// Booked for sure or taken on, not begun, with a place for a doer or a helper.
    #[graphql(default)]
    needs_hands: bool,
}

/// Which wishes that call you are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct WishCallFilter {
    /// Of one of these categories.
    category: Option<Vec<ServiceCategory>>,
    /// So urgent.
    urgency: Option<Vec<WishUrgency>>,
    /// In this area or below it.
    area_id: Option<ID>,
}

fn area(id: Option<&ID>) -> Result<Option<Uuid>> {
    let id = id.map(|id| Id::<ids::Area>::parse(id, "filter.areaId"));
    Ok(id.transpose()?.map(Id::uuid))
}

fn all<T, U: From<T>>(wanted: Option<Vec<T>>) -> Vec<U> {
    wanted.into_iter().flatten().map(Into::into).collect()
}

impl WishFilter {
    fn into_filter(self) -> Result<Filter> {
        let home = self.household_id.as_ref();
        let home = home.map(|id| Id::<ids::Household>::parse(id, "filter.householdId"));
        Ok(Filter {
            status: all(self.status),
            category: all(self.category),
            urgency: all(self.urgency),
            area: area(self.area_id.as_ref())?,
            household: home.transpose()?.map(Id::uuid),
            mine: self.mine,
            needs_hands: self.needs_hands,
        })
    }
}

impl WishCallFilter {
    fn into_filter(self) -> Result<Filter> {
        Ok(Filter {
            category: all(self.category),
            urgency: all(self.urgency),
            area: area(self.area_id.as_ref())?,
            ..Filter::default()
        })
    }
}

/// Queries about wishes.
#[derive(Debug, Default)]
pub struct WishQueries;

#[Object]
impl WishQueries {
    /// One wish. Needs `WISH_READ` where it is, as a partner's person to carry it out, or to lend a hand.
    async fn wish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The wish's id.")] id: ID,
    ) -> Option<async_graphql::Result<Wish>> {
        let found = async {
            cx(ctx).actor()?;
            let Ok(id) = Id::<ids::Wish>::parse(&id, "id") else {
                return Ok(None);
            };
            let found = some(ctx, &[id.uuid()]).await?.pop();
            Ok(found.map(|(_, wish)| wish))
        };
        found.await.at_edge(ctx).transpose()
    }

    /// The wishes that you see, the newest first. Needs `WISH_READ` where they are; a partner's people see those
    /// that it carries out.
    async fn wishes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only wishes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only wishes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<WishFilter>,
    ) -> Option<async_graphql::Result<Connection<Wish>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let page = async {
            cx(ctx).actor()?;
            let page = args.page::<Uuid>(ORDER)?;
            let filter = filter.unwrap_or_default().into_filter()?;
            let columns = columns(&ctx.look_ahead().field("edges").field("node"));
            let rows = list::list(cx(ctx), &filter, (&page, &columns)).await?;
            let total = if ctx.look_ahead().field("totalCount").exists() {
                Some(list::count(cx(ctx), &filter).await?)
            } else {
                None
            };
            Ok(Connection::new(shown(ctx, rows), total))
        };
        Some(page.await.at_edge(ctx))
    }

    /// The open wishes that call you, the newest first: nobody has taken them on, and who asks is masked. Needs
    /// `WISH_HELP` where they are; a partner's people see those where the community opened a place to it.
    async fn wish_calls(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only wishes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only wishes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<WishCallFilter>,
    ) -> Option<async_graphql::Result<Connection<Wish>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let page = async {
            cx(ctx).actor()?;
            let page = args.page::<Uuid>(ORDER)?;
            let filter = filter.unwrap_or_default().into_filter()?;
            let columns = columns(&ctx.look_ahead().field("edges").field("node"));
            let rows = list::calls(cx(ctx), &filter, (&page, &columns)).await?;
            Ok(Connection::new(shown(ctx, rows), None))
        };
        Some(page.await.at_edge(ctx))
    }
}

fn shown(ctx: &Context<'_>, rows: Rows<SeenWish>) -> Rows<(String, Wish)> {
    rows.map(|seen| {
        let cursor = encode_cursor(ORDER, &seen.row.id);
        (cursor, Wish::new(cx(ctx), seen))
    })
}

/// Those of these wishes that the actor sees, by primary key.
pub async fn some(ctx: &Context<'_>, ids: &[Uuid]) -> Result<Vec<(Uuid, Wish)>> {
    some_with(ctx, ids, &columns(&ctx.look_ahead())).await
}

/// As [`some`], with what the caller asks for.
pub(super) async fn some_with(
    ctx: &Context<'_>,
    ids: &[Uuid],
    columns: &Columns,
) -> Result<Vec<(Uuid, Wish)>> {
    let found = list::some(cx(ctx), ids, columns).await?.into_iter();
    let shown = found.map(|seen| (seen.row.id, Wish::new(cx(ctx), seen)));
    Ok(shown.collect())
}

/// What a selection asks of wishes beyond their own columns.
#[must_use]
pub fn columns(wish: &Lookahead<'_>) -> Columns {
    let household = wish.field("household");
    Columns {
        household: household.exists().then(|| households(&household)),
        hands: wish.field("hands").exists(),
        words: wish.field("householdWords").exists(),
    }
}
