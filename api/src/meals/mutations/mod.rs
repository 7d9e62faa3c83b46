//! What can be done about meals.

pub mod many;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use self::many::{
    AddMealRecipientsInput, AddMealRecipientsPayload, TickMealDoorsInput, TickMealDoorsPayload,
};
use super::batches::{self, Reassignment};
use super::graphql::{MealBatch, MealList, MealTimes, Weekday};
use super::lists::{self, ListEdit, NewList};
use super::{queries, recipients, ticks};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::{Edit, text};
use crate::scalars::Uuid;
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::write::Outcome;

const NAME: usize = 60;
const REASON: usize = 200;

/// A list to begin.
#[derive(Debug, InputObject)]
pub struct CreateMealListInput {
    /// The grid, compound or community that it serves.
    area_id: ID,
    /// What it is called, at most 60 characters.
    name: String,
    /// When lunch is brought; absent where none is.
    lunch: Option<MealTimes>,
    /// When dinner is brought, after lunch; absent where none is.
    dinner: Option<MealTimes>,
    /// On which days.
    weekdays: Vec<Weekday>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What becomes of a list; what is left out stays.
#[derive(Debug, InputObject)]
pub struct EditMealListInput {
    /// The list.
    meal_list_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// Another name, at most 60 characters.
    name: Option<String>,
    /// Lunch at other times; null where none is brought any more.
    lunch: MaybeUndefined<MealTimes>,
    /// Dinner at other times; null where none is brought any more.
    dinner: MaybeUndefined<MealTimes>,
    /// Other days.
    weekdays: Option<Vec<Weekday>>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which list to end, and why.
#[derive(Debug, InputObject)]
pub struct EndMealListInput {
    /// The list.
    meal_list_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// Why, at most 200 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Whom to take off a list, and why.
#[derive(Debug, InputObject)]
pub struct RemoveMealRecipientInput {
    /// The recipient.
    meal_recipient_id: ID,
    /// Why, at most 200 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which batch to claim.
#[derive(Debug, InputObject)]
pub struct ClaimMealBatchInput {
    /// The batch.
    meal_batch_id: ID,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which batch to give back, and why.
#[derive(Debug, InputObject)]
pub struct ReleaseMealBatchInput {
    /// The batch.
    meal_batch_id: ID,
    /// Why, at most 200 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which batch goes to whom, and why.
#[derive(Debug, InputObject)]
pub struct ReassignMealBatchInput {
    /// The batch.
    meal_batch_id: ID,
    /// Who is to take it round; absent opens it to everybody.
    account_id: Option<ID>,
    /// Why, at most 200 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

macro_rules! payloads {
    ($field:ident: $type:ident, $one:literal; $($name:ident)*) => {
        $(
            /// What came of it.
            #[derive(Debug, SimpleObject)]
            pub struct $name {
                #[doc = $one]
                $field: Option<$type>,
                /// Why it was refused; empty when it was done.
                user_errors: Vec<UserError>,
            }
        )*
    };
}

payloads! {
    meal_list: MealList, "The list as it is now; absent where it was refused, but for a version conflict.";
    CreateMealListPayload EditMealListPayload EndMealListPayload RemoveMealRecipientPayload
}
payloads! {
    meal_batch: MealBatch, "The batch as it is now; absent where it was refused.";
    ClaimMealBatchPayload ReleaseMealBatchPayload ReassignMealBatchPayload
}

/// Mutations of meals.
#[derive(Debug, Default)]
pub struct MealMutations;

#[Object]
impl MealMutations {
    /// Begins a meal list. Needs `MEAL_EDIT` at the area.
    async fn create_meal_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For whom, when.")] input: CreateMealListInput,
    ) -> async_graphql::Result<CreateMealListPayload> {
        let result = async {
            let new = NewList {
                area: Id::<ids::Area>::parse(&input.area_id, "areaId")?.uuid(),
                name: text(&input.name, NAME, "name")?,
                lunch: input.lunch.map(MealTimes::times),
                dinner: input.dinner.map(MealTimes::times),
                weekdays: input.weekdays.into_iter().map(Into::into).collect(),
            };
            lists::create(cx(ctx), new, input.idempotency_key.map(|key| key.0)).await
        };
        let (meal_list, user_errors) = settled(ctx, result.await).await?;
        Ok(CreateMealListPayload {
            meal_list,
            user_errors,
        })
    }

    /// Changes a meal list; batches that are not over yet follow. Needs `MEAL_EDIT` at its area.
    async fn edit_meal_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What becomes of it.")] input: EditMealListInput,
    ) -> async_graphql::Result<EditMealListPayload> {
        let result = async {
            let name = input.name.as_deref();
            let edit = ListEdit {
                list: Id::<ids::MealList>::parse(&input.meal_list_id, "mealListId")?.uuid(),
                expected_version: input.expected_version,
                name: name.map(|name| text(name, NAME, "name")).transpose()?,
                lunch: Edit::from(input.lunch).map(MealTimes::times),
                dinner: Edit::from(input.dinner).map(MealTimes::times),
                weekdays: input
                    .weekdays
                    .map(|days| days.into_iter().map(Into::into).collect()),
            };
            lists::edit(cx(ctx), edit, input.idempotency_key.map(|key| key.0)).await
        };
        let (meal_list, user_errors) = settled(ctx, result.await).await?;
        Ok(EditMealListPayload {
            meal_list,
            user_errors,
        })
    }

    /// Ends a meal list from today on; who is on it can be put on another. Needs `MEAL_EDIT` at its area.
    async fn end_meal_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: EndMealListInput,
    ) -> async_graphql::Result<EndMealListPayload> {
        let result = async {
            let list = Id::<ids::MealList>::parse(&input.meal_list_id, "mealListId")?.uuid();
            let reason = text(&input.reason, REASON, "reason")?;
            let key = input.idempotency_key.map(|key| key.0);
            lists::end(cx(ctx), (list, input.expected_version), reason, key).await
        };
        let (meal_list, user_errors) = settled(ctx, result.await).await?;
        Ok(EndMealListPayload {
            meal_list,
            user_errors,
        })
    }

    /// Puts enrolled people on a meal list from today on, each by itself; who is on it already gets these
    /// meals. Needs `MEAL_EDIT` at the list and where they live.
    async fn add_meal_recipients(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and for which meals.")] input: AddMealRecipientsInput,
    ) -> async_graphql::Result<AddMealRecipientsPayload> {
        let list = Id::<ids::MealList>::parse(&input.meal_list_id, "mealListId").map(Id::uuid);
        let result = async {
            let (adding, key) = input.into_adding()?;
            recipients::add(cx(ctx), adding, key).await
        };
        let result = result.await;
        AddMealRecipientsPayload::of(ctx, list, result).await
    }

    /// Takes somebody off a meal list from today on. Needs `MEAL_EDIT` at the list.
    async fn remove_meal_recipient(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and why.")] input: RemoveMealRecipientInput,
    ) -> async_graphql::Result<RemoveMealRecipientPayload> {
        let result = async {
            let id = Id::<ids::MealRecipient>::parse(&input.meal_recipient_id, "mealRecipientId")?;
            let reason = text(&input.reason, REASON, "reason")?;
            let key = input.idempotency_key.map(|key| key.0);
            recipients::remove(cx(ctx), id.uuid(), reason, key).await
        };
        let (meal_list, user_errors) = settled(ctx, result.await).await?;
        Ok(RemoveMealRecipientPayload {
            meal_list,
            user_errors,
        })
    }

    /// Claims a batch of meals with all its doors, which counts as one claim: exactly one of many succeeds.
    /// Needs `VISIT_CLAIM` in all of the list's area.
    async fn claim_meal_batch(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: ClaimMealBatchInput,
    ) -> async_graphql::Result<ClaimMealBatchPayload> {
        let result = async {
            let id = Id::<ids::MealBatch>::parse(&input.meal_batch_id, "mealBatchId")?.uuid();
            batches::claim(cx(ctx), id, input.idempotency_key.map(|key| key.0)).await
        };
        let (meal_batch, user_errors) = moved(ctx, result.await).await?;
        Ok(ClaimMealBatchPayload {
            meal_batch,
            user_errors,
        })
    }

    /// Gives a batch of meals back, with the doors of which nothing was told. Only its holder.
    async fn release_meal_batch(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: ReleaseMealBatchInput,
    ) -> async_graphql::Result<ReleaseMealBatchPayload> {
        let result = async {
            let id = Id::<ids::MealBatch>::parse(&input.meal_batch_id, "mealBatchId")?.uuid();
            let reason = text(&input.reason, REASON, "reason")?;
            batches::release(cx(ctx), id, reason, input.idempotency_key.map(|key| key.0)).await
        };
        let (meal_batch, user_errors) = moved(ctx, result.await).await?;
        Ok(ReleaseMealBatchPayload {
            meal_batch,
            user_errors,
        })
    }

    /// Gives a batch of meals to somebody else, or back to everybody. Needs `VISIT_REASSIGN` in all of the
    /// list's area.
    async fn reassign_meal_batch(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, for whom, and why.")] input: ReassignMealBatchInput,
    ) -> async_graphql::Result<ReassignMealBatchPayload> {
        let result = async {
            let account = input.account_id.as_ref();
            let account = account.map(|id| Id::<ids::Account>::parse(id, "accountId"));
            let to = Reassignment {
                batch: Id::<ids::MealBatch>::parse(&input.meal_batch_id, "mealBatchId")?.uuid(),
                account: account.transpose()?.map(Id::uuid),
                reason: text(&input.reason, REASON, "reason")?,
            };
            batches::reassign(cx(ctx), to, input.idempotency_key.map(|key| key.0)).await
        };
        let (meal_batch, user_errors) = moved(ctx, result.await).await?;
        Ok(ReassignMealBatchPayload {
            meal_batch,
            user_errors,
        })
    }

    /// Ticks doors of a batch, each by itself: an outcome, met in person, or why nobody was met, which keeps
    /// the door yours. Only who holds them; a report that comes late is kept.
    async fn tick_meal_doors(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What came of which doors.")] input: TickMealDoorsInput,
    ) -> async_graphql::Result<TickMealDoorsPayload> {
        let batch = Id::<ids::MealBatch>::parse(&input.meal_batch_id, "mealBatchId").map(Id::uuid);
        let result = async {
            let (ticks, key) = input.into_ticks()?;
            ticks::tick_doors(cx(ctx), ticks, key).await
        };
        let result = result.await;
        TickMealDoorsPayload::of(ctx, batch, result).await
    }
}

/// The list after a mutation, and why it was refused, where it was.
async fn settled(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<MealList>, Vec<UserError>)> {
    let (id, user_errors) = settle_on(ctx, result)?;
    let Some(id) = id else {
        return Ok((None, user_errors));
    };
    let list = queries::list(ctx, id, &ctx.look_ahead().field("mealList")).await;
    Ok((list.at_edge(ctx)?, user_errors))
}

/// The batch after a mutation, and why it was refused, where it was.
async fn moved(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<MealBatch>, Vec<UserError>)> {
    let (id, user_errors) = settle_on(ctx, result)?;
    let Some(id) = id else {
        return Ok((None, user_errors));
    };
    let batch = queries::batch(ctx, id, &ctx.look_ahead().field("mealBatch")).await;
    Ok((batch.at_edge(ctx)?, user_errors))
}
