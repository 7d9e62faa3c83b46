//! What can be done with areas.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::edit::{self, NewArea};
use super::graphql::{Area, AreaKind};
use super::queries::{self, MoveInput};
use super::redraw::{self, Terms};
use super::retire;
use super::{preview, service};
use crate::accounts::graphql::Account;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::text;
use crate::scalars::{Date, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, settle};
use crate::write::Outcome;

const NAME: usize = 80;
const REASON: usize = 200;

/// An area to be added.
#[derive(Debug, InputObject)]
pub struct AddAreaInput {
    /// A UUIDv7 that your device chose for the area, so that a repeat is the same area.
    id: Option<Uuid>,
    /// The area above: a community for a compound, a compound or community for a grid, a grid for a
    /// building.
    parent_id: ID,
    /// The level: compound, grid or building; higher ones come by import.
    kind: AreaKind,
    /// The name, at most 80 characters.
    name: String,
    /// Where it lies, for distances.
    point: Option<PointInput>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// A point on the map, WGS 84.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct PointInput {
    /// Degrees north.
    latitude: f64,
    /// Degrees east.
    longitude: f64,
}

/// Which area is retired, and what takes over.
#[derive(Debug, InputObject)]
pub struct RetireAreaInput {
    /// A grid or a building.
    area_id: ID,
    /// What takes over: grids for a grid; for a building one building, or one grid in which it goes
    /// on as a new area. At most 20.
    successor_ids: Vec<ID>,
    /// Where buildings of a grid go, if it has several successors: to one of these, or into a
    /// building of one of these.
    buildings: Option<Vec<MoveInput>>,
    /// The first day on which it is no longer used, not after today and at most 31 days ago; today
    /// where absent.
    on_date: Option<Date>,
    /// How many households you expect to move, from the preview; another number is refused.
    expected_households: Option<u64>,
    /// Why, at most 200 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which households move, and where to.
#[derive(Debug, InputObject)]
pub struct MoveHouseholdsInput {
    /// Building by building, at most 200. A building that goes to a grid is retired and goes on there
    /// as a new area.
    moves: Vec<MoveInput>,
    /// Only these of their households, at most 1000; all of them where absent.
    household_ids: Option<Vec<ID>>,
    /// The first day at the new place, not after today and at most 31 days ago; today where absent.
    on_date: Option<Date>,
    /// How many households you expect to move, from the preview; another number is refused.
    expected_households: Option<u64>,
    /// Why, at most 200 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct AddAreaPayload {
    /// The area; absent where it was refused.
    area: Option<Area>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct RetireAreaPayload {
    /// The area as it is now, with its successors; absent where it was refused.
    area: Option<Area>,
    /// Who holds a role at the area or below it: it stays and covers nothing new, so grant them one
    /// at the successor. Needs `ACCOUNT_READ`.
    accounts: Option<Vec<Account>>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct MoveHouseholdsPayload {
    /// The buildings they live in now, in the order of the moves; absent where it was refused.
    areas: Option<Vec<Area>>,
    /// Who holds a role at a building that was retired: it stays and covers nothing new. Needs
    /// `ACCOUNT_READ`.
    accounts: Option<Vec<Account>>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of areas.
#[derive(Debug, Default)]
pub struct AreaMutations;

#[Object]
impl AreaMutations {
    /// Adds a compound, a grid or a building; its code is the next below its parent's. Needs
    /// `AREA_EDIT` there.
    async fn add_area(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An area to be added.")] input: AddAreaInput,
    ) -> async_graphql::Result<AddAreaPayload> {
        let result = async {
            let new = NewArea {
                id: input.id.map(|id| id.0),
                parent: Id::<ids::Area>::parse(&input.parent_id, "parentId")?.uuid(),
                kind: input.kind.into(),
                name: text(&input.name, NAME, "name")?,
                point: input.point.map(|point| (point.latitude, point.longitude)),
            };
            let key = input.idempotency_key.map(|key| key.0);
            edit::add(cx(ctx), new, key).await
        };
        let (outcome, user_errors) = settle(ctx, result.await)?;
        let ids = outcome.map(|outcome| outcome.ids).unwrap_or_default();
        let area = shown(cx(ctx), &ids).await.at_edge(ctx)?.pop();
        Ok(AddAreaPayload { area, user_errors })
    }

    /// Retires a grid or a building: its households, with everything that hangs on them, go to its
    /// successors from that day; what was counted before stays. Needs `AREA_EDIT` at all of them.
    async fn retire_area(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which area is retired, and what takes over.")] input: RetireAreaInput,
    ) -> async_graphql::Result<RetireAreaPayload> {
        let key = input.idempotency_key.map(|key| key.0);
        let result = async {
            let area = Id::<ids::Area>::parse(&input.area_id, "areaId")?.uuid();
            let buildings = input.buildings.as_deref();
            let retirement = queries::retirement(area, &input.successor_ids, buildings)?;
            let terms = terms(input.on_date, input.expected_households, &input.reason)?;
            retire::retire_area(cx(ctx), retirement, terms, key).await
        };
        let (outcome, user_errors) = settle(ctx, result.await)?;
        let mut payload = RetireAreaPayload {
            area: None,
            accounts: None,
            user_errors,
        };
        if let Some(outcome) = outcome {
            payload.area = shown(cx(ctx), &outcome.ids).await.at_edge(ctx)?.pop();
            let id = outcome.id().at_edge(ctx)?;
            payload.accounts = Some(after_retiring(cx(ctx), id).await.at_edge(ctx)?);
        }
        Ok(payload)
    }

    /// Moves the households of buildings to other buildings or grids, with everything that hangs on
    /// them, as one act. Needs `AREA_EDIT` at both ends.
    async fn move_households(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which households move, and where to.")] input: MoveHouseholdsInput,
    ) -> async_graphql::Result<MoveHouseholdsPayload> {
        let key = input.idempotency_key.map(|key| key.0);
        let result = async {
            let selection = queries::selection(&input.moves, input.household_ids.as_deref())?;
            let terms = terms(input.on_date, input.expected_households, &input.reason)?;
            redraw::move_households(cx(ctx), selection, terms, key).await
        };
        let (outcome, user_errors) = settle(ctx, result.await)?;
        let mut payload = MoveHouseholdsPayload {
            areas: None,
            accounts: None,
            user_errors,
        };
        if let Some(Outcome { ids, .. }) = outcome {
            payload.areas = Some(shown(cx(ctx), &ids).await.at_edge(ctx)?);
            payload.accounts = Some(after_moving(cx(ctx), &ids).await.at_edge(ctx)?);
        }
        Ok(payload)
    }
}

fn terms(on: Option<Date>, expected: Option<u64>, reason: &str) -> Result<Terms> {
    Ok(Terms {
        on: on.map(|on| on.0),
        expected,
        reason: text(reason, REASON, "reason")?,
    })
}

/// These areas under the rights of now, in their order.
async fn shown(cx: &Cx, ids: &[uuid::Uuid]) -> Result<Vec<Area>> {
    let found = service::some(cx, ids).await?;
    let one = |id: &uuid::Uuid| found.iter().find(|row| row.id == *id).cloned();
    Ok(ids.iter().filter_map(one).map(Area::from).collect())
}

async fn after_moving(cx: &Cx, targets: &[uuid::Uuid]) -> Result<Vec<Account>> {
    let holders = preview::holders_before(cx, targets).await?;
    queries::accounts(cx, &holders).await
}

async fn after_retiring(cx: &Cx, area: uuid::Uuid) -> Result<Vec<Account>> {
    let holders = preview::holders_below(cx, area).await?;
    queries::accounts(cx, &holders).await
}
