//! Staging of an area import: checked rows, before they are merged set-wise.
//!
//! No foreign keys; purged by age; not logged on PostgreSQL (a crash empties it).

use sea_orm::entity::prelude::*;

use crate::enums::AreaKind;

/// A checked row of an area sheet.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_area")]
pub struct Model {
    /// Import the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub import_id: Uuid,
    /// Place of the row among the rows of the import, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ordinal: i32,
    /// Area it creates or updates.
    pub area_id: Uuid,
    /// Whether the area is to be created.
    pub is_new: bool,
    /// Version the check saw; none if new.
    pub expected_version: Option<i64>,
    /// Area directly above; may be staged by the same import.
    pub parent_id: Option<Uuid>,
    /// As in [`area`](crate::area).
    pub kind: AreaKind,
    /// As in [`area`](crate::area).
    pub code: String,
    /// As in [`area`](crate::area).
    pub name: String,
    /// As in [`area`](crate::area).
    pub latitude: Option<f64>,
    /// As in [`area`](crate::area).
    pub longitude: Option<f64>,
    /// When it was staged; leftovers are purged by it.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
