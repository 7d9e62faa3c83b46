//! What can be done with households.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::edit::{self, HouseholdEdit, NewHousehold};
use super::graphql::Household;
use super::queries::columns;
use super::service;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::{optional_text, text, text_edit};
use crate::scalars::Uuid;
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::write::Outcome;

/// Units and room numbers are short.
const DOOR: usize = 20;

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
