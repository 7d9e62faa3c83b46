//! Residents as phones see them.

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};
use entity::emergency_contact;

use super::enrolments::graphql::CareEnrolment;
use super::rules;
use super::service::SeenResident;
use crate::access::protected::View;
use crate::clock::SHANGHAI;
use crate::households::graphql::Household;
use crate::ids::{self, Id};
use crate::protected::{
    ProtectedCareTier, ProtectedCircumstances, ProtectedDate, ProtectedString, opened,
};
use crate::scalars::Date;
use crate::schema::{AtEdge as _, cx};

/// Gender as registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::Gender")]
pub enum Gender {
    /// Male 男.
    Male,
    /// Female 女.
    Female,
    /// Not known.
    Unknown,
}

/// Care tier 关爱等级: how often an elder is visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::CareTier")]
pub enum CareTier {
    /// High risk 高风险.
    HighRisk,
    /// Key 重点.
    Key,
    /// General 一般.
    General,
}

/// What makes an elder a subject of visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::circumstances::Circumstance")]
pub enum Circumstance {
    /// Lives alone 独居.
    LivesAlone,
    /// Empty nest 空巢.
    EmptyNest,
    /// Left behind 留守.
    LeftBehind,
    /// Cannot care for self 失能.
    CareDependent,
    /// Severely disabled 重残.
    SevereDisability,
    /// Family-planning special family 计生特殊家庭; staff only.
    SpecialFamily,
}

/// A person who lives in a household.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Resident {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change.
    version: i64,
    #[graphql(skip)]
    seen: SeenResident,
}

impl Resident {
    /// Shows a resident to the reader they were read for.
    #[must_use]
    pub fn new(seen: SeenResident) -> Self {
        Self {
            id: Id::<ids::Resident>::new(seen.row.id).to_string().into(),
            version: seen.row.version,
            seen,
        }
    }

    fn age(&self, ctx: &Context<'_>) -> Option<i32> {
        let today = cx(ctx).app.clock.today(SHANGHAI);
        self.seen
            .row
            .born_on
            .map(|born_on| rules::age(born_on, today))
    }
}

#[ComplexObject]
impl Resident {
    /// The name. In full with `RESIDENT_READ` or a live claim, else masked.
    async fn name(&self, ctx: &Context<'_>) -> ProtectedString {
        opened(
            ctx,
            "Resident",
            self.seen.row.id,
            self.seen.view.name(&self.seen.row.name),
        )
    }

    /// How neighbours speak of the person, e.g. 李奶奶; absent to those who only read numbers.
    async fn salutation(&self, ctx: &Context<'_>) -> Option<String> {
        (self.seen.view != View::Nobody).then(|| {
            let gender = self
                .seen
                .row
                .gender
                .unwrap_or(entity::enums::Gender::Unknown);
            rules::salutation(&self.seen.row.name, gender, self.age(ctx))
        })
    }

    /// Age in a band of five years, e.g. `80-84`; absent where the birth date is unknown.
    async fn age_band(&self, ctx: &Context<'_>) -> Option<String> {
        self.age(ctx).map(rules::age_band)
    }

    /// Gender as registered.
    fn gender(&self, ctx: &Context<'_>) -> async_graphql::Result<Gender> {
        self.seen.row.gender.get().map(Gender::from).at_edge(ctx)
    }

    /// The birth date. Needs `RESIDENT_READ`.
    async fn born_on(&self, ctx: &Context<'_>) -> ProtectedDate {
        let value = self.seen.view.staff_only(self.seen.row.born_on.map(Date));
        opened(ctx, "Resident", self.seen.row.id, value)
    }

    /// The ID number. Needs `RESIDENT_ID_NUMBER`; masked with `RESIDENT_READ`.
    async fn id_number(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        let sealed = self.seen.row.id_number_sealed.as_deref();
        let value = self.seen.view.id_number(&cx(ctx).app.keys, sealed);
        Some(
            value
                .map(|value| opened(ctx, "Resident", self.seen.row.id, value))
                .at_edge(ctx),
        )
    }

    /// The phone number. Needs `RESIDENT_READ` or a live claim.
    async fn phone(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        let sealed = self.seen.row.phone_sealed.as_deref();
        let value = self.seen.view.phone(&cx(ctx).app.keys, sealed);
        Some(
            value
                .map(|value| opened(ctx, "Resident", self.seen.row.id, value))
                .at_edge(ctx),
        )
    }

    /// Notes on health that a visitor must know. Needs `RESIDENT_READ` or a live claim.
    async fn health_notes(
        &self,
        ctx: &Context<'_>,
    ) -> Option<async_graphql::Result<ProtectedString>> {
        let sealed = self.seen.row.health_notes_sealed.as_deref();
        let value = self.seen.view.health_notes(&cx(ctx).app.keys, sealed);
        Some(
            value
                .map(|value| opened(ctx, "Resident", self.seen.row.id, value))
                .at_edge(ctx),
        )
    }

    /// The relation to the head of the household, e.g. 配偶. Needs `RESIDENT_READ` or a live claim.
    async fn relation(&self, ctx: &Context<'_>) -> ProtectedString {
        let value = self
            .seen
            .view
            .door(self.seen.row.relation.as_deref().unwrap_or_default());
        opened(ctx, "Resident", self.seen.row.id, value)
    }

    /// The day of death. Needs `RESIDENT_READ`.
    async fn deceased_on(&self, ctx: &Context<'_>) -> ProtectedDate {
        let value = self
            .seen
            .view
            .staff_only(self.seen.row.deceased_on.map(Date));
        opened(ctx, "Resident", self.seen.row.id, value)
    }

    /// What makes the person a subject of visits. Needs `RESIDENT_READ`; a live claim shows it as
    /// hints for care, never that a family lost its only child.
    async fn circumstances(
        &self,
        ctx: &Context<'_>,
    ) -> Option<async_graphql::Result<ProtectedCircumstances>> {
        let known = match &self.seen.enrolment {
            Some(enrolment) => enrolment.circumstances.get(),
            None => Ok(entity::circumstances::Circumstances::default()),
        };
        let value = known.map(|known| {
            let value = self.seen.view.circumstances(known);
            opened(ctx, "Resident", self.seen.row.id, value)
        });
        Some(value.at_edge(ctx))
    }

    /// How often the person is visited; the value is absent when they are not enrolled. Needs
    /// `RESIDENT_READ`.
    async fn tier(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedCareTier>> {
        let enrolment = self.seen.enrolment.as_ref();
        let tier = enrolment.map(|enrolment| enrolment.tier.get()).transpose();
        let value =
            tier.map(|tier| opened(ctx, "Resident", self.seen.row.id, self.seen.view.tier(tier)));
        Some(value.at_edge(ctx))
    }

    /// The care enrolment that holds now; null when there is none. Needs `RESIDENT_READ`, null
    /// without it.
    async fn enrolment(&self, ctx: &Context<'_>) -> Option<CareEnrolment> {
        let row = self.seen.enrolment.clone()?;
        self.seen
            .view
            .is_staff()
            .then(|| CareEnrolment::opened(ctx, row))
    }

    /// Every care enrolment, past ones included, the latest first. Needs `RESIDENT_READ`, null
    /// without it.
    async fn enrolments(&self, ctx: &Context<'_>) -> Option<Vec<CareEnrolment>> {
        let rows = self.seen.enrolments.iter().cloned();
        self.seen
            .view
            .is_staff()
            .then(|| rows.map(|row| CareEnrolment::opened(ctx, row)).collect())
    }

    /// Where the person lives.
    async fn household(&self, ctx: &Context<'_>) -> Option<Household> {
        let household = self.seen.household.clone()?;
        Some(Household::new(cx(ctx), *household))
    }

    /// Whom to call, in this order; none are shown without `RESIDENT_READ` or a live claim.
    async fn emergency_contacts(&self) -> Vec<EmergencyContact> {
        let view = self.seen.view;
        let told = matches!(view, View::Staff { .. } | View::Claimant);
        let contacts = self.seen.contacts.iter().filter(|_| told);
        contacts
            .map(|contact| EmergencyContact {
                id: Id::<ids::EmergencyContact>::new(contact.id)
                    .to_string()
                    .into(),
                version: contact.version,
                view,
                row: contact.clone(),
            })
            .collect()
    }
}

/// Somebody to call about a resident.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct EmergencyContact {
    /// The opaque id.
    id: ID,
    /// Raised by one on every change.
    version: i64,
    #[graphql(skip)]
    view: View,
    #[graphql(skip)]
    row: emergency_contact::Model,
}

#[ComplexObject]
impl EmergencyContact {
    /// The name. Needs `RESIDENT_READ` or a live claim.
    async fn name(&self, ctx: &Context<'_>) -> ProtectedString {
        opened(
            ctx,
            "Resident",
            self.row.resident_id,
            self.view.door(&self.row.name),
        )
    }

    /// The phone number. Needs `RESIDENT_READ` or a live claim.
    async fn phone(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        let value = self
            .view
            .phone(&cx(ctx).app.keys, self.row.phone_sealed.as_deref());
        Some(
            value
                .map(|value| opened(ctx, "Resident", self.row.resident_id, value))
                .at_edge(ctx),
        )
    }

    /// The relation to the resident, e.g. 女儿. Needs `RESIDENT_READ` or a live claim.
    async fn relation(&self, ctx: &Context<'_>) -> ProtectedString {
        let value = self
            .view
            .door(self.row.relation.as_deref().unwrap_or_default());
        opened(ctx, "Resident", self.row.resident_id, value)
    }
}
