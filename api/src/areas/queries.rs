//! What can be asked of areas.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::graphql::{Area, AreaKind};
use super::preview::{self, Preview};
use super::redraw::{Selection, Way};
use super::retire::Retirement;
use super::service::{self, Filter, ORDER};
use crate::access::policy::Permission;
use crate::accounts::graphql::Account;
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, encode_cursor};
use crate::schema::{AtEdge as _, cx};

/// Which areas are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct AreaFilter {
    /// Of one of these levels.
    kind: Option<Vec<AreaKind>>,
    /// This area and those below it.
    below_id: Option<ID>,
}

/// Where the households of one building go.
#[derive(Clone, Debug, InputObject)]
pub struct MoveInput {
    /// The building.
    from_id: ID,
    /// A building, or a grid in which the building goes on as a new area.
    to_id: ID,
}

/// What moving many households would do.
#[derive(Debug, SimpleObject)]
pub struct MovePreview {
    /// Households that would move.
    households: u64,
    /// People in them.
    residents: u64,
    /// Their open enrolments.
    enrolments: u64,
    /// Their visits that are still to be made.
    visits: u64,
    /// Of those visits, the ones that somebody has claimed: they stay with their holders.
    held_visits: u64,
    /// Households whose door is taken in the building they would go to: one is enough to refuse the
    /// move.
    taken_doors: u64,
    /// Who holds a role at an area that would be retired: it would cover nothing new. Needs
    /// `ACCOUNT_READ`.
    accounts: Vec<Account>,
}

impl MovePreview {
    async fn of(cx: &Cx, preview: Preview) -> Result<Self> {
        Ok(Self {
            households: preview.households,
            residents: preview.following.residents,
            enrolments: preview.following.enrolments,
            visits: preview.following.visits.all,
            held_visits: preview.following.visits.held,
            taken_doors: preview.taken_doors,
            accounts: accounts(cx, &preview.holders).await?,
        })
    }
}

/// Queries about areas.
#[derive(Debug, Default)]
pub struct AreaQueries;

#[Object]
impl AreaQueries {
    /// One area you may see. Needs `AREA_READ`.
    async fn area(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The area's id.")] id: ID,
    ) -> Option<async_graphql::Result<Area>> {
        let cx = cx(ctx);
        let found = match Id::parse(&id, "id") {
            Ok(id) => one(cx, id).await,
            Err(_) => cx.actor().map(|_| None),
        };
        found.at_edge(ctx).transpose()
    }

    /// The areas you may see, by code. Needs `AREA_READ`.
    async fn areas(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only areas after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only areas before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<AreaFilter>,
    ) -> Option<async_graphql::Result<Connection<Area>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Some(
            page(ctx, &args, filter.unwrap_or_default())
                .await
                .at_edge(ctx),
        )
    }

    /// What `moveHouseholds` would move. Needs `AREA_EDIT` at both ends.
    async fn move_households_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Building by building, at most 200.")] moves: Vec<MoveInput>,
        #[graphql(desc = "Only these of their households; all of them where absent.")]
        household_ids: Option<Vec<ID>>,
    ) -> Option<async_graphql::Result<MovePreview>> {
        let result = async {
            cx(ctx).actor()?.require(Permission::AreaEdit)?;
            let selection = selection(&moves, household_ids.as_deref())?;
            let preview = preview::of_moves(cx(ctx), &selection).await?;
            MovePreview::of(cx(ctx), preview).await
        };
        Some(result.await.at_edge(ctx))
    }

    /// What `retireArea` would move. Needs `AREA_EDIT` at all areas named.
    async fn retire_area_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A grid or a building.")] area_id: ID,
        #[graphql(desc = "What takes over, as in `retireArea`.")] successor_ids: Vec<ID>,
        #[graphql(desc = "Where buildings of the grid go, as in `retireArea`.")] buildings: Option<
            Vec<MoveInput>,
        >,
    ) -> Option<async_graphql::Result<MovePreview>> {
        let result = async {
            cx(ctx).actor()?.require(Permission::AreaEdit)?;
            let area = Id::<ids::Area>::parse(&area_id, "areaId")?.uuid();
            let retirement = retirement(area, &successor_ids, buildings.as_deref())?;
            let preview = preview::of_retirement(cx(ctx), &retirement).await?;
            MovePreview::of(cx(ctx), preview).await
        };
        Some(result.await.at_edge(ctx))
    }
}

/// The most buildings that one act moves.
const MOST_MOVES: usize = 200;
/// The most households that one call names.
const MOST_NAMED: usize = 1_000;
/// The most successors of one area.
const MOST_SUCCESSORS: usize = 20;

/// Reads which households move.
pub(super) fn selection(moves: &[MoveInput], households: Option<&[ID]>) -> Result<Selection> {
    let homes = households
        .map(|ids| {
            at_most(ids, MOST_NAMED, "householdIds")?;
            let one = |id: &ID| Ok(Id::<ids::Household>::parse(id, "householdIds")?.uuid());
            ids.iter().map(one).collect::<Result<Vec<_>>>()
        })
        .transpose()?;
    Ok(Selection {
        field: "moves",
        ways: ways(moves, "moves")?,
        homes,
    })
}

/// Reads what takes over from an area; each successor once.
pub(super) fn retirement(
    area: Uuid,
    successors: &[ID],
    buildings: Option<&[MoveInput]>,
) -> Result<Retirement> {
    at_most(successors, MOST_SUCCESSORS, "successorIds")?;
    let one = |id: &ID| Ok(Id::<ids::Area>::parse(id, "successorIds")?.uuid());
    let mut successors = successors.iter().map(one).collect::<Result<Vec<_>>>()?;
    successors.sort_unstable();
    successors.dedup();
    Ok(Retirement {
        area,
        successors,
        buildings: ways(buildings.unwrap_or_default(), "buildings")?,
    })
}

fn ways(moves: &[MoveInput], field: &'static str) -> Result<Vec<Way>> {
    at_most(moves, MOST_MOVES, field)?;
    let way = |input: &MoveInput| {
        Ok(Way {
            from: Id::<ids::Area>::parse(&input.from_id, field)?.uuid(),
            to: Id::<ids::Area>::parse(&input.to_id, field)?.uuid(),
        })
    };
    moves.iter().map(way).collect()
}

fn at_most<T>(items: &[T], most: usize, field: &'static str) -> Result<()> {
    if items.len() > most {
        return Err(Error::refused(Code::OutOfRange).on(field));
    }
    Ok(())
}

/// These accounts, as far as the reader may see them.
pub(super) async fn accounts(cx: &Cx, ids: &[Uuid]) -> Result<Vec<Account>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = crate::accounts::queries::some(cx, ids).await?;
    Ok(found.into_iter().map(|(_, account)| account).collect())
}

async fn page(ctx: &Context<'_>, args: &PageArgs, filter: AreaFilter) -> Result<Connection<Area>> {
    let cx = cx(ctx);
    cx.actor()?;
    let page = args.page::<String>(ORDER)?;
    let below = filter
        .below_id
        .map(|id| Id::<ids::Area>::parse(&id, "filter.belowId"))
        .transpose()?;
    let filter = Filter {
        kind: filter
            .kind
            .unwrap_or_default()
            .into_iter()
            .map(Into::into)
            .collect(),
        below: below.map(Id::uuid),
    };
    let rows = service::list(cx, &filter, &page).await?;
    let total = if ctx.look_ahead().field("totalCount").exists() {
        Some(service::count(cx, &filter).await?)
    } else {
        None
    };
    let rows = rows.map(|area| (encode_cursor(ORDER, &area.code), Area::from(area)));
    Ok(Connection::new(rows, total))
}

/// One area, if the actor may see it.
pub async fn one(cx: &Cx, id: Id<ids::Area>) -> Result<Option<Area>> {
    let found = some(cx, &[id.uuid()]).await?.pop();
    Ok(found.map(|(_, area)| area))
}

/// Those of these areas that the actor may see, by primary key.
pub async fn some(cx: &Cx, ids: &[Uuid]) -> Result<Vec<(Uuid, Area)>> {
    let found = service::some(cx, ids).await?;
    Ok(found
        .into_iter()
        .map(|row| (row.id, Area::from(row)))
        .collect())
}
