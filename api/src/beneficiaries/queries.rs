//! What can be asked of beneficiaries.

use async_graphql::{Context, ID, InputObject, Object};
use uuid::Uuid;

use super::graphql::{Beneficiary, BeneficiaryCandidate, BeneficiaryCategory};
use super::matching;
use super::reads::{self, Filter};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, Rows, encode_cursor};
use crate::residents::rules;
use crate::schema::{AtEdge as _, cx};

/// Marks the cursors of this list.
const ORDER: u8 = 1;

/// Which beneficiaries are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct BeneficiaryFilter {
    /// Registered in this area or below it.
    area_id: Option<ID>,
    /// Of one of these categories.
    category: Option<Vec<BeneficiaryCategory>>,
    /// With exactly this ID number.
    id_number: Option<String>,
    /// With exactly this name.
    name: Option<String>,
    /// Living in the institution of this name.
    institution: Option<String>,
    /// Whether they cannot come to the station.
    is_immobile: Option<bool>,
    /// Whether a resident is known to be them.
    is_matched: Option<bool>,
    /// Only those whom a resident may be, which nobody has decided. Needs `BENEFICIARY_EDIT`.
    #[graphql(default)]
    is_undecided: bool,
    /// Those who are one no more, instead of those who are.
    #[graphql(default)]
    is_ended: bool,
}

impl BeneficiaryFilter {
    fn into_filter(self) -> Result<Filter> {
        let area = self
            .area_id
            .map(|id| Id::<ids::Area>::parse(&id, "filter.areaId"))
            .transpose()?;
        let category = self.category.unwrap_or_default();
        let id_number = self.id_number.as_deref();
        Ok(Filter {
            area: area.map(Id::uuid),
            category: category.into_iter().map(Into::into).collect(),
            id_number: id_number
                .map(|number| rules::id_number(number, "filter.idNumber"))
                .transpose()?,
            name: self.name,
            institution: self.institution,
            is_immobile: self.is_immobile,
            is_matched: self.is_matched,
            is_undecided: self.is_undecided,
            is_ended: self.is_ended,
        })
    }
}

/// Queries about beneficiaries.
#[derive(Debug, Default)]
pub struct BeneficiaryQueries;

#[Object]
impl BeneficiaryQueries {
    /// One beneficiary. Needs `BENEFICIARY_READ` where they are registered.
    async fn beneficiary(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The beneficiary's id.")] id: ID,
    ) -> Option<async_graphql::Result<Beneficiary>> {
        let found = async {
            let cx = cx(ctx);
            cx.actor()?;
            let Ok(id) = Id::<ids::Beneficiary>::parse(&id, "id") else {
                return Ok(None);
            };
            let row = reads::one(cx, id.uuid()).await?;
            row.map(|row| Beneficiary::new(cx, row)).transpose()
        };
        found.await.at_edge(ctx).transpose()
    }

    /// The beneficiaries registered in your areas, as they were added. Needs `BENEFICIARY_READ`.
    async fn beneficiaries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only beneficiaries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only beneficiaries before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<BeneficiaryFilter>,
    ) -> Option<async_graphql::Result<Connection<Beneficiary>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let page = page(ctx, &args, filter.unwrap_or_default()).await;
        Some(page.at_edge(ctx))
    }

    /// The residents who may be a beneficiary, the surest first, at most 20. Needs `BENEFICIARY_EDIT`.
    async fn beneficiary_candidates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The beneficiary's id.")] id: ID,
    ) -> Option<async_graphql::Result<Vec<BeneficiaryCandidate>>> {
        let found = async {
            let cx = cx(ctx);
            cx.actor()?;
            let Ok(id) = Id::<ids::Beneficiary>::parse(&id, "id") else {
                return Ok(Vec::new());
            };
            let found = matching::candidates(cx, id.uuid()).await?;
            let shown = found.into_iter();
            shown
                .map(|one| BeneficiaryCandidate::new(cx, one))
                .collect()
        };
        let found: Result<Vec<BeneficiaryCandidate>> = found.await;
        Some(found.at_edge(ctx))
    }
}

/// Those of these beneficiaries that the actor may read, by primary key.
pub async fn some(ctx: &Context<'_>, ids: &[Uuid]) -> Result<Vec<(Uuid, Beneficiary)>> {
    let cx = cx(ctx);
    let rows = reads::some(cx, ids).await?.into_iter();
    rows.map(|row| Ok((row.id, Beneficiary::new(cx, row)?)))
        .collect()
}

async fn page(
    ctx: &Context<'_>,
    args: &PageArgs,
    filter: BeneficiaryFilter,
) -> Result<Connection<Beneficiary>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<Uuid>(ORDER)?;
    let filter = filter.into_filter()?;
    let found = reads::list(cx, &filter, &page).await?;
    let total = if ctx.look_ahead().field("totalCount").exists() {
        Some(reads::count(cx, &filter).await?)
    } else {
        None
    };
    let shown = found.rows.into_iter().map(|row| {
        let cursor = encode_cursor(ORDER, &row.id);
        Ok((cursor, Beneficiary::new(cx, row)?))
    });
    let rows = Rows {
        rows: shown.collect::<Result<_>>()?,
        has_next: found.has_next,
        has_previous: found.has_previous,
    };
    Ok(Connection::new(rows, total))
}
