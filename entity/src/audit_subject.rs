//! Whose data a read opened: answers "who looked at my data" (PIPL).

use sea_orm::entity::prelude::*;

/// One person or thing whose protected data an operation opened.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_subject")]
pub struct Model {
    /// Entry of the operation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_id: Uuid,
    /// Kind of the subject, up to 30 characters.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_kind: String,
    /// The subject. No foreign key: the trace outlives it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: Uuid,
    /// Entry of the operation, written by the same statement; no key of PostgreSQL's stands behind it.
    #[sea_orm(belongs_to, from = "entry_id", to = "id")]
    pub entry: BelongsTo<super::audit_entry::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
