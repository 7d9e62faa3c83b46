//! Emergency contact 紧急联系人 of a resident; protected as a whole.

use sea_orm::entity::prelude::*;

/// Someone to call when a resident is in trouble.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "emergency_contact")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose contact.
    pub resident_id: Uuid,
    /// The contact's name, up to 40 characters. Staff in scope and the holder of a live claim.
    pub name: String,
    /// Phone number, sealed. Staff in scope and the holder of a live claim.
    pub phone_sealed: Option<String>,
    /// Keyed hash of the phone number.
    pub phone_hash: Option<String>,
    /// Relation to the resident, up to 20 characters.
    pub relation: Option<String>,
    /// Order in which to call, from 1; unique per resident.
    pub position: i32,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Whose contact.
    #[sea_orm(belongs_to, from = "resident_id", to = "id")]
    pub resident: BelongsTo<super::resident::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
