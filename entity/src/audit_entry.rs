//! Audit entry 操作留痕: who did what to whom. Append-only, outlives what it names.

use sea_orm::entity::prelude::*;

/// One write, or one read of protected data.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// When.
    pub at: DateTimeUtc,
    /// Account that did it; none for commands and jobs. No foreign key.
    pub actor_id: Option<Uuid>,
    /// What was done, up to 60 characters (`visit.claim`).
    pub action: String,
    /// Kind of the thing it was done to, up to 30 characters.
    pub subject_kind: String,
    /// The thing; none where there are many, see [`audit_subject`](crate::audit_subject). No
    /// foreign key.
    pub subject_id: Option<Uuid>,
    /// Area of the thing at that time. No foreign key.
    pub area_id: Option<Uuid>,
    /// Request in which it happened, as in the logs.
    pub request_id: Option<String>,
    /// Reason the actor gave, up to 200 characters.
    pub reason: Option<String>,
    /// Names of the changed fields, separated by commas; never values.
    pub fields: Option<String>,
    /// Salted hash of the details; stays when they are erased.
    pub details_hash: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
