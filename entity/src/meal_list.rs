//! Meal list 送餐名单: whom a canteen delivers to, on which days and between which times.

use sea_orm::entity::prelude::*;

use crate::bits::Bits;
use crate::enums::Weekday;

/// One canteen's list.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "meal_list")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Grid, compound or community that it serves.
    pub area_id: Uuid,
    /// The same as `area_id`: it lies at a grid or above.
    pub grid_id: Uuid,
    /// What it is called, up to 60 characters.
    pub name: String,
    /// Begin of lunch, in minutes after midnight; none where no lunch is served.
    pub lunch_from: Option<i32>,
    /// End of lunch, in minutes after midnight.
    pub lunch_to: Option<i32>,
    /// Begin of dinner, in minutes after midnight; none where no dinner is served.
    pub dinner_from: Option<i32>,
    /// End of dinner, in minutes after midnight.
    pub dinner_to: Option<i32>,
    /// Days of the week on which it serves.
    pub weekdays: Bits<Weekday>,
    /// First day on which it no longer serves; none while it does.
    pub ended_on: Option<Date>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock): no meal before is made up for.
    pub updated_at: DateTimeUtc,
    /// What it serves.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
