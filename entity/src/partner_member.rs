//! A partner's people: whose account acts for it.

use sea_orm::entity::prelude::*;

/// An account that acts for a partner, as far as its grants reach.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partner_member")]
pub struct Model {
    /// Partner.
    #[sea_orm(primary_key, auto_increment = false)]
    pub partner_id: Uuid,
    /// Account that acts for it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// Who added it last.
    pub added_by: Uuid,
    /// Who ended it.
    pub ended_by: Option<Uuid>,
    /// When it was ended; it acts while absent.
    pub ended_at: Option<DateTimeUtc>,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// Partner.
    #[sea_orm(belongs_to, from = "partner_id", to = "id")]
    pub partner: BelongsTo<super::partner::Entity>,
    /// Account that acts for it.
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
