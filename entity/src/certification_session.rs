//! Session 集中认证 or appointment slot 预约: when and where people are certified who come there.

use sea_orm::entity::prelude::*;

use crate::enums::{CertificationChannel, CertificationSessionStatus};

/// A session or a slot. Who is to come are the checks that name it; so many of its places are taken.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "certification_session")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Round it belongs to.
    pub round_id: Uuid,
    /// Area whose people it is for.
    pub area_id: Uuid,
    /// `SESSION` or `APPOINTMENT`: by what those who come are certified.
    pub channel: CertificationChannel,
    /// Where it is held, up to 60 characters; of an institution the name that records have.
    pub venue: String,
    /// Whether the venue is an institution where people live.
    pub is_institution: bool,
    /// When it begins: when those who are to come are expected.
    pub starts_at: DateTimeUtc,
    /// When it ends.
    pub ends_at: DateTimeUtc,
    /// How many can come; any number where absent.
    pub capacity: Option<i32>,
    /// Where it stands in its life.
    pub status: CertificationSessionStatus,
    /// Why it was cancelled, up to 180 characters.
    pub end_reason: Option<String>,
    /// Who planned it.
    pub planned_by: Uuid,
    /// Who closed or cancelled it.
    pub ended_by: Option<Uuid>,
    /// When it was closed or cancelled.
    pub ended_at: Option<DateTimeUtc>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Round it belongs to.
    #[sea_orm(belongs_to, from = "round_id", to = "id")]
    pub round: BelongsTo<super::certification_round::Entity>,
    /// Area whose people it is for.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
