//! What can be done about wishes on a household's side.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::edit::{self, WishEdit};
use super::graphql::{AskedHow, ServiceCategory, Wish, WishUrgency, WishWordKind};
use super::queries::{columns, some_with};
use super::record::{self, NewWish, Recording};
use super::word::{self, Word};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::{Edit, optional_text, text, text_edit};
use crate::scalars::{Date, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::write::Outcome;

const WORDS: usize = 300;
const NOTES: usize = 1000;
const REASON: usize = 180;
pub(super) const CODE: usize = 12;

/// The part that every action's input shares.
macro_rules! call {
    ($input:ident) => {
        $crate::wishes::step::Call {
            wish: $crate::ids::Id::<$crate::ids::Wish>::parse(&$input.wish_id, "wishId")?.uuid(),
            expected_version: $input.expected_version.into(),
            key: $input.idempotency_key.map(|key| key.0),
        }
    };
}

/// Payloads that show the wish.
macro_rules! payloads {
    ($($name:ident)*) => {
        $(
            /// What came of it.
            #[derive(Debug, async_graphql::SimpleObject)]
            pub struct $name {
                /// The wish as it is now; absent where it was refused, but for a version conflict.
                wish: Option<$crate::wishes::graphql::Wish>,
                /// Why it was refused; empty when it was done.
                user_errors: Vec<$crate::schema::UserError>,
            }

            impl $name {
                async fn of(
                    ctx: &async_graphql::Context<'_>,
                    result: $crate::error::Result<$crate::write::Outcome>,
                ) -> async_graphql::Result<Self> {
                    let (wish, user_errors) =
                        $crate::wishes::mutations::settled(ctx, result).await?;
                    Ok(Self { wish, user_errors })
                }
            }
        )*
    };
}

pub(super) use {call, payloads};

/// A household's wish to be written down.
#[derive(Debug, InputObject)]
pub struct RecordWishInput {
    /// A UUIDv7 that your device chose for it, so that a repeat is the same wish.
    id: Option<Uuid>,
    /// The household.
    household_id: ID,
    /// Who of it asks, where it is one person's wish.
    on_behalf_of_id: Option<ID>,
    /// How it was said.
    how: AskedHow,
    /// The visit during which it was said: of a volunteer one they hold a live claim on.
    visit_task_id: Option<ID>,
    /// What kind of service it asks for.
    category: ServiceCategory,
    /// What is wished for, at most 300 characters, read by all who may take it on: no phone or ID number belongs here.
    words: String,
    /// What else whoever goes there must know, at most 1000 characters; protected.
    notes: Option<String>,
    /// How urgent it is.
    #[graphql(default_with = "WishUrgency::Normal")]
    urgency: WishUrgency,
    /// The last day on which it makes sense.
    expires_on: Option<Date>,
    /// How many helpers it can use, at most 20.
    #[graphql(default)]
    helpers_wanted: i32,
    /// Whether you are told a one-time code now, to hand it to the household.
    #[graphql(default)]
    with_code: bool,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What changes of a wish; what is left out stays.
#[derive(Debug, InputObject)]
pub struct UpdateWishInput {
    /// The wish.
    wish_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// What kind of service it asks for.
    category: Option<ServiceCategory>,
    /// What is wished for, at most 300 characters, without phone and ID numbers.
    words: Option<String>,
    /// What else whoever goes there must know, at most 1000 characters; null takes it away.
    notes: MaybeUndefined<String>,
    /// How urgent it is.
    urgency: Option<WishUrgency>,
    /// The last day on which it makes sense; null takes it away.
    expires_on: MaybeUndefined<Date>,
    /// How many helpers it can use, at most 20.
    helpers_wanted: Option<i32>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// To which offer a wish is matched.
#[derive(Debug, InputObject)]
pub struct MatchWishInput {
    /// The wish.
    wish_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// The offer, published and for that place; none undoes it.
    offer_id: Option<ID>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which wish is withdrawn, and why.
#[derive(Debug, InputObject)]
pub struct WithdrawWishInput {
    /// The wish.
    wish_id: ID,
    /// The version you saw, if another one is to be refused.
    expected_version: Option<i64>,
    /// Why, at most 180 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which wish gets a new code.
#[derive(Debug, InputObject)]
pub struct IssueWishCodeInput {
    /// The wish.
    wish_id: ID,
    /// The version you saw, if another one is to be refused.
    expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What a household says of a fulfilled wish.
#[derive(Debug, InputObject)]
pub struct RecordWishWordInput {
    /// The wish.
    wish_id: ID,
    /// The version you saw, if another one is to be refused.
    expected_version: Option<i64>,
    /// What it says.
    kind: WishWordKind,
    /// 1 to 5, where it gives one.
    rating: Option<i32>,
    /// In its words, at most 1000 characters; a complaint needs them.
    words: Option<String>,
    /// How it was said.
    how: AskedHow,
    /// Its one-time code, where that is how; not one that you were told.
    code: Option<String>,
    /// Who of the household said it.
    on_behalf_of_id: Option<ID>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

payloads! { UpdateWishPayload MatchWishPayload WithdrawWishPayload RecordWishWordPayload }

macro_rules! told {
    ($($name:ident)*) => {
        $(
            /// What came of it.
            #[derive(Debug, SimpleObject)]
            pub struct $name {
                /// The wish as it is now; absent where it was refused, but for a version conflict.
                wish: Option<Wish>,
                /// The household's one-time code, of six digits and for 30 days: told now and never again.
                code: Option<String>,
                /// Why it was refused; empty when it was done.
                user_errors: Vec<UserError>,
            }

            impl $name {
                async fn of(
                    ctx: &Context<'_>,
                    result: Result<(Outcome, Option<String>)>,
                ) -> async_graphql::Result<Self> {
                    let (result, code) = match result {
                        Ok((outcome, code)) => (Ok(outcome), code),
                        Err(error) => (Err(error), None),
                    };
                    let (wish, user_errors) = settled(ctx, result).await?;
                    Ok(Self { wish, code, user_errors })
                }
            }
        )*
    };
}

told! { RecordWishPayload IssueWishCodePayload }

/// Mutations of wishes on a household's side.
#[derive(Debug, Default)]
pub struct WishMutations;

#[Object]
impl WishMutations {
    /// Writes a household's wish down. Needs `WISH_RECORD` where it lives; a volunteer does it during a visit there
    /// that they have claimed.
    async fn record_wish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The wish.")] input: RecordWishInput,
    ) -> async_graphql::Result<RecordWishPayload> {
        let key = input.idempotency_key.map(|key| key.0);
        let result = async { record::record(cx(ctx), recording(&input)?, key).await };
        RecordWishPayload::of(ctx, result.await).await
    }

    /// Changes what is given of a wish that is not fulfilled yet. Needs `WISH_EDIT` where it is.
    async fn update_wish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateWishInput,
    ) -> async_graphql::Result<UpdateWishPayload> {
        let result = async {
            let words = input.words.as_deref();
            let edit = WishEdit {
                category: input.category.map(Into::into),
                words: words.map(|words| text(words, WORDS, "words")).transpose()?,
                notes: text_edit(input.notes.clone(), NOTES, "notes")?,
                urgency: input.urgency.map(Into::into),
                expires_on: Edit::from(input.expires_on).map(|date: Date| date.0),
                hands: input.helpers_wanted,
            };
            edit::update(cx(ctx), call!(input), edit).await
        };
        UpdateWishPayload::of(ctx, result.await).await
    }

    /// Matches an open wish to an offer, or undoes that: it calls that offer's partner alone then, and volunteers.
    /// Needs `WISH_EDIT` where it is.
    async fn match_wish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which wish to which offer.")] input: MatchWishInput,
    ) -> async_graphql::Result<MatchWishPayload> {
        let result = async {
            let offer = input.offer_id.as_ref();
            let offer = offer.map(|id| Id::<ids::ServiceOffer>::parse(id, "offerId"));
            let offer = offer.transpose()?.map(Id::uuid);
            edit::match_offer(cx(ctx), call!(input), offer).await
        };
        MatchWishPayload::of(ctx, result.await).await
    }

    /// Withdraws a wish; its booking is cancelled. Needs `WISH_EDIT` where it is.
    async fn withdraw_wish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which wish, and why.")] input: WithdrawWishInput,
    ) -> async_graphql::Result<WithdrawWishPayload> {
        let result = async {
            let reason = text(&input.reason, REASON, "reason")?;
            edit::withdraw(cx(ctx), call!(input), reason).await
        };
        WithdrawWishPayload::of(ctx, result.await).await
    }

    /// Tells you a new one-time code for a wish, to hand it to the household; any before is void. Needs `WISH_RECORD`
    /// where it is, of another role than a volunteer's, and not to lend a hand.
    async fn issue_wish_code(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which wish.")] input: IssueWishCodeInput,
    ) -> async_graphql::Result<IssueWishCodePayload> {
        let result = async { edit::issue_code(cx(ctx), call!(input)).await };
        IssueWishCodePayload::of(ctx, result.await).await
    }

    /// Enters what a household says of a fulfilled wish: it agrees and the wish is closed, or it complains and the
    /// wish is open again. Needs `WISH_WORD` where it is, and to have had no part in it.
    async fn record_wish_word(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it says.")] input: RecordWishWordInput,
    ) -> async_graphql::Result<RecordWishWordPayload> {
        let result = async {
            let word = Word {
                kind: input.kind.into(),
                rating: input.rating,
                words: optional_text(input.words.as_deref(), NOTES, "words")?,
                how: input.how.into(),
                code: optional_text(input.code.as_deref(), CODE, "code")?,
                resident: person(input.on_behalf_of_id.as_ref())?,
            };
            word::say(cx(ctx), call!(input), word).await
        };
        RecordWishWordPayload::of(ctx, result.await).await
    }
}

fn person(id: Option<&ID>) -> Result<Option<uuid::Uuid>> {
    let id = id.map(|id| Id::<ids::Resident>::parse(id, "onBehalfOfId"));
    Ok(id.transpose()?.map(Id::uuid))
}

fn recording(input: &RecordWishInput) -> Result<Recording> {
    let visit = input.visit_task_id.as_ref();
    let visit = visit.map(|id| Id::<ids::VisitTask>::parse(id, "visitTaskId"));
    Ok(Recording {
        id: input.id.map(|id| id.0),
        household: Id::<ids::Household>::parse(&input.household_id, "householdId")?.uuid(),
        new: NewWish {
            resident: person(input.on_behalf_of_id.as_ref())?,
            category: input.category.into(),
            words: text(&input.words, WORDS, "words")?,
            notes: optional_text(input.notes.as_deref(), NOTES, "notes")?,
            urgency: input.urgency.into(),
            how: input.how.into(),
            visit_task: visit.transpose()?.map(Id::uuid),
            expires_on: input.expires_on.map(|date| date.0),
            hands: input.helpers_wanted,
        },
        with_code: input.with_code,
    })
}

/// The wish after a mutation, under the rights of now; and why it was refused, where it was.
pub(super) async fn settled(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<Wish>, Vec<UserError>)> {
    let (id, user_errors) = settle_on(ctx, result)?;
    let Some(id) = id else {
        return Ok((None, user_errors));
    };
    let columns = columns(&ctx.look_ahead().field("wish"));
    let found = some_with(ctx, &[id], &columns).await.at_edge(ctx)?.pop();
    Ok((found.map(|(_, wish)| wish), user_errors))
}
