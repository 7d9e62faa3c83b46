//! Pause of an enrolment: an interval without visits, in hospital or away.

use sea_orm::entity::prelude::*;

/// One pause; at most one per enrolment is open (`to_on` is none), and it ends with its enrolment.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "care_pause")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Enrolment that rests.
    pub enrolment_id: Uuid,
    /// First day without visits.
    pub from_on: Date,
    /// Day on which visits go on; none while it lasts.
    pub to_on: Option<Date>,
    /// Day on which it is looked at again.
    pub review_on: Date,
    /// Enrolment that rests.
    #[sea_orm(belongs_to, from = "enrolment_id", to = "id")]
    pub enrolment: BelongsTo<super::care_enrolment::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
