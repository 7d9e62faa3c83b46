//! Offers as phones see them.

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};
use uuid::Uuid;

use super::reads::{Seen, phone};
use crate::access::protected::Protected;
use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::protected::{ProtectedString, opened};
use crate::residents::graphql::{CareTier, Circumstance};
use crate::scalars::{Date, DateTime};

/// What kind of service: of an offer, and of what a wish asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::ServiceCategory")]
pub enum ServiceCategory {
    /// Cleaning of appliances 家电清洗.
    ApplianceCleaning,
    /// Repairs 维修.
    Repair,
    /// Haircuts 理发.
    Haircut,
    /// Health, free clinics 健康义诊.
    Health,
    /// Shopping for people 代购.
    Shopping,
    /// Tutoring 助学.
    Tutoring,
    /// Legal advice 法律咨询.
    LegalAdvice,
    /// Anything else 其他.
    Other,
}

/// Where an offer or a package stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::OfferStatus")]
pub enum OfferStatus {
    /// Written down, seen by its partner and by staff 草稿.
    Draft,
    /// Can be booked 已发布.
    Published,
    /// Withdrawn 已下架.
    Ended,
}

/// An offer 服务项目: what a partner does for households. Needs `OFFER_READ`; drafts and withdrawn ones are seen by
/// who may write them.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct ServiceOffer {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change.
    version: i64,
    /// The partner whose it is.
    partner_id: ID,
    /// The partner's name.
    partner_name: String,
    /// What it is.
    title: String,
    /// Kind of service.
    category: ServiceCategory,
    /// What is included and what a household must know.
    conditions: Option<String>,
    /// Whom to ask about it.
    contact_name: Option<String>,
    /// Community price of one booking in fen; 0 is free.
    price_fen: i32,
    /// Somebody in the household must have reached this age, in years.
    min_age: Option<i32>,
    /// Somebody in the household must have one of these; none asks for nothing.
    circumstances: Vec<Circumstance>,
    /// Somebody in the household must be in one of these tiers; none asks for nothing.
    tiers: Vec<CareTier>,
    /// How long one booking takes, in minutes.
    minutes: i32,
    /// How many volunteers one booking can use as helpers.
    hands: i32,
    /// Whether the partner confirms each booking.
    needs_confirmation: bool,
    /// Whether a household has one live booking of it at most.
    is_single: bool,
    /// Until how long before the slot a household may cancel, in minutes.
    cutoff_minutes: i32,
    /// How long a place that became free is held for who waits, in minutes.
    confirm_minutes: i32,
    /// The first day on which slots may lie.
    valid_from_on: Date,
    /// The last day on which slots may lie.
    valid_until_on: Option<Date>,
    /// Where it stands in its life.
    status: OfferStatus,
    /// When it was published last.
    published_at: Option<DateTime>,
    /// Where it can be booked: in these areas, each with everything below.
    areas: Vec<Area>,
    #[graphql(skip)]
    row_id: Uuid,
    #[graphql(skip)]
    phone: Protected<String>,
}

#[ComplexObject]
impl ServiceOffer {
    /// The phone number to ask at, for who writes the offer (`OFFER_EDIT`) or books for households
    /// (`BOOKING_MAKE`).
    async fn contact_phone(&self, ctx: &Context<'_>) -> ProtectedString {
        opened(ctx, "ServiceOffer", self.row_id, self.phone.clone())
    }
}

impl ServiceOffer {
    /// Shows an offer.
    pub fn new(cx: &Cx, seen: Seen) -> Result<Self> {
        let phone = phone(cx, &seen.row)?;
        let Seen {
            row,
            partner,
            areas,
        } = seen;
        let tree = &cx.actor()?.tree;
        let areas = areas.into_iter();
        Ok(Self {
            id: Id::<ids::ServiceOffer>::new(row.id).to_string().into(),
            version: row.version,
            partner_id: Id::<ids::Partner>::new(row.partner_id).to_string().into(),
            partner_name: partner,
            title: row.title,
            category: row.category.into(),
            conditions: row.conditions,
            contact_name: row.contact_name,
            price_fen: row.price_fen,
            min_age: row.min_age,
            circumstances: row.circumstances.iter().map(Into::into).collect(),
            tiers: row.tiers.iter().map(Into::into).collect(),
            minutes: row.minutes,
            hands: row.hands,
            needs_confirmation: row.needs_confirmation,
            is_single: row.is_single,
            cutoff_minutes: row.cutoff_minutes,
            confirm_minutes: row.confirm_minutes,
            valid_from_on: Date(row.valid_from_on),
            valid_until_on: row.valid_until_on.map(Date),
            status: row.status.into(),
            published_at: row.published_at.map(DateTime),
            areas: areas.filter_map(|id| Area::from_tree(tree, id)).collect(),
            row_id: row.id,
            phone,
        })
    }
}
