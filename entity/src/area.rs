//! Area 区域: the tree district > street > community > compound > grid > building.
//!
//! An area with history is never re-parented or deleted but retired, with a successor.

use sea_orm::entity::prelude::*;

use crate::enums::AreaKind;

/// A node of the area tree.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "area")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Area directly above; none for the root (a district).
    pub parent_id: Option<Uuid>,
    /// Level of the area.
    pub kind: AreaKind,
    /// Statistical code, then local numbers (`341102006003.02.07.12`); unique, up to 64 characters.
    pub code: String,
    /// Name for people, up to 80 characters.
    pub name: String,
    /// Degrees north, WGS 84; none if unknown.
    pub latitude: Option<f64>,
    /// Degrees east, WGS 84; none if unknown.
    pub longitude: Option<f64>,
    /// IANA time zone in which the area's days and deadlines are counted.
    pub time_zone: String,
    /// First day on which the area is no longer used; none while in use.
    pub retired_on: Option<Date>,
    /// Area that took over when this one was retired; none where several did, which
    /// [`area_successor`](crate::area_successor) lists in either case.
    pub successor_id: Option<Uuid>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Area directly above.
    #[sea_orm(self_ref, relation_enum = "Parent", from = "ParentId", to = "Id")]
    pub parent: BelongsTo<Option<Entity>>,
    /// Area that took over.
    #[sea_orm(self_ref, relation_enum = "Successor", from = "SuccessorId", to = "Id")]
    pub successor: BelongsTo<Option<Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
