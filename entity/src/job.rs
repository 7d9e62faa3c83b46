//! Job: something the servers do by themselves, one of them at a time.

use sea_orm::entity::prelude::*;

/// The state of one job.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    /// Its name, as in the program.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Server process that is at it; none while it rests.
    pub holder: Option<Uuid>,
    /// When another server may take over.
    pub lease_until: Option<DateTimeUtc>,
    /// When it last began.
    pub started_at: Option<DateTimeUtc>,
    /// When it was last done without a failure.
    pub finished_at: Option<DateTimeUtc>,
    /// How often it has failed since.
    pub failures: i32,
}

impl ActiveModelBehavior for ActiveModel {}
