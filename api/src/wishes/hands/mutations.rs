//! What can be done about wishes by those who carry them out.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::take::{self, Taking};
use super::verify::{self, Verification};
use super::{join, leave};
use crate::error::{Code, Error, Result};
use crate::ids::{self, Id};
use crate::inputs::{optional_text, text};
use crate::scalars::{DateTime, Uuid};
use crate::schema::{UserError, cx, part_refused, settle};
use crate::wishes::fulfil::{self, Fulfilment};
use crate::wishes::graphql::HandPart;
use crate::wishes::mutations::{CODE, call, payloads};

const REASON: usize = 180;

/// Which wish you take on whole.
#[derive(Debug, InputObject)]
pub struct TakeWishInput {
    /// The wish.
    wish_id: ID,
    /// The version you saw, if another one is to be refused.
    expected_version: Option<i64>,
    /// The partner for which you take it on; in your own name where absent and where your roles allow it.
    partner_id: Option<ID>,
    /// When you will be there, where that is settled; together with `endsAt`.
    starts_at: Option<DateTime>,
    /// Until when.
    ends_at: Option<DateTime>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which wish you give back, and why.
#[derive(Debug, InputObject)]
pub struct GiveWishBackInput {
    /// The wish.
    wish_id: ID,
    /// The version you saw, if another one is to be refused.
    expected_version: Option<i64>,
    /// Why, at most 180 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which wish you join, and what you do.
#[derive(Debug, InputObject)]
pub struct JoinWishInput {
    /// The wish.
    wish_id: ID,
    /// The version you saw, if another one is to be refused.
    expected_version: Option<i64>,
    /// What you do.
    #[graphql(default_with = "HandPart::Helper")]
    part: HandPart,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which wish you leave, and why.
#[derive(Debug, InputObject)]
pub struct LeaveWishInput {
    /// The wish.
    wish_id: ID,
    /// The version you saw, if another one is to be refused.
    expected_version: Option<i64>,
    /// Why, at most 180 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which wish is being carried out.
#[derive(Debug, InputObject)]
pub struct BeginWishInput {
    /// The wish.
    wish_id: ID,
    /// The version you saw, if another one is to be refused.
    expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// How long somebody served.
#[derive(Debug, InputObject)]
pub struct WishHandMinutesInput {
    /// The hand.
    hand_id: ID,
    /// How long, in minutes, at most a day; 0 where they did not come.
    minutes: i32,
}

/// That a wish was fulfilled.
#[derive(Debug, InputObject)]
pub struct FulfilWishInput {
    /// The wish.
    wish_id: ID,
    /// The version you saw, if another one is to be refused.
    expected_version: Option<i64>,
    /// The household's one-time code; a picture, sent to `POST /attachments?wishId=…`, proves it where absent.
    code: Option<String>,
    /// When it was done, by your clock; now where absent.
    fulfilled_at: Option<DateTime>,
    /// How long everybody served who had joined, each named once.
    #[graphql(default)]
    minutes: Vec<WishHandMinutesInput>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// A hand whose minutes are to count.
#[derive(Debug, InputObject)]
pub struct VerifyWishHandInput {
    /// The hand.
    hand_id: ID,
    /// The minutes that count; those that were said where absent.
    minutes: Option<i32>,
}

/// Whose minutes are to count.
#[derive(Debug, InputObject)]
pub struct VerifyWishHandsInput {
    /// The hands, 1 to 100.
    hands: Vec<VerifyWishHandInput>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

payloads! { TakeWishPayload GiveWishBackPayload JoinWishPayload LeaveWishPayload BeginWishPayload FulfilWishPayload }

/// What came of one hand.
#[derive(Debug, SimpleObject)]
pub struct WishHandResult {
    /// The hand.
    hand_id: ID,
    /// Why it was refused; empty when its minutes count.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct VerifyWishHandsPayload {
    /// One for each, in the order of the input; absent where all were refused as a whole.
    results: Option<Vec<WishHandResult>>,
    /// Why all were refused as a whole; empty when they were not.
    user_errors: Vec<UserError>,
}

/// Mutations of wishes by those who carry them out.
#[derive(Debug, Default)]
pub struct WishHandMutations;

#[Object]
impl WishHandMutations {
    /// Takes an open wish on whole. Needs `WISH_HELP` where it is; a partner's people where the community opened a
    /// place to it.
    async fn take_wish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which wish.")] input: TakeWishInput,
    ) -> async_graphql::Result<TakeWishPayload> {
        let result = async {
            let partner = input.partner_id.as_ref();
            let partner = partner.map(|id| Id::<ids::Partner>::parse(id, "partnerId"));
            let span = match (input.starts_at, input.ends_at) {
                (Some(from), Some(until)) => Some((from.0, until.0)),
                (None, None) => None,
                (None, _) => return Err(Error::refused(Code::Required).on("startsAt")),
                (_, None) => return Err(Error::refused(Code::Required).on("endsAt")),
            };
            let taking = Taking {
                partner: partner.transpose()?.map(Id::uuid),
                span,
            };
            take::take(cx(ctx), call!(input), taking).await
        };
        TakeWishPayload::of(ctx, result.await).await
    }

    /// Gives a wish back that was taken on whole. By its doer, or the people of the partner that took it on.
    async fn give_wish_back(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which wish, and why.")] input: GiveWishBackInput,
    ) -> async_graphql::Result<GiveWishBackPayload> {
        let result = async {
            let reason = text(&input.reason, REASON, "reason")?;
            leave::give_back(cx(ctx), call!(input), reason).await
        };
        GiveWishBackPayload::of(ctx, result.await).await
    }

    /// Joins a wish that is booked for sure or taken on, as its doer or as a helper. Needs `WISH_HELP` where it is.
    async fn join_wish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which wish, and as what.")] input: JoinWishInput,
    ) -> async_graphql::Result<JoinWishPayload> {
        let result = async { join::join(cx(ctx), call!(input), input.part.into()).await };
        JoinWishPayload::of(ctx, result.await).await
    }

    /// Leaves a wish that you joined, before it is fulfilled. Needs to have joined it.
    async fn leave_wish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which wish, and why.")] input: LeaveWishInput,
    ) -> async_graphql::Result<LeaveWishPayload> {
        let result = async {
            let reason = text(&input.reason, REASON, "reason")?;
            leave::leave(cx(ctx), call!(input), reason).await
        };
        LeaveWishPayload::of(ctx, result.await).await
    }

    /// Says that a wish is being carried out. By its doer or its partner's people.
    async fn begin_wish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which wish.")] input: BeginWishInput,
    ) -> async_graphql::Result<BeginWishPayload> {
        let result = async { fulfil::begin(cx(ctx), call!(input)).await };
        BeginWishPayload::of(ctx, result.await).await
    }

    /// Says that a wish is fulfilled, with what proves it and how long everybody served. By its doer or its partner's
    /// people.
    async fn fulfil_wish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was done.")] input: FulfilWishInput,
    ) -> async_graphql::Result<FulfilWishPayload> {
        let result = async {
            let minutes = input.minutes.iter();
            let minutes = minutes.map(|one| {
                let hand = Id::<ids::WishHand>::parse(&one.hand_id, "minutes")?;
                Ok((hand.uuid(), one.minutes))
            });
            let done = Fulfilment {
                code: optional_text(input.code.as_deref(), CODE, "code")?,
                at: input.fulfilled_at.map(|at| at.0),
                minutes: minutes.collect::<Result<_>>()?,
            };
            fulfil::fulfil(cx(ctx), call!(input), done).await
        };
        FulfilWishPayload::of(ctx, result.await).await
    }

    /// Lets the minutes of up to a hundred hands count in their service records, after the household had its word.
    /// Needs `WISH_VERIFY` where each is; nobody verifies their own.
    async fn verify_wish_hands(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose minutes.")] input: VerifyWishHandsInput,
    ) -> async_graphql::Result<VerifyWishHandsPayload> {
        // An id that names nothing is refused by itself, as one that nobody may see.
        let hands = input.hands.iter().map(|one| Verification {
            hand: Id::<ids::WishHand>::parse(&one.hand_id, "handId")
                .map_or(uuid::Uuid::nil(), Id::uuid),
            minutes: one.minutes,
        });
        let key = input.idempotency_key.map(|key| key.0);
        let result = verify::verify(cx(ctx), hands.collect(), key).await;
        let (outcome, user_errors) = settle(ctx, result)?;
        let results = outcome.map(|outcome| {
            let all = input.hands.into_iter().zip(outcome.codes);
            all.map(|(one, code)| WishHandResult {
                hand_id: one.hand_id,
                user_errors: code
                    .into_iter()
                    .map(|code| part_refused(ctx, code))
                    .collect(),
            })
            .collect()
        });
        Ok(VerifyWishHandsPayload {
            results,
            user_errors,
        })
    }
}
