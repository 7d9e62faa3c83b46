//! Volunteers and their service as phones see them.

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};
use entity::{service_correction, volunteer_award, volunteer_training};

use super::hands::Hand;
use super::rules;
use super::service::{Entry, SeenVolunteer, ServiceRecord};
use crate::access::protected::Protected;
use crate::access::sealed::Field;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::protected::{ProtectedDate, ProtectedString, opened};
use crate::residents::graphql::Gender;
use crate::scalars::{Date, DateTime};
use crate::schema::{AtEdge as _, cx};
use crate::visits::graphql::VisitKind;
use crate::wishes::graphql::{HandPart, ServiceCategory};

/// Kind of identity document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::IdKind")]
pub enum IdKind {
    /// Resident identity card 居民身份证.
    IdentityCard,
    /// Travel permit of residents of Hong Kong and Macao 港澳居民来往内地通行证.
    HongKongMacaoPermit,
    /// Travel permit of residents of Taiwan 台湾居民来往大陆通行证.
    TaiwanPermit,
    /// Passport 护照.
    Passport,
    /// Another document.
    Other,
}

/// What others say of a volunteer's service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::AwardKind")]
pub enum AwardKind {
    /// Award 表彰奖励.
    Award,
    /// Evaluation 评价, e.g. of a year.
    Evaluation,
}

/// What is known of somebody who serves. Your own, or with `VOLUNTEER_READ` where they serve.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct VolunteerProfile {
    /// The opaque id of the account.
    account_id: ID,
    /// The name.
    name: String,
    /// The number in the national system of volunteers.
    volunteer_number: Option<String>,
    /// The gender.
    gender: Option<Gender>,
    /// The kind of identity document.
    id_kind: Option<IdKind>,
    /// Insurer and policy.
    insurance_policy: Option<String>,
    /// The last day on which the insurance covers.
    insurance_until_on: Option<Date>,
    /// The day on which they became a volunteer.
    joined_on: Option<Date>,
    /// What they can do.
    skills: Option<String>,
    /// Trainings, the newest first; those annulled stay, marked so.
    trainings: Vec<VolunteerTraining>,
    /// Awards and evaluations, the newest first; those annulled stay, marked so.
    awards: Vec<VolunteerAward>,
    /// Raised by one on every change; 0 until the first.
    version: i64,
    #[graphql(skip)]
    seen: SeenVolunteer,
}

impl VolunteerProfile {
    /// Shows a profile to the reader it was read for.
    #[must_use]
    pub fn new(seen: SeenVolunteer) -> Self {
        let profile = seen.profile.as_ref();
        Self {
            account_id: Id::<ids::Account>::new(seen.id).to_string().into(),
            name: seen.name.clone(),
            volunteer_number: profile.and_then(|row| row.volunteer_number.clone()),
            gender: profile.map(|row| row.gender.into()),
            id_kind: profile.and_then(|row| row.id_kind).map(Into::into),
            insurance_policy: profile.and_then(|row| row.insurance_policy.clone()),
            insurance_until_on: profile.and_then(|row| row.insurance_until_on).map(Date),
            joined_on: profile.and_then(|row| row.joined_on).map(Date),
            skills: profile.and_then(|row| row.skills.clone()),
            trainings: seen.trainings.iter().map(VolunteerTraining::new).collect(),
            awards: seen.awards.iter().map(VolunteerAward::new).collect(),
            version: profile.map_or(0, |row| row.version),
            seen,
        }
    }

    /// Notes that a value of somebody else's profile was read; one's own is no look at another's data.
    fn shown<T, G: From<Protected<T>>>(&self, ctx: &Context<'_>, value: Protected<T>) -> G {
        if self.seen.mine {
            value.into()
        } else {
            opened(ctx, "VolunteerProfile", self.seen.id, value)
        }
    }

    fn text(
        &self,
        ctx: &Context<'_>,
        value: Result<Protected<String>>,
    ) -> async_graphql::Result<ProtectedString> {
        value.map(|value| self.shown(ctx, value)).at_edge(ctx)
    }
}

#[ComplexObject]
impl VolunteerProfile {
    /// The birth date. Your own, or with `VOLUNTEER_READ` where they serve.
    async fn born_on(&self, ctx: &Context<'_>) -> ProtectedDate {
        let born_on = self.seen.profile.as_ref().and_then(|row| row.born_on);
        self.shown(ctx, Protected::Full(born_on.map(Date)))
    }

    /// The document's number. Your own, or with `VOLUNTEER_READ` where they serve.
    async fn id_number(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        let keys = &cx(ctx).app.keys;
        let value = self
            .seen
            .sealed(keys, Field::IdNumber, |row| row.id_number_sealed.as_ref());
        Some(self.text(ctx, value))
    }

    /// The address. Your own, or with `VOLUNTEER_READ` where they serve.
    async fn address(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        let keys = &cx(ctx).app.keys;
        let value = self
            .seen
            .sealed(keys, Field::Address, |row| row.address_sealed.as_ref());
        Some(self.text(ctx, value))
    }

    /// Whom to call in an emergency. Your own, or with `VOLUNTEER_READ` where they serve.
    async fn emergency_name(&self, ctx: &Context<'_>) -> ProtectedString {
        let profile = self.seen.profile.as_ref();
        let name = profile.and_then(|row| row.emergency_name.clone());
        self.shown(ctx, Protected::Full(name))
    }

    /// Their phone number. Your own, or with `VOLUNTEER_READ` where they serve.
    async fn emergency_phone(
        &self,
        ctx: &Context<'_>,
    ) -> Option<async_graphql::Result<ProtectedString>> {
        let keys = &cx(ctx).app.keys;
        let value = self.seen.sealed(keys, Field::Phone, |row| {
            row.emergency_phone_sealed.as_ref()
        });
        Some(self.text(ctx, value))
    }
}

/// What a volunteer has learnt.
#[derive(Clone, Debug, SimpleObject)]
pub struct VolunteerTraining {
    /// The opaque id.
    id: ID,
    /// What it was about.
    training: String,
    /// How long it took, in minutes.
    minutes: i32,
    /// The day on which it was completed.
    completed_on: Date,
    /// The last day on which it counts; absent where it does not lapse.
    valid_until_on: Option<Date>,
    /// Who gave it.
    issuer: Option<String>,
    /// When it was annulled as a mistake; absent while it stands.
    annulled_at: Option<DateTime>,
    /// Why.
    annul_reason: Option<String>,
}

impl VolunteerTraining {
    fn new(row: &volunteer_training::Model) -> Self {
        Self {
            id: Id::<ids::VolunteerTraining>::new(row.id).to_string().into(),
            training: row.training.clone(),
            minutes: row.minutes,
            completed_on: Date(row.completed_on),
            valid_until_on: row.valid_until_on.map(Date),
            issuer: row.issuer.clone(),
            annulled_at: row.annulled_at.map(DateTime),
            annul_reason: row.annul_reason.clone(),
        }
    }
}

/// What others said of a volunteer's service.
#[derive(Clone, Debug, SimpleObject)]
pub struct VolunteerAward {
    /// The opaque id.
    id: ID,
    /// An award or an evaluation.
    kind: AwardKind,
    /// What it says.
    title: String,
    /// The day on which it was given.
    awarded_on: Date,
    /// Who gave it.
    issuer: Option<String>,
    /// When it was annulled as a mistake; absent while it stands.
    annulled_at: Option<DateTime>,
    /// Why.
    annul_reason: Option<String>,
}

impl VolunteerAward {
    fn new(row: &volunteer_award::Model) -> Self {
        Self {
            id: Id::<ids::VolunteerAward>::new(row.id).to_string().into(),
            kind: row.kind.into(),
            title: row.title.clone(),
            awarded_on: Date(row.awarded_on),
            issuer: row.issuer.clone(),
            annulled_at: row.annulled_at.map(DateTime),
            annul_reason: row.annul_reason.clone(),
        }
    }
}

/// A volunteer's service between two days, from verified visits and verified hands only.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "ServiceRecord")]
pub struct Service {
    /// The opaque id of the account.
    account_id: ID,
    /// The first day.
    from_on: Date,
    /// The first day after.
    to_on: Date,
    /// Minutes of these days, corrections included.
    minutes: i64,
    /// The same in hours with one digit, cut off.
    hours: String,
    /// Minutes of all days, corrections included.
    minutes_ever: i64,
    /// The same in hours with one digit, cut off.
    hours_ever: String,
    /// Visits of these days, in order of time.
    entries: Vec<ServiceEntry>,
    /// Wishes for which a hand was lent on these days, in order of time.
    wishes: Vec<WishService>,
    /// Corrections that count to these days, in order.
    corrections: Vec<ServiceCorrection>,
}

impl From<ServiceRecord> for Service {
    fn from(record: ServiceRecord) -> Self {
        Self {
            account_id: Id::<ids::Account>::new(record.id).to_string().into(),
            from_on: Date(record.days.from),
            to_on: Date(record.days.to),
            minutes: record.minutes,
            hours: rules::hours(record.minutes),
            minutes_ever: record.minutes_ever,
            hours_ever: rules::hours(record.minutes_ever),
            entries: record.entries.iter().map(ServiceEntry::new).collect(),
            wishes: record.hands.iter().map(WishService::new).collect(),
            corrections: record
                .corrections
                .iter()
                .map(ServiceCorrection::new)
                .collect(),
        }
    }
}

/// A verified visit in a service record.
#[derive(Clone, Debug, SimpleObject)]
pub struct ServiceEntry {
    /// The task; it opens where you may see it.
    visit_task_id: ID,
    /// The day to which it counts.
    on: Date,
    /// What kind of visit.
    kind: VisitKind,
    /// Minutes that count.
    minutes: i64,
    /// Minutes of it that another visit at the same time counts.
    overlapping_minutes: i64,
}

impl ServiceEntry {
    fn new(entry: &Entry) -> Self {
        Self {
            visit_task_id: Id::<ids::VisitTask>::new(entry.task).to_string().into(),
            on: Date(entry.on),
            kind: entry.kind.into(),
            minutes: entry.counted.minutes,
            overlapping_minutes: entry.counted.overlapping,
        }
    }
}

/// A wish for which a hand was lent, in a service record.
#[derive(Clone, Debug, SimpleObject)]
pub struct WishService {
    /// The wish; it opens where you may see it.
    wish_id: ID,
    /// The day to which it counts.
    on: Date,
    /// What kind of service.
    category: ServiceCategory,
    /// What the volunteer did.
    part: HandPart,
    /// Minutes that were verified.
    minutes: i32,
}

impl WishService {
    fn new(hand: &Hand) -> Self {
        Self {
            wish_id: Id::<ids::Wish>::new(hand.wish_id).to_string().into(),
            on: Date(hand.on()),
            category: hand.category.into(),
            part: hand.part.into(),
            minutes: hand.minutes,
        }
    }
}

/// A counter-entry in a service record.
#[derive(Clone, Debug, SimpleObject)]
pub struct ServiceCorrection {
    /// The opaque id.
    id: ID,
    /// Minutes added; negative where they were taken away.
    minutes: i32,
    /// The day to which they count.
    counts_on: Date,
    /// Why.
    reason: String,
    /// The opaque id of the account that wrote it down.
    recorded_by_id: ID,
    /// When it was written down.
    created_at: DateTime,
}

impl ServiceCorrection {
    fn new(row: &service_correction::Model) -> Self {
        Self {
            id: Id::<ids::ServiceCorrection>::new(row.id).to_string().into(),
            minutes: row.minutes,
            counts_on: Date(row.counts_on),
            reason: row.reason.clone(),
            recorded_by_id: Id::<ids::Account>::new(row.recorded_by).to_string().into(),
            created_at: DateTime(row.created_at),
        }
    }
}
