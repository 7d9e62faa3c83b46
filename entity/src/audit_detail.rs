//! Details of an audit entry: values, sealed; erasable without breaking the entry.

use sea_orm::entity::prelude::*;

/// What exactly was changed. Opened for a data subject's request only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_detail")]
pub struct Model {
    /// Entry it belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_id: Uuid,
    /// Salt of the entry's `details_hash`.
    pub salt: String,
    /// The details, sealed.
    pub details_sealed: String,
    /// Entry it belongs to.
    #[sea_orm(belongs_to, from = "entry_id", to = "id")]
    pub entry: BelongsTo<super::audit_entry::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
