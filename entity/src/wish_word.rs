//! What a household says of what was done for it.

use sea_orm::entity::prelude::*;

use crate::enums::{AskedHow, WishWordKind};

/// A household's word, entered by somebody who did not lend a hand. It is added and never changes.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "wish_word")]
pub struct Model {
    /// Primary key, `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Wish.
    pub wish_id: Uuid,
    /// What it says.
    pub kind: WishWordKind,
    /// 1 to 5, where it gives one.
    pub rating: Option<i32>,
    /// Protected: in its words.
    pub words_sealed: Option<String>,
    /// How it was said.
    pub how: AskedHow,
    /// Who of the household said it.
    pub resident_id: Option<Uuid>,
    /// Who entered it.
    pub entered_by: Uuid,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// Wish.
    #[sea_orm(belongs_to, from = "wish_id", to = "id")]
    pub wish: BelongsTo<super::wish::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
