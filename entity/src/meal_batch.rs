//! Meal batch 送餐批次: one meal of one day of a list, claimed as one.
//!
//! Its doors are the visit tasks that name it; each has its own life.

use sea_orm::entity::prelude::*;

use crate::enums::{Meal, MealBatchStatus};

/// One round of meals.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "meal_batch")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The list it was made by.
    pub meal_list_id: Uuid,
    /// Area of the list.
    pub area_id: Uuid,
    /// The same as `area_id`: lists lie at grids or above.
    pub grid_id: Uuid,
    /// The day, in Shanghai.
    pub served_on: Date,
    /// Which meal; one batch for each list, day and meal.
    pub meal: Meal,
    /// When the meals can be fetched.
    pub starts_at: DateTimeUtc,
    /// Until when they are to be at the doors; a claim ends then.
    pub due_at: DateTimeUtc,
    /// Where it stands, apart from its doors.
    pub status: MealBatchStatus,
    /// Account that holds it, or held it last.
    pub claimed_by: Option<Uuid>,
    /// Since when.
    pub claimed_at: Option<DateTimeUtc>,
    /// Account that gave it to its holder; none where they claimed it themselves.
    pub assigned_by: Option<Uuid>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// The list it was made by.
    #[sea_orm(belongs_to, from = "meal_list_id", to = "id")]
    pub meal_list: BelongsTo<super::meal_list::Entity>,
    /// Who holds it.
    #[sea_orm(belongs_to, relation_enum = "Claimant", from = "claimed_by", to = "id")]
    pub claimant: BelongsTo<Option<super::account::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
