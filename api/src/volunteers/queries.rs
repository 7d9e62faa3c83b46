//! What can be asked of volunteers.

use async_graphql::{Context, ID, InputObject, Lookahead, Object};
use uuid::Uuid;

use super::graphql::{Service, VolunteerProfile};
use super::people::{self, Filter, ORDER, Person};
use super::rules::Days;
use super::service::{self, Columns};
use crate::accounts::graphql::Role;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, encode_cursor};
use crate::scalars::Date;
use crate::schema::{AtEdge as _, cx};

/// Which volunteers are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct VolunteerFilter {
    /// With this role.
    role: Option<Role>,
    /// With a role in this area or below it.
    area_id: Option<ID>,
    /// Whom no insurance on record covers on this day.
    uninsured_on: Option<Date>,
}

/// Queries about volunteers.
#[derive(Debug, Default)]
pub struct VolunteerQueries;

#[Object]
impl VolunteerQueries {
    /// The profile of somebody who serves. Yourself, or needs `VOLUNTEER_READ` where they serve.
    async fn volunteer_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The volunteer's account.")] account_id: ID,
    ) -> Option<async_graphql::Result<VolunteerProfile>> {
        let columns = columns(&ctx.look_ahead());
        let found = async {
            match person(ctx, &account_id).await? {
                Some(person) => profile(ctx, person, columns).await,
                None => Ok(None),
            }
        };
        found.await.at_edge(ctx).transpose()
    }

    /// Those who serve in your areas, the oldest account first. Needs `VOLUNTEER_READ`.
    async fn volunteers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only volunteers after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only volunteers before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<VolunteerFilter>,
    ) -> Option<async_graphql::Result<Connection<VolunteerProfile>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let page = page(ctx, &args, filter.unwrap_or_default()).await;
        Some(page.at_edge(ctx))
    }

    /// The service of somebody who serves. Yourself, or needs `VOLUNTEER_READ` where they serve.
    async fn service_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The volunteer's account.")] account_id: ID,
        #[graphql(desc = "The first day.")] from_on: Date,
        #[graphql(desc = "The first day after; at most a year later.")] to_on: Date,
    ) -> Option<async_graphql::Result<Service>> {
        let found = async {
            let days = Days::of(from_on.0, to_on.0)?;
            let Some(person) = person(ctx, &account_id).await? else {
                return Ok(None);
            };
            let record = service::record(&cx(ctx).app.db, &person, days).await?;
            Ok(Some(record.into()))
        };
        found.await.at_edge(ctx).transpose()
    }
}

/// The volunteer with this opaque id, if the actor may see their record; garbage names nobody.
async fn person(ctx: &Context<'_>, id: &ID) -> Result<Option<Person>> {
    let cx = cx(ctx);
    cx.actor()?;
    match Id::<ids::Account>::parse(id, "accountId") {
        Ok(id) => people::one(cx, id.uuid()).await,
        Err(_) => Ok(None),
    }
}

async fn profile(
    ctx: &Context<'_>,
    person: Person,
    columns: Columns,
) -> Result<Option<VolunteerProfile>> {
    let mut found = service::profiles(cx(ctx), vec![person], columns).await?;
    Ok(found.pop().map(VolunteerProfile::new))
}

/// The actor's own profile.
pub async fn mine(ctx: &Context<'_>) -> Result<Option<VolunteerProfile>> {
    let me = people::me(cx(ctx)).await?;
    profile(ctx, me, columns(&ctx.look_ahead())).await
}

/// The actor's own service.
pub async fn my_service(ctx: &Context<'_>, from_on: Date, to_on: Date) -> Result<Service> {
    let days = Days::of(from_on.0, to_on.0)?;
    let me = people::me(cx(ctx)).await?;
    let record = service::record(&cx(ctx).app.db, &me, days).await?;
    Ok(record.into())
}

/// A profile after a mutation, under the rights of now, as `field` of the payload asks for it.
pub(super) async fn after(
    ctx: &Context<'_>,
    account: Uuid,
    field: &str,
) -> Result<Option<VolunteerProfile>> {
    let columns = columns(&ctx.look_ahead().field(field));
    match people::one(cx(ctx), account).await? {
        Some(person) => profile(ctx, person, columns).await,
        None => Ok(None),
    }
}

fn columns(profile: &Lookahead<'_>) -> Columns {
    Columns {
        trainings: profile.field("trainings").exists(),
        awards: profile.field("awards").exists(),
    }
}

async fn page(
    ctx: &Context<'_>,
    args: &PageArgs,
    filter: VolunteerFilter,
) -> Result<Connection<VolunteerProfile>> {
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
        uninsured_on: filter.uninsured_on.map(|on| on.0),
    };
    let rows = people::list(cx, filter, &page).await?;
    let look = ctx.look_ahead();
    let total = if look.field("totalCount").exists() {
        Some(people::count(cx, filter).await?)
    } else {
        None
    };
    let columns = columns(&look.field("edges").field("node"));
    let profiles = service::profiles(cx, rows.rows, columns).await?;
    let shown = crate::paging::Rows {
        rows: profiles,
        has_next: rows.has_next,
        has_previous: rows.has_previous,
    };
    let rows = shown.map(|seen| {
        let cursor = encode_cursor(ORDER, &seen.id);
        (cursor, VolunteerProfile::new(seen))
    });
    Ok(Connection::new(rows, total))
}
