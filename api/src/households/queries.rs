//! What can be asked of households.

use async_graphql::{Context, ID, Lookahead, Object};

use super::graphql::Household;
use super::service::{self, Columns};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::residents::queries::columns as residents_columns;
use crate::schema::{AtEdge as _, cx};

/// Queries about households.
#[derive(Debug, Default)]
pub struct HouseholdQueries;

#[Object]
impl HouseholdQueries {
    /// One household. Needs `HOUSEHOLD_READ` where it lives.
    async fn household(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The household's id.")] id: ID,
    ) -> Option<async_graphql::Result<Household>> {
        let found = match Id::parse(&id, "id") {
            Ok(id) => one(ctx, id).await,
            Err(_) => cx(ctx).actor().map(|_| None),
        };
        found.at_edge(ctx).transpose()
    }
}

/// One household with what the query asks of it.
pub async fn one(ctx: &Context<'_>, id: Id<ids::Household>) -> Result<Option<Household>> {
    let cx = cx(ctx);
    let household = service::one(cx, id.uuid(), columns(&ctx.look_ahead())).await?;
    Ok(household.map(|household| Household::new(cx, household)))
}

/// What a selection asks of households beyond their own columns.
#[must_use]
pub fn columns(household: &Lookahead<'_>) -> Columns {
    let residents = household.field("residents");
    Columns {
        residents: residents.exists().then(|| residents_columns(&residents)),
        last_visit: household.field("lastVisit").exists(),
    }
}
