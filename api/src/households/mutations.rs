//! What can be done with households.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::edit::{self, HouseholdEdit, NewHousehold};
use super::family::{self, Closing, Merger, Split};
use super::graphql::Household;
use super::moves::{self, Move};
use super::queries::columns;
use super::service;
use crate::error::{Code, Error, Result};
use crate::ids::{self, Id};
use crate::inputs::{Edit, optional_text, text, text_edit};
use crate::scalars::{Date, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::write::Outcome;

/// Units and room numbers are short.
const DOOR: usize = 20;
const REASON: usize = 200;
/// More people than any household has.
const MOST_AT_ONCE: usize = 100;

macro_rules! payloads {
    ($($name:ident)*) => {
        $(
            /// What came of it.
            #[derive(Debug, SimpleObject)]
            pub struct $name {
                /// The household as it is now; absent where it was refused, but for a version
                /// conflict.
                household: Option<Household>,
                /// Why it was refused; empty when it was done.
                user_errors: Vec<UserError>,
            }

            impl $name {
                async fn of(ctx: &Context<'_>, result: Result<Outcome>) -> async_graphql::Result<Self> {
                    let (household, user_errors) = settled(ctx, result).await?;
                    Ok(Self { household, user_errors })
                }
            }
        )*
    };
}

payloads! {
    AddHouseholdPayload
    UpdateHouseholdPayload
    MoveHouseholdPayload
    SplitHouseholdPayload
    MergeHouseholdsPayload
    CloseHouseholdPayload
}

/// A household to be added.
#[derive(Debug, InputObject)]
pub struct AddHouseholdInput {
    /// A UUIDv7 that your device chose for the household, so that a repeat is the same household.
    id: Option<Uuid>,
    /// The building it lives in.
    area_id: ID,
    /// The unit 单元, at most 20 characters; absent where there is none.
    unit: Option<String>,
    /// The room, at most 20 characters.
    room: String,
    /// Whether it is a center household 党员中心户.
    #[graphql(default)]
    is_center: bool,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What to change of a household; what is left out stays.
#[derive(Debug, InputObject)]
pub struct UpdateHouseholdInput {
    /// The household.
    household_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// The unit 单元, at most 20 characters; null where there is none.
    unit: MaybeUndefined<String>,
    /// The room, at most 20 characters.
    room: MaybeUndefined<String>,
    /// Whether it is a center household 党员中心户.
    is_center: MaybeUndefined<bool>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which household moves, and where to.
#[derive(Debug, InputObject)]
pub struct MoveHouseholdInput {
    /// The household.
    household_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// The building it lives in from then on.
    area_id: ID,
    /// The unit 单元 there, at most 20 characters; left out, as before; null, there is none.
    unit: MaybeUndefined<String>,
    /// The room there, at most 20 characters; as before where absent.
    room: Option<String>,
    /// The first day there, not after today; today where absent.
    on_date: Option<Date>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Who leaves a household for one of their own.
#[derive(Debug, InputObject)]
pub struct SplitHouseholdInput {
    /// The household they leave.
    household_id: ID,
    /// The version of it that you saw; another one is refused.
    expected_version: i64,
    /// Who leaves; somebody stays.
    resident_ids: Vec<ID>,
    /// A UUIDv7 that your device chose for the new household, so that a repeat is the same household.
    id: Option<Uuid>,
    /// Its building; the old one's where absent.
    area_id: Option<ID>,
    /// Its unit 单元, at most 20 characters; absent where there is none.
    unit: Option<String>,
    /// Its room, at most 20 characters.
    room: String,
    /// The first day, not after today; today where absent.
    on_date: Option<Date>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which household is dissolved into which.
#[derive(Debug, InputObject)]
pub struct MergeHouseholdsInput {
    /// The household that ends.
    from_household_id: ID,
    /// The version of it that you saw; another one is refused.
    expected_version: i64,
    /// The household its people go to.
    into_household_id: ID,
    /// The first day, not after today; today where absent.
    on_date: Option<Date>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which household ends, and why.
#[derive(Debug, InputObject)]
pub struct CloseHouseholdInput {
    /// The household; nobody lives in it any more.
    household_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// The first day without it, not after today; today where absent.
    on_date: Option<Date>,
    /// Why, at most 200 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Mutations of households.
#[derive(Debug, Default)]
pub struct HouseholdMutations;

#[Object]
impl HouseholdMutations {
    /// Adds a household to a building. Needs `HOUSEHOLD_EDIT` there.
    async fn add_household(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A household to be added.")] input: AddHouseholdInput,
    ) -> async_graphql::Result<AddHouseholdPayload> {
        let result = async {
            let key = input.idempotency_key.map(|key| key.0);
            edit::add(cx(ctx), added(&input)?, key).await
        };
        AddHouseholdPayload::of(ctx, result.await).await
    }

    /// Changes what is given of a household. Needs `HOUSEHOLD_EDIT` where it lives.
    async fn update_household(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change of a household; what is left out stays.")]
        input: UpdateHouseholdInput,
    ) -> async_graphql::Result<UpdateHouseholdPayload> {
        let result = async {
            let id = Id::<ids::Household>::parse(&input.household_id, "householdId")?.uuid();
            let edit = HouseholdEdit {
                unit: text_edit(input.unit, DOOR, "unit")?,
                room: text_edit(input.room, DOOR, "room")?,
                is_center: input.is_center.into(),
            };
            let key = input.idempotency_key.map(|key| key.0);
            edit::update(cx(ctx), id, input.expected_version, edit, key).await
        };
        UpdateHouseholdPayload::of(ctx, result.await).await
    }

    /// Moves a household with its people from a day on; their enrolments and the visits still to be
    /// made follow, and who has claimed one keeps it. Needs `HOUSEHOLD_EDIT` at both ends.
    async fn move_household(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which household moves, and where to.")] input: MoveHouseholdInput,
    ) -> async_graphql::Result<MoveHouseholdPayload> {
        let key = input.idempotency_key.map(|key| key.0);
        let result = async { moves::relocate(cx(ctx), moved(input)?, key).await };
        MoveHouseholdPayload::of(ctx, result.await).await
    }

    /// Makes a household, which the payload holds, of some people of another. Needs
    /// `HOUSEHOLD_EDIT` at both places.
    async fn split_household(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who leaves a household for one of their own.")]
        input: SplitHouseholdInput,
    ) -> async_graphql::Result<SplitHouseholdPayload> {
        let key = input.idempotency_key.map(|key| key.0);
        let result = async { family::split(cx(ctx), parted(&input)?, key).await };
        SplitHouseholdPayload::of(ctx, result.await).await
    }

    /// Dissolves a household into another, which the payload holds: its people and what visits it
    /// still has go there. Needs `HOUSEHOLD_EDIT` at both.
    async fn merge_households(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which household is dissolved into which.")] input: MergeHouseholdsInput,
    ) -> async_graphql::Result<MergeHouseholdsPayload> {
        let result = async {
            let household = Id::<ids::Household>::parse;
            let merger = Merger {
                from: household(&input.from_household_id, "fromHouseholdId")?.uuid(),
                expected_version: input.expected_version,
                into: household(&input.into_household_id, "intoHouseholdId")?.uuid(),
                on: input.on_date.map(|on| on.0),
            };
            family::merge(cx(ctx), merger, input.idempotency_key.map(|key| key.0)).await
        };
        MergeHouseholdsPayload::of(ctx, result.await).await
    }

    /// Closes a household in which nobody lives any more; visits still to be made to it are called
    /// off. Needs `HOUSEHOLD_EDIT` where it is.
    async fn close_household(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which household ends, and why.")] input: CloseHouseholdInput,
    ) -> async_graphql::Result<CloseHouseholdPayload> {
        let result = async {
            let closing = Closing {
                household: Id::<ids::Household>::parse(&input.household_id, "householdId")?.uuid(),
                expected_version: input.expected_version,
                on: input.on_date.map(|on| on.0),
                reason: text(&input.reason, REASON, "reason")?,
            };
            family::close(cx(ctx), closing, input.idempotency_key.map(|key| key.0)).await
        };
        CloseHouseholdPayload::of(ctx, result.await).await
    }
}

fn added(input: &AddHouseholdInput) -> Result<NewHousehold> {
    Ok(NewHousehold {
        id: input.id.map(|id| id.0),
        area: Id::<ids::Area>::parse(&input.area_id, "areaId")?.uuid(),
        unit: optional_text(input.unit.as_deref(), DOOR, "unit")?.unwrap_or_default(),
        room: text(&input.room, DOOR, "room")?,
        is_center: input.is_center,
    })
}

fn moved(input: MoveHouseholdInput) -> Result<Move> {
    Ok(Move {
        household: Id::<ids::Household>::parse(&input.household_id, "householdId")?.uuid(),
        expected_version: input.expected_version,
        area: Id::<ids::Area>::parse(&input.area_id, "areaId")?.uuid(),
        unit: match text_edit(input.unit, DOOR, "unit")? {
            Edit::Keep => None,
            Edit::Clear => Some(String::new()),
            Edit::Set(unit) => Some(unit),
        },
        room: optional_text(input.room.as_deref(), DOOR, "room")?,
        on: input.on_date.map(|on| on.0),
    })
}

fn parted(input: &SplitHouseholdInput) -> Result<Split> {
    let area = input.area_id.as_ref();
    let area = area
        .map(|id| Id::<ids::Area>::parse(id, "areaId"))
        .transpose()?;
    let residents = input.resident_ids.iter();
    let residents = residents
        .map(|id| Ok(Id::<ids::Resident>::parse(id, "residentIds")?.uuid()))
        .collect::<Result<Vec<_>>>()?;
    if residents.len() > MOST_AT_ONCE {
        return Err(Error::refused(Code::OutOfRange).on("residentIds"));
    }
    Ok(Split {
        household: Id::<ids::Household>::parse(&input.household_id, "householdId")?.uuid(),
        expected_version: input.expected_version,
        residents,
        id: input.id.map(|id| id.0),
        area: area.map(Id::uuid),
        unit: optional_text(input.unit.as_deref(), DOOR, "unit")?.unwrap_or_default(),
        room: text(&input.room, DOOR, "room")?,
        on: input.on_date.map(|on| on.0),
    })
}

/// The household after a mutation, under the rights of now; and why it was refused, where it was.
async fn settled(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<Household>, Vec<UserError>)> {
    let (id, user_errors) = settle_on(ctx, result)?;
    let Some(id) = id else {
        return Ok((None, user_errors));
    };
    let columns = columns(&ctx.look_ahead().field("household"));
    let found = service::some(cx(ctx), &[id], &columns)
        .await
        .at_edge(ctx)?
        .pop();
    let household = found.map(|household| Household::new(cx(ctx), household));
    Ok((household, user_errors))
}
