//! Grant 授权: a role held at an area, from one instant to another.
//!
//! It holds for the subtree below. At most one per account, role and area is not revoked.

use sea_orm::entity::prelude::*;

use crate::enums::Role;

/// A role of an account at an area.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "role_grant")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who holds the role.
    pub account_id: Uuid,
    /// What is granted.
    pub role: Role,
    /// Top of the subtree for which it holds.
    pub area_id: Uuid,
    /// First instant at which it holds.
    pub valid_from: DateTimeUtc,
    /// First instant at which it no longer holds; none if open-ended.
    pub valid_until: Option<DateTimeUtc>,
    /// Account that granted it; none for imports by command and the first administrator.
    pub granted_by: Option<Uuid>,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When it was taken back before its end; none while it stands.
    pub revoked_at: Option<DateTimeUtc>,
    /// Account that took it back; none if a command did or it stands.
    pub revoked_by: Option<Uuid>,
    /// Who holds the role.
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::account::Entity>,
    /// Top of the subtree for which it holds.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
    /// Who granted it.
    #[sea_orm(belongs_to, relation_enum = "Grantor", from = "granted_by", to = "id")]
    pub grantor: BelongsTo<Option<super::account::Entity>>,
    /// Who took it back.
    #[sea_orm(belongs_to, relation_enum = "Revoker", from = "revoked_by", to = "id")]
    pub revoker: BelongsTo<Option<super::account::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
