//! Report 反馈: what was found; a returned task gets a further revision.

use sea_orm::entity::prelude::*;

use crate::enums::{Arrival, CareTier, VisitMethod, VisitOutcome, Wellbeing};

/// One revision of the report on a visit task.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_report")]
pub struct Model {
    /// Primary key, `UUIDv7`; may come from the phone.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Task it reports on.
    pub visit_task_id: Uuid,
    /// 1 for the first report, one more after each return.
    pub revision: i32,
    /// Who reported.
    pub account_id: Uuid,
    /// What was found. Sensitive: reporter, leads and staff in scope.
    pub outcome: VisitOutcome,
    /// How contact was made.
    pub method: VisitMethod,
    /// Free notes, sealed. Reporter, leads and staff in scope.
    pub notes_sealed: Option<String>,
    /// When the visit began, by the phone's clock.
    pub started_at: Option<DateTimeUtc>,
    /// When the contact was made, by the phone's clock.
    pub occurred_at: DateTimeUtc,
    /// When the server learned of it.
    pub recorded_at: DateTimeUtc,
    /// When the visitor left, by the phone's clock.
    pub ended_at: Option<DateTimeUtc>,
    /// How far it is known that the visitor was there.
    pub arrival: Arrival,
    /// By how many seconds the phone's clock was ahead of the server's; none where it did not say.
    pub clock_skew_seconds: Option<i32>,
    /// How the elder's health was found. Sensitive, as the four below.
    pub health: Option<Wellbeing>,
    /// Safety at home.
    pub home_safety: Option<Wellbeing>,
    /// Meals.
    pub meals: Option<Wellbeing>,
    /// Mood.
    pub mood: Option<Wellbeing>,
    /// Family and who looks after them.
    pub family: Option<Wellbeing>,
    /// What is needed, sealed. Reporter, leads and staff in scope.
    pub needs_sealed: Option<String>,
    /// The tier that the reporter proposes for the person.
    pub proposed_tier: Option<CareTier>,
    /// Task it reports on.
    #[sea_orm(belongs_to, from = "visit_task_id", to = "id")]
    pub visit_task: BelongsTo<super::visit_task::Entity>,
    /// Who reported.
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
