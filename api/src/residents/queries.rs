//! What can be asked of residents.

use async_graphql::{Context, Enum, ID, InputObject, Lookahead, Object};
use uuid::Uuid;

use super::graphql::{CareTier, Circumstance, Resident};
use super::list::{self, Filter, Position, Sort};
use super::rules;
use super::service::{self, Columns};
use crate::error::Result;
use crate::households::queries::columns as household_columns;
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, encode_cursor};
use crate::schema::{AtEdge as _, cx};

/// The order of a list of residents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Sort")]
pub enum ResidentOrder {
    /// As they were added.
    Added,
    /// The oldest first; people of unknown age last.
    Age,
}

/// Which living residents are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ResidentFilter {
    /// In this area or below it.
    area_id: Option<ID>,
    /// Enrolled in care visits (true), or not (false).
    enrolled: Option<bool>,
    /// Enrolled at one of these care tiers.
    tier: Option<Vec<CareTier>>,
    /// Enrolled for one of these circumstances.
    circumstance: Option<Vec<Circumstance>>,
    /// With exactly this phone number, however it is written.
    phone: Option<String>,
    /// With exactly this ID number. Needs `RESIDENT_ID_NUMBER`.
    id_number: Option<String>,
}

impl ResidentFilter {
    fn into_filter(self) -> Result<Filter> {
        let area = self
            .area_id
            .map(|id| Id::<ids::Area>::parse(&id, "filter.areaId"))
            .transpose()?;
        let phone = self.phone.as_deref();
        let id_number = self.id_number.as_deref();
        let tier = self.tier.unwrap_or_default();
        let circumstances = self.circumstance.unwrap_or_default();
        Ok(Filter {
            area: area.map(Id::uuid),
            enrolled: self.enrolled,
            tier: tier.into_iter().map(Into::into).collect(),
            circumstances: circumstances
                .into_iter()
                .map(entity::circumstances::Circumstance::from)
                .collect(),
            phone: phone
                .map(|phone| rules::phone(phone, "filter.phone"))
                .transpose()?,
            id_number: id_number
                .map(|number| rules::id_number(number, "filter.idNumber"))
                .transpose()?,
        })
    }
}

/// Queries about residents.
#[derive(Debug, Default)]
pub struct ResidentQueries;

#[Object]
impl ResidentQueries {
    /// One resident. Needs `RESIDENT_READ` where they live.
    async fn resident(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The resident's id.")] id: ID,
    ) -> Option<async_graphql::Result<Resident>> {
        let found = match Id::parse(&id, "id") {
            Ok(id) => one(ctx, id).await,
            Err(_) => cx(ctx).actor().map(|_| None),
        };
        found.at_edge(ctx).transpose()
    }

    /// The living residents you may read. Needs `RESIDENT_READ`.
    #[expect(
        clippy::too_many_arguments,
        reason = "paging, filter and order as Relay names them"
    )]
    async fn residents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only residents after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only residents before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<ResidentFilter>,
        #[graphql(default_with = "ResidentOrder::Added", desc = "In which order.")]
        order_by: ResidentOrder,
    ) -> Option<async_graphql::Result<Connection<Resident>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let page = page(ctx, &args, filter.unwrap_or_default(), order_by.into()).await;
        Some(page.at_edge(ctx))
    }
}

async fn page(
    ctx: &Context<'_>,
    args: &PageArgs,
    filter: ResidentFilter,
    sort: Sort,
) -> Result<Connection<Resident>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Position>(sort.tag())?;
    let filter = filter.into_filter()?;
    let node = ctx.look_ahead().field("edges").field("node");
    let rows = list::list(cx, &filter, sort, &page, &columns(&node)).await?;
    let total = if ctx.look_ahead().field("totalCount").exists() {
        Some(list::count(cx, &filter).await?)
    } else {
        None
    };
    let rows = rows.map(|resident| {
        let cursor = encode_cursor(sort.tag(), &Position::of(&resident));
        (cursor, Resident::new(resident))
    });
    Ok(Connection::new(rows, total))
}

/// One resident with what the query asks of them.
pub async fn one(ctx: &Context<'_>, id: Id<ids::Resident>) -> Result<Option<Resident>> {
    let found = some(ctx, &[id.uuid()]).await?.pop();
    Ok(found.map(|(_, resident)| resident))
}

/// Those of these residents that the actor may read, by primary key.
pub async fn some(ctx: &Context<'_>, ids: &[Uuid]) -> Result<Vec<(Uuid, Resident)>> {
    let found = service::some(cx(ctx), ids, &columns(&ctx.look_ahead())).await?;
    let shown = found
        .into_iter()
        .map(|seen| (seen.row.id, Resident::new(seen)));
    Ok(shown.collect())
}

/// What a selection asks of residents beyond their own columns.
#[must_use]
pub fn columns(resident: &Lookahead<'_>) -> Columns {
    let household = resident.field("household");
    Columns {
        contacts: resident.field("emergencyContacts").exists(),
        enrolments: resident.field("enrolments").exists(),
        household: household
            .exists()
            .then(|| Box::new(household_columns(&household))),
    }
}
