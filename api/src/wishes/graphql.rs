//! Wishes as phones see them.

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};

pub use super::bookings::graphql::AskedHow;
use super::load::{SeenHand, SeenWish, SeenWord};
use crate::access::protected::View;
use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::households::graphql::Household;
use crate::ids::{self, Id};
pub use crate::offers::graphql::ServiceCategory;
use crate::protected::{ProtectedString, opened};
use crate::scalars::{Date, DateTime};
use crate::schema::{AtEdge as _, cx};

/// Where a wish 微心愿 stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::WishStatus")]
pub enum WishStatus {
    /// Nobody has taken it on 待认领.
    Open,
    /// A slot is booked for it, or somebody has taken it on 已预约.
    Booked,
    /// It is being carried out 进行中.
    InProgress,
    /// Done and proved; the household has the word 已完成待评价.
    Fulfilled,
    /// The household has agreed, or was silent 已办结.
    Closed,
    /// The household does not want it any more 已撤回.
    Withdrawn,
    /// Its last day passed while nobody had taken it on 已过期.
    Expired,
}

/// How urgent a wish is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::WishUrgency")]
pub enum WishUrgency {
    /// It can wait.
    Low,
    /// As usual.
    Normal,
    /// Soon.
    Urgent,
}

/// What proves that a wish was fulfilled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::WishProof")]
pub enum WishProof {
    /// The household's one-time code.
    Code,
    /// A picture.
    Photo,
}

/// What a household says of a fulfilled wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::WishWordKind")]
pub enum WishWordKind {
    /// It is content 满意.
    Agreed,
    /// It is not; the wish is opened again 投诉.
    Complaint,
}

/// What somebody does for a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::HandPart")]
pub enum HandPart {
    /// Does it 承办.
    Doer,
    /// Helps who does it 协助.
    Helper,
}

/// Where it stands with somebody who lends a hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::HandStatus")]
pub enum HandStatus {
    /// They are to come 已报名.
    Joined,
    /// They have left 已退出.
    Left,
    /// Their minutes wait for verification 待核实.
    Served,
    /// Their minutes count 已核实.
    Verified,
}

/// Somebody who lends a hand for a wish.
#[derive(Clone, Debug, SimpleObject)]
pub struct WishHand {
    /// The opaque id.
    id: ID,
    /// Whose account it is.
    account_id: ID,
    /// Their name.
    name: String,
    /// The partner they act for, if they do.
    partner_id: Option<ID>,
    /// What they do.
    part: HandPart,
    /// Where it stands.
    status: HandStatus,
    /// When they are expected.
    starts_at: Option<DateTime>,
    /// Until when.
    ends_at: Option<DateTime>,
    /// How long they served, in minutes.
    minutes: Option<i32>,
    /// When the minutes were verified.
    verified_at: Option<DateTime>,
}

impl From<&SeenHand> for WishHand {
    fn from(seen: &SeenHand) -> Self {
        let row = &seen.row;
        Self {
            id: Id::<ids::WishHand>::new(row.id).to_string().into(),
            account_id: Id::<ids::Account>::new(row.account_id).to_string().into(),
            name: seen.name.clone(),
            partner_id: partner(row.partner_id),
            part: row.part.into(),
            status: row.status.into(),
            starts_at: row.starts_at.map(DateTime),
            ends_at: row.ends_at.map(DateTime),
            minutes: row.minutes,
            verified_at: row.verified_at.map(DateTime),
        }
    }
}

fn partner(id: Option<uuid::Uuid>) -> Option<ID> {
    id.map(|id| Id::<ids::Partner>::new(id).to_string().into())
}

/// What a household said of a fulfilled wish, to staff.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct WishWord {
    /// What it said.
    kind: WishWordKind,
    /// 1 to 5, where it gave one.
    rating: Option<i32>,
    /// How it was said.
    how: AskedHow,
    /// The name of who entered it.
    entered_by: String,
    /// When.
    entered_at: DateTime,
    #[graphql(skip)]
    seen: SeenWord,
    #[graphql(skip)]
    view: View,
}

impl WishWord {
    fn new(seen: SeenWord, view: View) -> Self {
        Self {
            kind: seen.row.kind.into(),
            rating: seen.row.rating,
            how: seen.row.how.into(),
            entered_by: seen.name.clone(),
            entered_at: DateTime(seen.row.created_at),
            seen,
            view,
        }
    }
}

#[ComplexObject]
impl WishWord {
    /// In its words. Needs `RESIDENT_READ`.
    async fn words(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        let row = &self.seen.row;
        let words = self
            .view
            .visit_notes(&cx(ctx).app.keys, row.words_sealed.as_deref());
        let words = words.at_edge(ctx);
        Some(words.map(|words| opened(ctx, "Wish", row.wish_id, words)))
    }
}

/// Something small that a household asks for 微心愿.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Wish {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change.
    version: i64,
    /// What kind of service it asks for.
    category: ServiceCategory,
    /// What is wished for; nothing in it tells who asks.
    words: String,
    /// How urgent it is.
    urgency: WishUrgency,
    /// Where it stands in its life.
    status: WishStatus,
    /// How the household said it.
    how: AskedHow,
    /// The building of the household.
    area: Option<Area>,
    /// The last day on which it makes sense.
    expires_on: Option<Date>,
    /// How many helpers it can use by itself; an offer that is booked for it may use more.
    helpers_wanted: i32,
    /// The offer it is matched to or booked by.
    offer_id: Option<ID>,
    /// The partner that carries it out.
    partner_id: Option<ID>,
    /// When it is to be carried out.
    starts_at: Option<DateTime>,
    /// Until when.
    ends_at: Option<DateTime>,
    /// When it was begun.
    begun_at: Option<DateTime>,
    /// When it was done, by the clock of who did it.
    fulfilled_at: Option<DateTime>,
    /// What proves it.
    proof: Option<WishProof>,
    /// When silence agrees, unless the household has its say.
    agrees_at: Option<DateTime>,
    /// Whether silence closed it.
    is_silent: bool,
    /// What the household gave, 1 to 5.
    rating: Option<i32>,
    /// When it was closed.
    closed_at: Option<DateTime>,
    /// How often the household complained.
    complaints: i32,
    /// Whether you lend a hand.
    is_mine: bool,
    /// When it was written down.
    created_at: DateTime,
    #[graphql(skip)]
    seen: SeenWish,
}

impl Wish {
    /// Shows a wish to the reader it was read for.
    #[must_use]
    pub fn new(cx: &Cx, seen: SeenWish) -> Self {
        let row = &seen.row;
        let offer = row.offer_id.map(Id::<ids::ServiceOffer>::new);
        Self {
            id: Id::<ids::Wish>::new(row.id).to_string().into(),
            version: row.version,
            category: row.category.into(),
            words: row.words.clone(),
            urgency: row.urgency.into(),
            status: row.status.into(),
            how: row.how.into(),
            area: Area::from_tree(&cx.app.sessions.tree(), row.area_id),
            expires_on: row.expires_on.map(Date),
            helpers_wanted: row.hands,
            offer_id: offer.map(|id| id.to_string().into()),
            partner_id: partner(row.partner_id),
            starts_at: row.starts_at.map(DateTime),
            ends_at: row.ends_at.map(DateTime),
            begun_at: row.begun_at.map(DateTime),
            fulfilled_at: row.fulfilled_at.map(DateTime),
            proof: row.proof.map(Into::into),
            agrees_at: row.agrees_at.map(DateTime),
            is_silent: row.is_silent,
            rating: row.rating,
            closed_at: row.closed_at.map(DateTime),
            complaints: row.complaints,
            is_mine: seen.lends,
            created_at: DateTime(row.created_at),
            seen,
        }
    }
}

#[ComplexObject]
impl Wish {
    /// What else whoever goes there must know. Needs `RESIDENT_READ`, or to be who is to come for sure.
    async fn notes(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        let row = &self.seen.row;
        let notes = self
            .seen
            .view
            .visit_notes(&cx(ctx).app.keys, row.notes_sealed.as_deref());
        let notes = notes.at_edge(ctx);
        Some(notes.map(|notes| opened(ctx, "Wish", row.id, notes)))
    }

    /// The household that asks: masked but to staff and to who is to come for sure, from then until it is done.
    async fn household(&self, ctx: &Context<'_>) -> Option<Household> {
        let home = self.seen.household.clone()?;
        Some(Household::new(cx(ctx), home))
    }

    /// Who of the household asks. Needs `RESIDENT_READ`, or to be who is to come for sure.
    async fn on_behalf_of_id(&self) -> Option<ID> {
        let told = matches!(self.seen.view, View::Staff { .. } | View::Claimant);
        let person = self.seen.row.resident_id.filter(|_| told)?;
        Some(Id::<ids::Resident>::new(person).to_string().into())
    }

    /// Why it was withdrawn. Needs `RESIDENT_READ`.
    async fn end_reason(&self) -> Option<String> {
        let reason = self.seen.row.end_reason.clone()?;
        self.seen.view.is_staff().then_some(reason)
    }

    /// Who lends a hand: to staff, to who lends one, and to the people of the partner that carries it out.
    async fn hands(&self) -> Vec<WishHand> {
        self.seen.hands.iter().map(Into::into).collect()
    }

    /// What the household said of it, in order. Needs `RESIDENT_READ`.
    async fn household_words(&self) -> Vec<WishWord> {
        let words = self.seen.words.iter().cloned();
        words
            .map(|word| WishWord::new(word, self.seen.view))
            .collect()
    }
}
