//! Generation of the change log: a restored backup raises it, so old tokens are refused.

use sea_orm::entity::prelude::*;

/// The only row; its `id` is 1.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "log_generation")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// Current generation; starts at 1, is part of every sync token.
    pub generation: i64,
}

impl ActiveModelBehavior for ActiveModel {}
