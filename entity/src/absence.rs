//! Absence: somebody is away, and who stands in.

use sea_orm::entity::prelude::*;

/// An interval in which somebody is away; one person's do not overlap.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "absence")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who is away.
    pub account_id: Uuid,
    /// First instant away.
    pub from_at: DateTimeUtc,
    /// First instant back.
    pub until_at: DateTimeUtc,
    /// Who is told instead.
    pub stand_in_id: Option<Uuid>,
    /// Why, up to 200 characters. Leads and staff in scope, and the person.
    pub reason: Option<String>,
    /// Who recorded it.
    pub recorded_by: Uuid,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Who is away.
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::account::Entity>,
    /// Who is told instead.
    #[sea_orm(belongs_to, relation_enum = "StandIn", from = "stand_in_id", to = "id")]
    pub stand_in: BelongsTo<Option<super::account::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
