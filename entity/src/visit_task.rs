//! Visit task 探访任务: one planned visit, its claim, report and verification.
//!
//! Its life is the table in the visits slice's rules; nothing else decides a status.

use sea_orm::entity::prelude::*;

use crate::enums::{
    Arrival, CareTier, VisitKind, VisitMethod, VisitOrigin, VisitOutcome, VisitStatus,
};

/// A visit to be made to a household or one of its residents.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_task")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What kind of visit.
    pub kind: VisitKind,
    /// Where it stands in its life.
    pub status: VisitStatus,
    /// Household to visit.
    pub household_id: Uuid,
    /// Resident to visit; none for a visit of the household.
    pub resident_id: Option<Uuid>,
    /// Lowest area known: where the row belongs to; rewritten by a move.
    pub area_id: Uuid,
    /// Grid above `area_id`, or `area_id` itself where that lies above a grid.
    pub grid_id: Uuid,
    /// Begin of the planned window.
    pub starts_at: DateTimeUtc,
    /// End of the planned window; the lease of a claim runs until then.
    pub due_at: DateTimeUtc,
    /// The higher, the more urgent; 0 is usual.
    pub priority: i32,
    /// What to do, up to 500 characters. Holder of a live claim, leads and staff in scope.
    pub instructions: Option<String>,
    /// Account that planned it.
    pub planned_by: Uuid,
    /// Account that holds the claim, or held it last once reported; none while open.
    pub claimed_by: Option<Uuid>,
    /// When it was claimed.
    pub claimed_at: Option<DateTimeUtc>,
    /// When the claim lapses by itself.
    pub lease_until: Option<DateTimeUtc>,
    /// When the visit began, by the phone's clock.
    pub started_at: Option<DateTimeUtc>,
    /// Account that reported it.
    pub reported_by: Option<Uuid>,
    /// When it was reported (server's clock).
    pub reported_at: Option<DateTimeUtc>,
    /// When the reported contact happened, by the phone's clock; a copy from the newest report.
    pub occurred_at: Option<DateTimeUtc>,
    /// What was found; a copy from the newest report.
    pub outcome: Option<VisitOutcome>,
    /// How contact was made; a copy from the newest report.
    pub method: Option<VisitMethod>,
    /// The lowest level of area (building 0 to district 5) whose leads may verify the report: the one
    /// above the reporter's own.
    pub verify_level: i32,
    /// Account that verified it; never `reported_by` (CHECK).
    pub verified_by: Option<Uuid>,
    /// When it was verified.
    pub verified_at: Option<DateTimeUtc>,
    /// What the report lacks, up to 500 characters, when returned.
    pub return_remark: Option<String>,
    /// Until when a returned report is to be completed.
    pub return_due_at: Option<DateTimeUtc>,
    /// Why it was cancelled, up to 200 characters.
    pub cancel_reason: Option<String>,
    /// Attempts 未果记录 recorded so far.
    pub attempts: i32,
    /// When the claimant tries again after an attempt.
    pub retry_at: Option<DateTimeUtc>,
    /// Where it comes from.
    pub origin: VisitOrigin,
    /// What it was made for (`rule:ENROLMENT:2026-03-08`, `need:REPORT`); unique, so that it is made once.
    pub occasion: Option<String>,
    /// Enrolment for which it was made, where there is one.
    pub enrolment_id: Option<Uuid>,
    /// Event round for which it was made.
    pub round_id: Option<Uuid>,
    /// Batch (of meals) in which it is claimed.
    pub batch_id: Option<Uuid>,
    /// Task it follows from: what a late report was claimed as, what a need was reported on.
    pub follows_id: Option<Uuid>,
    /// Tier of the resident when it was made. Protected.
    pub tier: Option<CareTier>,
    /// Expected minutes at the door.
    pub minutes: i32,
    /// When the holder means to be there; the window's begin where the window is short.
    pub appointed_at: Option<DateTimeUtc>,
    /// How often the lease was renewed.
    pub renewals: i32,
    /// Account that gave the task to its holder; none where they claimed it themselves.
    pub assigned_by: Option<Uuid>,
    /// When the visitor left, by the phone's clock; a copy from the newest report.
    pub ended_at: Option<DateTimeUtc>,
    /// How far it is known that the visitor was there; a copy from the newest report.
    pub arrival: Option<Arrival>,
    /// By how many seconds the phone's clock was ahead of the server's; a copy from the newest report.
    pub clock_skew_seconds: Option<i32>,
    /// When the server verifies the report by itself; none where a person must.
    pub auto_verify_at: Option<DateTimeUtc>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// Household to visit.
    #[sea_orm(belongs_to, from = "household_id", to = "id")]
    pub household: BelongsTo<super::household::Entity>,
    /// Resident to visit.
    #[sea_orm(belongs_to, from = "resident_id", to = "id")]
    pub resident: BelongsTo<Option<super::resident::Entity>>,
    /// Lowest area known.
    #[sea_orm(belongs_to, from = "area_id", to = "id")]
    pub area: BelongsTo<super::area::Entity>,
    /// Grid of the row, for scopes at grid level or above.
    #[sea_orm(belongs_to, relation_enum = "Grid", from = "grid_id", to = "id")]
    pub grid: BelongsTo<super::area::Entity>,
    /// Who planned it.
    #[sea_orm(belongs_to, relation_enum = "Planner", from = "planned_by", to = "id")]
    pub planner: BelongsTo<super::account::Entity>,
    /// Who holds the claim.
    #[sea_orm(belongs_to, relation_enum = "Claimant", from = "claimed_by", to = "id")]
    pub claimant: BelongsTo<Option<super::account::Entity>>,
    /// Who reported it.
    #[sea_orm(
        belongs_to,
        relation_enum = "Reporter",
        from = "reported_by",
        to = "id"
    )]
    pub reporter: BelongsTo<Option<super::account::Entity>>,
    /// Who verified it.
    #[sea_orm(
        belongs_to,
        relation_enum = "Verifier",
        from = "verified_by",
        to = "id"
    )]
    pub verifier: BelongsTo<Option<super::account::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
