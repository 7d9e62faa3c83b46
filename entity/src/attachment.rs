//! Attachment 附件: what is known of a file that proves a check or a wish; the file itself lies in a store.

use sea_orm::entity::prelude::*;

use crate::enums::AttachmentKind;

/// A file. It is added and never changes; sent again after its check was sent back, or its wish complained about,
/// it counts anew.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attachment")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Check whose evidence it is; whoever sees the check sees it. A CHECK: it or `wish_id` is there.
    pub check_id: Option<Uuid>,
    /// Wish whose fulfilment it proves.
    pub wish_id: Option<Uuid>,
    /// What it is, by its content.
    pub kind: AttachmentKind,
    /// How large it is, unsealed, in bytes.
    pub bytes: i64,
    /// SHA-256 of what is kept, unsealed, 64 hexadecimal digits; with `check_id`, and with `wish_id`, unique.
    pub sha256: String,
    /// Name under which the store keeps it, sealed; unique, a `UUIDv7` from before the row was written.
    #[sea_orm(unique)]
    pub object_name: Uuid,
    /// Who added it, the last time.
    pub added_by: Uuid,
    /// How often its check had been sent back by then, or its wish complained about: the file proves what was found or
    /// done since.
    pub after_returns: i32,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// Check whose evidence it is.
    #[sea_orm(belongs_to, from = "check_id", to = "id")]
    pub check: BelongsTo<Option<super::certification_check::Entity>>,
    /// Wish whose fulfilment it proves.
    #[sea_orm(belongs_to, from = "wish_id", to = "id")]
    pub wish: BelongsTo<Option<super::wish::Entity>>,
    /// Who added it.
    #[sea_orm(belongs_to, from = "added_by", to = "id")]
    pub adder: BelongsTo<super::account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
