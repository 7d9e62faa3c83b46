//! Award 表彰奖励 or evaluation 评价: what others say of a volunteer's service.

use sea_orm::entity::prelude::*;

use crate::enums::AwardKind;

/// An award or an evaluation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "volunteer_award")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The volunteer.
    pub account_id: Uuid,
    /// Which of the two.
    pub kind: AwardKind,
    /// What it says, up to 80 characters.
    pub title: String,
    /// Day on which it was given.
    pub awarded_on: Date,
    /// Who gave it, up to 80 characters.
    pub issuer: Option<String>,
    /// Account that wrote it down.
    pub recorded_by: Uuid,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When it was annulled as a mistake; none while it stands. The row stays.
    pub annulled_at: Option<DateTimeUtc>,
    /// Account that annulled it.
    pub annulled_by: Option<Uuid>,
    /// Why, up to 200 characters.
    pub annul_reason: Option<String>,
    /// The volunteer.
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::account::Entity>,
    /// Who wrote it down.
    #[sea_orm(
        belongs_to,
        relation_enum = "Recorder",
        from = "recorded_by",
        to = "id"
    )]
    pub recorder: BelongsTo<super::account::Entity>,
    /// Who annulled it.
    #[sea_orm(
        belongs_to,
        relation_enum = "Annuller",
        from = "annulled_by",
        to = "id"
    )]
    pub annuller: BelongsTo<Option<super::account::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
