//! Round 认证批次: the certification of a year, for the beneficiaries of an area and some categories.

use sea_orm::entity::prelude::*;

use crate::enums::{BeneficiaryCategories, CertificationRoundStatus};

/// A round. Its roster is the checks made when it was opened, and late ones.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "certification_round")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Year that it certifies.
    pub year: i32,
    /// Area it is for, and below.
    pub area_id: Uuid,
    /// Categories that it certifies.
    pub categories: BeneficiaryCategories,
    /// Day on which it was opened and its roster frozen.
    pub opens_on: Date,
    /// Last day on which people are to be certified.
    pub closes_on: Date,
    /// How many days after it people may still be certified, 0 to 90.
    pub grace_days: i32,
    /// Level of area at which a grant confirms, at least: 4 is the street.
    pub confirm_level: i32,
    /// Where it stands in its life.
    pub status: CertificationRoundStatus,
    /// Why it was voided, up to 180 characters.
    pub end_reason: Option<String>,
    /// Who opened it.
    pub opened_by: Uuid,
    /// Who closed or voided it.
    pub ended_by: Option<Uuid>,
    /// When it was closed or voided.
    pub ended_at: Option<DateTimeUtc>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Area it is for.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
