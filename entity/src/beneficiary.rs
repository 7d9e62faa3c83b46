//! Beneficiary 优抚对象: somebody whose benefits are certified every year.
//!
//! That somebody is one is sensitive: nothing outside the veterans' station's permissions tells it.

use sea_orm::entity::prelude::*;

use crate::enums::{BeneficiaryCategory, CertificationChannel, CheckOutcome, Gender};

/// A beneficiary. Every column is protected.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "beneficiary")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The resident that they are, once matched; unique.
    pub resident_id: Option<Uuid>,
    /// Whether a person has decided which resident they are, or that none is.
    pub match_decided: bool,
    /// Lowest area known of where they are registered: who answers for them.
    pub area_id: Uuid,
    /// Grid above `area_id`, or `area_id` itself where that lies above a grid.
    pub grid_id: Uuid,
    /// Name, up to 40 characters.
    pub name: String,
    /// As in the household register.
    pub gender: Gender,
    /// Birth date.
    pub born_on: Option<Date>,
    /// Citizen ID number (GB 11643), sealed.
    pub id_number_sealed: Option<String>,
    /// Keyed hash of the ID number; unique where known.
    pub id_number_hash: Option<String>,
    /// Phone number, sealed.
    pub phone_sealed: Option<String>,
    /// Keyed hash of the phone number.
    pub phone_hash: Option<String>,
    /// As what they are one.
    pub category: BeneficiaryCategory,
    /// Number of their certificate 优待证号, up to 40 characters.
    pub certificate_number: Option<String>,
    /// Where they are registered, when that is no area of ours; up to 120 characters.
    pub registered_elsewhere: Option<String>,
    /// Building where they live, when it is one of ours.
    pub home_area_id: Option<Uuid>,
    /// Institution where they live, up to 60 characters.
    pub institution: Option<String>,
    /// Where they live below the building or elsewhere, sealed.
    pub address_sealed: Option<String>,
    /// Notes on health, sealed.
    pub health_notes_sealed: Option<String>,
    /// Whether they cannot come to the station 行动不便.
    pub is_immobile: bool,
    /// How they are best certified.
    pub preferred_channel: Option<CertificationChannel>,
    /// Who acts for them, up to 40 characters.
    pub guardian_name: Option<String>,
    /// The guardian's phone number, sealed.
    pub guardian_phone_sealed: Option<String>,
    /// First day on which they are one no more.
    pub ended_on: Option<Date>,
    /// Why they are one no more; never `ALIVE`.
    pub end_reason: Option<CheckOutcome>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Where they are registered.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
