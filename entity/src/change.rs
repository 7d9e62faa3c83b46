//! Change log: one row per change of a synced object, in the order of commits.
//!
//! On PostgreSQL a further column `xid` (`xid8`, filled by the database) stands before `seq` in
//! that order; only `db.rs` reads it.

use sea_orm::entity::prelude::*;

use crate::enums::{ChangeKind, ChangeOp};

/// A synced object changed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change")]
pub struct Model {
    /// Counted by the database; never used twice.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// Kind of the object.
    pub kind: ChangeKind,
    /// The object. No foreign key: a deleted one is announced too.
    pub object_id: Uuid,
    /// Its area before; none if it is new.
    pub area_before: Option<Uuid>,
    /// Its area after; none if it is gone.
    pub area_after: Option<Uuid>,
    /// Whether it is there afterwards.
    pub op: ChangeOp,
    /// When (server's clock).
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
