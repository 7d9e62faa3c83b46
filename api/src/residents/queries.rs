//! What can be asked of residents.

use async_graphql::{Context, ID, Lookahead, Object};

use super::graphql::Resident;
use super::service::{self, Columns};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::schema::{AtEdge as _, cx};

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
}

/// One resident with what the query asks of them.
pub async fn one(ctx: &Context<'_>, id: Id<ids::Resident>) -> Result<Option<Resident>> {
    let resident = service::one(cx(ctx), id.uuid(), columns(&ctx.look_ahead())).await?;
    Ok(resident.map(Resident::new))
}

/// What a selection asks of residents beyond their own columns.
#[must_use]
pub fn columns(resident: &Lookahead<'_>) -> Columns {
    Columns {
        contacts: resident.field("emergencyContacts").exists(),
    }
}
