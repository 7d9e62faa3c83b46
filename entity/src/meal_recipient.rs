//! Recipient of meals: a person on a meal list over an interval of days.

use sea_orm::entity::prelude::*;

use crate::bits::Bits;
use crate::enums::Meal;

/// One person on one list; nobody is on two at a time.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "meal_recipient")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The list.
    pub meal_list_id: Uuid,
    /// The person.
    pub resident_id: Uuid,
    /// Which meals they get, of those the list serves.
    pub meals: Bits<Meal>,
    /// First day.
    pub from_on: Date,
    /// First day on which they get none any more; none while they do.
    pub to_on: Option<Date>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock): no meal before is made up for.
    pub updated_at: DateTimeUtc,
    /// The list.
    #[sea_orm(belongs_to, from = "meal_list_id", to = "id")]
    pub meal_list: BelongsTo<super::meal_list::Entity>,
    /// The person.
    #[sea_orm(belongs_to, from = "resident_id", to = "id")]
    pub resident: BelongsTo<super::resident::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
