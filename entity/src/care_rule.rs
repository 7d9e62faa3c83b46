//! Care rule: how often, how and when elders of one tier are visited in an area and below it.
//!
//! The rule of the nearest area above a person holds; the server's defaults where there is none.

use sea_orm::entity::prelude::*;

use crate::bits::Bits;
use crate::enums::{CareTier, VisitKind, VisitMethod};

/// The rule of a tier in an area, over an interval of days.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "care_rule")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Area it holds for, and below.
    pub area_id: Uuid,
    /// Whom it is for.
    pub tier: CareTier,
    /// Days on which a visit is due, as an RFC 5545 rule without DTSTART (`FREQ=WEEKLY;BYDAY=MO`).
    pub recurrence: String,
    /// Kind of the tasks it makes.
    pub kind: VisitKind,
    /// Kinds of visit that count as a contact.
    pub kinds: Bits<VisitKind>,
    /// Methods that count as a contact.
    pub methods: Bits<VisitMethod>,
    /// Days before the due day on which the window begins.
    pub days_before: i32,
    /// Days after the due day on which the window ends, at their end.
    pub days_after: i32,
    /// Begin of the preferred time of day, in minutes after midnight.
    pub from_minute: Option<i32>,
    /// End of the preferred time of day, in minutes after midnight.
    pub to_minute: Option<i32>,
    /// First day.
    pub from_on: Date,
    /// First day on which it no longer holds; none while open.
    pub to_on: Option<Date>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Area it holds for, and below.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
