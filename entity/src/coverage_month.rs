//! A closed month of coverage; a later version tells what became known since, and never replaces it.

use sea_orm::entity::prelude::*;

/// One version of a month of one community.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "coverage_month")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Community.
    pub area_id: Uuid,
    /// First day of the month.
    pub month_on: Date,
    /// 1 for the first, one more each time it is closed again.
    pub version: i32,
    /// Who closed it.
    pub closed_by: Uuid,
    /// When.
    pub closed_at: DateTimeUtc,
    /// Community.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
    /// Who closed it.
    #[sea_orm(belongs_to, from = "closed_by", to = "id")]
    pub closer: BelongsTo<super::account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
