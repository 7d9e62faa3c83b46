//! Check 核查: one beneficiary in one round, from the roster to its end.

use sea_orm::entity::prelude::*;

use crate::enums::{
    BeneficiaryCategory, CertificationChannel, CheckAttemptReason, CheckOutcome, CheckStatus,
};

/// A check. What it proposes is written on the beneficiary when it is confirmed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "certification_check")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Round it belongs to; with `beneficiary_id` unique.
    pub round_id: Uuid,
    /// Whom it certifies.
    pub beneficiary_id: Uuid,
    /// Area that answered for them when they came to the roster.
    pub area_id: Uuid,
    /// Grid above it, or the area itself when that lies above a grid.
    pub grid_id: Uuid,
    /// Their category when they came to the roster.
    pub category: BeneficiaryCategory,
    /// Where it stands in its life.
    pub status: CheckStatus,
    /// Level of area at which a grant confirms it, and settles it from the street on: the round's, or that of who
    /// checked it where that is higher; 4 is the street.
    pub confirm_level: i32,
    /// Why they came to the roster after it was frozen, up to 180 characters.
    pub late_reason: Option<String>,
    /// How they are to be certified, or were.
    pub channel: Option<CertificationChannel>,
    /// When they are to be certified.
    pub scheduled_for: Option<DateTimeUtc>,
    /// Who is to do it.
    pub assigned_to: Option<Uuid>,
    /// Session or slot to which they are to come, or came.
    pub session_id: Option<Uuid>,
    /// How often nobody was met.
    pub attempts: i32,
    /// When that was last.
    pub last_attempt_at: Option<DateTimeUtc>,
    /// Why, the last time.
    pub last_attempt_reason: Option<CheckAttemptReason>,
    /// Who checked it.
    pub checked_by: Option<Uuid>,
    /// When they were seen.
    pub checked_at: Option<DateTimeUtc>,
    /// What was found.
    pub outcome: Option<CheckOutcome>,
    /// Day of death or of the move, or from which benefits end.
    pub holds_on: Option<Date>,
    /// Who says so, up to 180 characters.
    pub source: Option<String>,
    /// What the evidence is filed under: a number of the app, of a letter; up to 120 characters.
    pub reference: Option<String>,
    /// What else was written, sealed.
    pub notes_sealed: Option<String>,
    /// Phone number proposed, sealed.
    pub new_phone_sealed: Option<String>,
    /// Its keyed hash.
    pub new_phone_hash: Option<String>,
    /// Address proposed, sealed.
    pub new_address_sealed: Option<String>,
    /// Notes on health proposed, sealed.
    pub new_health_notes_sealed: Option<String>,
    /// Who confirmed it; never `checked_by` (CHECK).
    pub confirmed_by: Option<Uuid>,
    /// When.
    pub confirmed_at: Option<DateTimeUtc>,
    /// How often it was sent back.
    pub returns: i32,
    /// Who sent it back last.
    pub returned_by: Option<Uuid>,
    /// What is missing, up to 180 characters.
    pub return_remark: Option<String>,
    /// Who settled it; never `checked_by` (CHECK).
    pub settled_by: Option<Uuid>,
    /// When.
    pub settled_at: Option<DateTimeUtc>,
    /// Why, up to 180 characters.
    pub settle_reason: Option<String>,
    /// Area whose station schedules and checks it instead, while it is handed over.
    pub handed_to_area_id: Option<Uuid>,
    /// The volunteer who was asked to come along last: one at a time.
    pub accompaniment_id: Option<Uuid>,
    /// Keyed hash of who said what in the last step, so that the same words once more change nothing.
    pub last_said: Option<String>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Round it belongs to.
    #[sea_orm(belongs_to, from = "round_id", to = "id")]
    pub round: BelongsTo<super::certification_round::Entity>,
    /// Whom it certifies.
    #[sea_orm(belongs_to, from = "beneficiary_id", to = "id")]
    pub beneficiary: BelongsTo<super::beneficiary::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
