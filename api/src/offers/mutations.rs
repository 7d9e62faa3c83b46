//! What can be done about offers.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::edit::{self, NewOffer, OfferEdit};
use super::graphql::{ServiceCategory, ServiceOffer};
use super::publish;
use super::queries::one;
use super::terms::Terms;
use crate::accounts::phone::Phone;
use crate::error::{Code, Error, Result};
use crate::ids::{self, Id};
use crate::inputs::{Edit, text, text_edit};
use crate::residents::graphql::{CareTier, Circumstance};
use crate::scalars::{Date, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::write::Outcome;

const TITLE: usize = 60;
const CONDITIONS: usize = 500;
const NAME: usize = 40;
const REASON: usize = 180;

/// An offer.
#[derive(Debug, InputObject)]
pub struct AddOfferInput {
    /// A UUIDv7 that your device chose for it, so that a repeat is the same offer.
    id: Option<Uuid>,
    /// The partner whose it is.
    partner_id: ID,
    /// What it is, at most 60 characters; no other offer of the partner is called so.
    title: String,
    /// Kind of service.
    category: ServiceCategory,
    /// Where it can be booked: 1 to 50 areas in those that are opened to the partner.
    area_ids: Vec<ID>,
    /// What is included and what a household must know, at most 500 characters.
    conditions: Option<String>,
    /// Whom to ask about it, at most 40 characters.
    contact_name: Option<String>,
    /// Their phone number.
    contact_phone: Option<String>,
    /// Community price of one booking in fen, at most 1,000,000; 0 is free.
    #[graphql(default = 0)]
    price_fen: i32,
    /// Somebody in the household must have reached this age, 1 to 120 years.
    min_age: Option<i32>,
    /// Somebody in the household must have one of these; `SPECIAL_FAMILY` cannot be asked for.
    #[graphql(default)]
    circumstances: Vec<Circumstance>,
    /// Somebody in the household must be in one of these tiers.
    #[graphql(default)]
    tiers: Vec<CareTier>,
    /// How long one booking takes, 1 to 1440 minutes.
    #[graphql(default = 60)]
    minutes: i32,
    /// How many volunteers one booking can use as helpers, at most 20.
    #[graphql(default = 0)]
    hands: i32,
    /// Whether the partner confirms each booking.
    #[graphql(default = false)]
    needs_confirmation: bool,
    /// Whether a household has one live booking of it at most.
    #[graphql(default = true)]
    is_single: bool,
    /// Until how long before the slot a household may cancel, at most 20,160 minutes (14 days).
    #[graphql(default = 720)]
    cutoff_minutes: i32,
    /// How long a place that became free is held for who waits, 10 to 4320 minutes (3 days).
    #[graphql(default = 240)]
    confirm_minutes: i32,
    /// The first day on which slots may lie; today where absent.
    valid_from_on: Option<Date>,
    /// The last day on which slots may lie.
    valid_until_on: Option<Date>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What becomes of an offer; what is left out stays as it is, null takes away what may be absent.
#[derive(Debug, InputObject)]
pub struct ChangeOfferInput {
    /// The offer.
    offer_id: ID,
    /// The version you saw.
    expected_version: i64,
    /// What it is, at most 60 characters; no other offer of the partner is called so.
    title: Option<String>,
    /// Kind of service.
    category: Option<ServiceCategory>,
    /// Where it can be booked, all of it: 1 to 50 areas in those that are opened to the partner.
    area_ids: Option<Vec<ID>>,
    /// What is included and what a household must know, at most 500 characters.
    conditions: MaybeUndefined<String>,
    /// Whom to ask about it, at most 40 characters.
    contact_name: MaybeUndefined<String>,
    /// Their phone number.
    contact_phone: MaybeUndefined<String>,
    /// Community price of one booking in fen, at most 1,000,000; 0 is free.
    price_fen: Option<i32>,
    /// Somebody in the household must have reached this age, 1 to 120 years.
    min_age: MaybeUndefined<i32>,
    /// Somebody in the household must have one of these; `SPECIAL_FAMILY` cannot be asked for.
    circumstances: Option<Vec<Circumstance>>,
    /// Somebody in the household must be in one of these tiers.
    tiers: Option<Vec<CareTier>>,
    /// How long one booking takes, 1 to 1440 minutes.
    minutes: Option<i32>,
    /// How many volunteers one booking can use as helpers, at most 20.
    hands: Option<i32>,
    /// Whether the partner confirms each booking.
    needs_confirmation: Option<bool>,
    /// Whether a household has one live booking of it at most.
    is_single: Option<bool>,
    /// Until how long before the slot a household may cancel, at most 20,160 minutes (14 days).
    cutoff_minutes: Option<i32>,
    /// How long a place that became free is held for who waits, 10 to 4320 minutes (3 days).
    confirm_minutes: Option<i32>,
    /// The first day on which slots may lie.
    valid_from_on: Option<Date>,
    /// The last day on which slots may lie.
    valid_until_on: MaybeUndefined<Date>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What is published.
#[derive(Debug, InputObject)]
pub struct PublishOfferInput {
    /// The offer.
    offer_id: ID,
    /// The version you saw: nothing is published that was changed since.
    expected_version: i64,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What is withdrawn.
#[derive(Debug, InputObject)]
pub struct WithdrawOfferInput {
    /// The offer.
    offer_id: ID,
    /// Why, at most 180 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct AddOfferPayload {
    /// The offer; absent where it was refused.
    offer: Option<ServiceOffer>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct ChangeOfferPayload {
    /// The offer; the current one at a version conflict, absent where it was refused otherwise.
    offer: Option<ServiceOffer>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct PublishOfferPayload {
    /// The offer; the current one at a version conflict, absent where it was refused otherwise.
    offer: Option<ServiceOffer>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct WithdrawOfferPayload {
    /// The offer; absent where it was refused.
    offer: Option<ServiceOffer>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of offers.
#[derive(Debug, Default)]
pub struct OfferMutations;

#[Object]
impl OfferMutations {
    /// Writes an offer down, as a draft. Needs `OFFER_EDIT` of its partner.
    async fn add_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is offered, by whom and where.")] input: AddOfferInput,
    ) -> async_graphql::Result<AddOfferPayload> {
        let key = input.idempotency_key.map(|key| key.0);
        let result = async { edit::add(cx(ctx), new(input)?, key).await };
        let (offer, user_errors) = settled(ctx, result.await).await?;
        Ok(AddOfferPayload { offer, user_errors })
    }

    /// Changes an offer. Needs `OFFER_EDIT` of its partner; where it is published, `OFFER_PUBLISH`.
    async fn change_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it says instead.")] input: ChangeOfferInput,
    ) -> async_graphql::Result<ChangeOfferPayload> {
        let key = input.idempotency_key.map(|key| key.0);
        let result = async { edit::change(cx(ctx), changed(input)?, key).await };
        let (offer, user_errors) = settled(ctx, result.await).await?;
        Ok(ChangeOfferPayload { offer, user_errors })
    }

    /// Publishes an offer as you saw it: it can be booked from then on. Needs `OFFER_PUBLISH` at its partner's
    /// area.
    async fn publish_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: PublishOfferInput,
    ) -> async_graphql::Result<PublishOfferPayload> {
        let result = async {
            let offer = (offer_id(&input.offer_id)?, input.expected_version);
            publish::publish(cx(ctx), offer, input.idempotency_key.map(|key| key.0)).await
        };
        let (offer, user_errors) = settled(ctx, result.await).await?;
        Ok(PublishOfferPayload { offer, user_errors })
    }

    /// Withdraws an offer: nobody books it any more, and what was booked stays. Needs `OFFER_PUBLISH` at its
    /// partner's area.
    async fn withdraw_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: WithdrawOfferInput,
    ) -> async_graphql::Result<WithdrawOfferPayload> {
        let result = async {
            let offer = offer_id(&input.offer_id)?;
            let reason = text(&input.reason, REASON, "reason")?;
            let key = input.idempotency_key.map(|key| key.0);
            publish::withdraw(cx(ctx), offer, reason, key).await
        };
        let (offer, user_errors) = settled(ctx, result.await).await?;
        Ok(WithdrawOfferPayload { offer, user_errors })
    }
}

fn new(input: AddOfferInput) -> Result<NewOffer> {
    let terms = Terms {
        title: Some(text(&input.title, TITLE, "title")?),
        category: Some(input.category.into()),
        conditions: text_edit(given(input.conditions), CONDITIONS, "conditions")?,
        contact_name: text_edit(given(input.contact_name), NAME, "contactName")?,
        contact_phone: phone(given(input.contact_phone))?,
        price_fen: Some(input.price_fen),
        min_age: given(input.min_age).into(),
        circumstances: Some(input.circumstances.into_iter().map(Into::into).collect()),
        tiers: Some(input.tiers.into_iter().map(Into::into).collect()),
        minutes: Some(input.minutes),
        hands: Some(input.hands),
        needs_confirmation: Some(input.needs_confirmation),
        is_single: Some(input.is_single),
        cutoff_minutes: Some(input.cutoff_minutes),
        confirm_minutes: Some(input.confirm_minutes),
        valid_from_on: input.valid_from_on.map(|day| day.0),
        valid_until_on: Edit::from(given(input.valid_until_on)).map(|day| day.0),
    };
    Ok(NewOffer {
        id: input.id.map(|id| id.0),
        partner: Id::<ids::Partner>::parse(&input.partner_id, "partnerId")?.uuid(),
        terms,
        areas: area_ids(&input.area_ids)?,
    })
}

fn changed(input: ChangeOfferInput) -> Result<OfferEdit> {
    let title = input.title.as_deref();
    let circumstances = input
        .circumstances
        .map(|all| all.into_iter().map(Into::into));
    let tiers = input.tiers.map(|all| all.into_iter().map(Into::into));
    let terms = Terms {
        title: title.map(|title| text(title, TITLE, "title")).transpose()?,
        category: input.category.map(Into::into),
        conditions: text_edit(input.conditions, CONDITIONS, "conditions")?,
        contact_name: text_edit(input.contact_name, NAME, "contactName")?,
        contact_phone: phone(input.contact_phone)?,
        price_fen: input.price_fen,
        min_age: input.min_age.into(),
        circumstances: circumstances.map(Iterator::collect),
        tiers: tiers.map(Iterator::collect),
        minutes: input.minutes,
        hands: input.hands,
        needs_confirmation: input.needs_confirmation,
        is_single: input.is_single,
        cutoff_minutes: input.cutoff_minutes,
        confirm_minutes: input.confirm_minutes,
        valid_from_on: input.valid_from_on.map(|day| day.0),
        valid_until_on: Edit::from(input.valid_until_on).map(|day| day.0),
    };
    let areas = input.area_ids.as_deref();
    Ok(OfferEdit {
        offer: offer_id(&input.offer_id)?,
        expected_version: input.expected_version,
        terms,
        areas: areas.map(area_ids).transpose()?,
    })
}

/// A value of something new, whose absence clears it.
fn given<T>(value: Option<T>) -> MaybeUndefined<T> {
    value.map_or(MaybeUndefined::Null, MaybeUndefined::Value)
}

fn phone(value: MaybeUndefined<String>) -> Result<Edit<String>> {
    match text_edit(value, NAME, "contactPhone")? {
        Edit::Set(phone) => {
            let phone = Phone::any(&phone);
            let phone =
                phone.ok_or_else(|| Error::refused(Code::PhoneInvalid).on("contactPhone"))?;
            Ok(Edit::Set(phone.as_str().to_owned()))
        }
        other => Ok(other),
    }
}

fn area_ids(ids: &[ID]) -> Result<Vec<uuid::Uuid>> {
    let areas = ids.iter().map(|id| Id::<ids::Area>::parse(id, "areaIds"));
    let mut areas: Vec<uuid::Uuid> = areas.map(|id| id.map(Id::uuid)).collect::<Result<_>>()?;
    areas.sort_unstable();
    areas.dedup();
    Ok(areas)
}

pub(super) fn offer_id(id: &ID) -> Result<uuid::Uuid> {
    Id::<ids::ServiceOffer>::parse(id, "offerId").map(Id::uuid)
}

/// The offer as it is now, with why it was refused.
async fn settled(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<ServiceOffer>, Vec<UserError>)> {
    let (id, user_errors) = settle_on(ctx, result)?;
    let offer = match id {
        Some(id) => one(cx(ctx), id).await.at_edge(ctx)?,
        None => None,
    };
    Ok((offer, user_errors))
}
