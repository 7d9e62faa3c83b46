//! A person in a closed month of coverage, as they stood when it was closed.

use sea_orm::entity::prelude::*;

use crate::enums::{CareTier, CoverageFigure, CoverageOutcome, CoverageReason};

/// One person in one figure of a closed month.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "coverage_person")]
pub struct Model {
    /// Closed month.
    #[sea_orm(primary_key, auto_increment = false)]
    pub coverage_month_id: Uuid,
    /// In which of the two figures.
    #[sea_orm(primary_key, auto_increment = false)]
    pub figure: CoverageFigure,
    /// Who.
    #[sea_orm(primary_key, auto_increment = false)]
    pub resident_id: Uuid,
    /// Name, as it was. Protected.
    pub name: String,
    /// Tier, as it was. Protected.
    pub tier: CareTier,
    /// Building, as it was.
    pub area_id: Uuid,
    /// Grid, as it was.
    pub grid_id: Uuid,
    /// Compound, as it was.
    pub compound_id: Option<Uuid>,
    /// Community, as it was.
    pub community_id: Option<Uuid>,
    /// Contacted, excluded or missed.
    pub outcome: CoverageOutcome,
    /// Why excluded.
    pub reason: Option<CoverageReason>,
    /// Since when excluded.
    pub reason_on: Option<Date>,
    /// Whether a contact was verified.
    pub verified: bool,
    /// Whether a contact was in person.
    pub in_person: bool,
    /// Closed month.
    #[sea_orm(belongs_to, from = "coverage_month_id", to = "id")]
    pub coverage_month: BelongsTo<super::coverage_month::Entity>,
    /// Who.
    #[sea_orm(belongs_to, from = "resident_id", to = "id")]
    pub resident: BelongsTo<super::resident::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
