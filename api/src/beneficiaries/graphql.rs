//! Beneficiaries as the veterans' station sees them.

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};
use entity::beneficiary;

use super::matching::Candidate;
use super::rules::{full_name, short_name};
use crate::access::protected::{Protected, of_beneficiary};
use crate::access::sealed::Field;
use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::protected::{ProtectedDate, ProtectedString, opened};
use crate::residents::graphql::Gender;
use crate::scalars::Date;
use crate::schema::{AtEdge as _, cx};

/// As what somebody is a beneficiary 优抚类别.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::BeneficiaryCategory")]
pub enum BeneficiaryCategory {
    /// Disabled servicemen, police and officials 伤残人员.
    Disabled,
    /// Families of martyrs, of those who died on duty or of illness 三属.
    MartyrFamily,
    /// Red Army veterans of three kinds 三红.
    RedArmy,
    /// Old demobilised servicemen in the countryside 在乡老复员军人.
    OldDemobilised,
    /// Discharged with an illness 带病回乡退伍军人.
    IllDischarged,
    /// Took part in a war 参战退役人员.
    WarParticipant,
    /// Took part in nuclear tests 参试退役人员.
    TestParticipant,
    /// Rural veterans of 60 and more 农村籍退役士兵.
    RuralVeteran,
    /// Elderly children of martyrs 烈士老年子女.
    MartyrChild,
}

/// How a beneficiary is certified 认证方式.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::CertificationChannel")]
pub enum CertificationChannel {
    /// At their home 上门.
    Home,
    /// With many at once, at a nursing home or station 集中认证.
    Session,
    /// By appointment at the station 预约.
    Appointment,
    /// By video 视频.
    Video,
    /// By themselves in the national app, recorded by staff 线上自助.
    Online,
    /// By a letter to a place that does not use this system 协查函.
    Letter,
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::CheckOutcome")]
pub enum CheckOutcome {
    /// Alive: the record is up to date 健在.
    Alive,
    /// Deceased: benefits stop 去世.
    Deceased,
    /// Moved away: another place certifies 迁出.
    MovedAway,
    /// The benefit has ended for another reason 待遇终止.
    BenefitEnded,
}

/// Why a resident may be a beneficiary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "super::matching::Likeness")]
pub enum Likeness {
    /// ID number and name are the same.
    IdNumber,
    /// The ID number is the same and the name is not: a person decides.
    IdNumberOnly,
    /// Name and birth date are the same: a person decides.
    NameAndBirth,
    /// Name and phone number are the same: a person decides.
    NameAndPhone,
}

/// A beneficiary 优抚对象. Whoever may not read them never learns that there is one. Needs
/// `BENEFICIARY_READ`.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Beneficiary {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change.
    version: i64,
    /// Where they are registered: who answers for them.
    area: Option<Area>,
    /// Where they are registered, when that is no area of ours.
    registered_elsewhere: Option<String>,
    /// As what they are one.
    category: BeneficiaryCategory,
    /// The category as rosters write it.
    category_name: String,
    /// The category as certificates write it.
    category_full_name: String,
    /// The number of their certificate 优待证号.
    certificate_number: Option<String>,
    /// As registered.
    gender: Gender,
    /// The building where they live, when it is one of ours.
    home: Option<Area>,
    /// The institution where they live.
    institution: Option<String>,
    /// Whether they cannot come to the station 行动不便.
    is_immobile: bool,
    /// How they are best certified.
    preferred_channel: Option<CertificationChannel>,
    /// The resident that they are, once matched.
    resident_id: Option<ID>,
    /// The first day on which they are one no more.
    ended_on: Option<Date>,
    /// Why they are one no more.
    end_reason: Option<CheckOutcome>,
    #[graphql(skip)]
    row: beneficiary::Model,
}

impl Beneficiary {
    /// Shows a beneficiary.
    pub fn new(cx: &Cx, row: beneficiary::Model) -> Result<Self> {
        let tree = &cx.actor()?.tree;
        let resident = |id| Id::<ids::Resident>::new(id).to_string().into();
        Ok(Self {
            id: Id::<ids::Beneficiary>::new(row.id).to_string().into(),
            version: row.version,
            area: Area::from_tree(tree, row.area_id),
            registered_elsewhere: row.registered_elsewhere.clone(),
            category: row.category.into(),
            category_name: short_name(row.category).to_owned(),
            category_full_name: full_name(row.category).to_owned(),
            certificate_number: row.certificate_number.clone(),
            gender: row.gender.into(),
            home: row.home_area_id.and_then(|id| Area::from_tree(tree, id)),
            institution: row.institution.clone(),
            is_immobile: row.is_immobile,
            preferred_channel: row.preferred_channel.map(Into::into),
            resident_id: row.resident_id.map(resident),
            ended_on: row.ended_on.map(Date),
            end_reason: row.end_reason.map(Into::into),
            row,
        })
    }

    fn opened<T, G: From<Protected<T>>>(&self, ctx: &Context<'_>, value: Protected<T>) -> G {
        opened(ctx, "Beneficiary", self.row.id, value)
    }

    fn unsealed(
        &self,
        ctx: &Context<'_>,
        field: Field,
        sealed: Option<&String>,
    ) -> async_graphql::Result<ProtectedString> {
        let keys = &cx(ctx).app.keys;
        let value = of_beneficiary(keys, field, sealed.map(String::as_str)).at_edge(ctx)?;
        Ok(self.opened(ctx, value))
    }
}

#[ComplexObject]
impl Beneficiary {
    /// The name.
    async fn name(&self, ctx: &Context<'_>) -> ProtectedString {
        self.opened(ctx, Protected::Full(Some(self.row.name.clone())))
    }

    /// The birth date.
    async fn born_on(&self, ctx: &Context<'_>) -> ProtectedDate {
        self.opened(ctx, Protected::Full(self.row.born_on.map(Date)))
    }

    /// The ID number.
    async fn id_number(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        Some(self.unsealed(ctx, Field::IdNumber, self.row.id_number_sealed.as_ref()))
    }

    /// The phone number.
    async fn phone(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        Some(self.unsealed(ctx, Field::Phone, self.row.phone_sealed.as_ref()))
    }

    /// Where they live below the building, or elsewhere.
    async fn address(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        Some(self.unsealed(ctx, Field::Address, self.row.address_sealed.as_ref()))
    }

    /// What one must know of their health.
    async fn health_notes(
        &self,
        ctx: &Context<'_>,
    ) -> Option<async_graphql::Result<ProtectedString>> {
        Some(self.unsealed(
            ctx,
            Field::HealthNotes,
            self.row.health_notes_sealed.as_ref(),
        ))
    }

    /// Who acts for them.
    async fn guardian_name(&self, ctx: &Context<'_>) -> ProtectedString {
        self.opened(ctx, Protected::Full(self.row.guardian_name.clone()))
    }

    /// The guardian's phone number.
    async fn guardian_phone(
        &self,
        ctx: &Context<'_>,
    ) -> Option<async_graphql::Result<ProtectedString>> {
        Some(self.unsealed(ctx, Field::Phone, self.row.guardian_phone_sealed.as_ref()))
    }
}

/// A resident who may be a beneficiary.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct BeneficiaryCandidate {
    /// The resident.
    resident_id: ID,
    /// Where they live.
    area: Option<Area>,
    /// Why they may be the same.
    likeness: Likeness,
    #[graphql(skip)]
    candidate: Candidate,
}

impl BeneficiaryCandidate {
    /// Shows a candidate.
    pub fn new(cx: &Cx, candidate: Candidate) -> Result<Self> {
        Ok(Self {
            resident_id: Id::<ids::Resident>::new(candidate.id).to_string().into(),
            area: Area::from_tree(&cx.actor()?.tree, candidate.area),
            likeness: candidate.likeness.into(),
            candidate,
        })
    }
}

#[ComplexObject]
impl BeneficiaryCandidate {
    /// The resident's name.
    async fn name(&self, ctx: &Context<'_>) -> ProtectedString {
        let name = Protected::Full(Some(self.candidate.name.clone()));
        opened(ctx, "Resident", self.candidate.id, name)
    }

    /// The resident's birth date.
    async fn born_on(&self, ctx: &Context<'_>) -> ProtectedDate {
        let born_on = Protected::Full(self.candidate.born_on.map(Date));
        opened(ctx, "Resident", self.candidate.id, born_on)
    }
}
