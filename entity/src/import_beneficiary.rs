//! Staging of a roster of beneficiaries: a person per row.
//!
//! No foreign keys; purged by age; not logged on PostgreSQL (a crash empties it). Protected as the
//! table it is merged into.

use sea_orm::entity::prelude::*;

use crate::enums::{BeneficiaryCategory, CertificationChannel, Gender};

/// A checked row of a beneficiaries' roster: the values that the record is to have.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_beneficiary")]
pub struct Model {
    /// Import the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub import_id: Uuid,
    /// Place of the row among the rows of the import, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ordinal: i32,
    /// Beneficiary it creates or updates.
    pub beneficiary_id: Uuid,
    /// Version the check saw; none if new.
    pub expected_version: Option<i64>,
    /// Resident that the beneficiary is from now on.
    pub resident_id: Option<Uuid>,
    /// Whether that is found out by this row.
    pub is_newly_matched: bool,
    /// As in [`beneficiary`](crate::beneficiary); of one on record not written.
    pub area_id: Uuid,
    /// Grid above `area_id`, or `area_id` itself where that lies above a grid.
    pub grid_id: Uuid,
    /// As in [`beneficiary`](crate::beneficiary); of one on record not written.
    pub name: String,
    /// As in [`beneficiary`](crate::beneficiary).
    pub gender: Gender,
    /// As in [`beneficiary`](crate::beneficiary).
    pub born_on: Option<Date>,
    /// As in [`beneficiary`](crate::beneficiary).
    pub id_number_sealed: Option<String>,
    /// As in [`beneficiary`](crate::beneficiary).
    pub id_number_hash: Option<String>,
    /// As in [`beneficiary`](crate::beneficiary).
    pub phone_sealed: Option<String>,
    /// As in [`beneficiary`](crate::beneficiary).
    pub phone_hash: Option<String>,
    /// As in [`beneficiary`](crate::beneficiary).
    pub category: BeneficiaryCategory,
    /// As in [`beneficiary`](crate::beneficiary).
    pub certificate_number: Option<String>,
    /// As in [`beneficiary`](crate::beneficiary).
    pub registered_elsewhere: Option<String>,
    /// As in [`beneficiary`](crate::beneficiary).
    pub home_area_id: Option<Uuid>,
    /// As in [`beneficiary`](crate::beneficiary).
    pub institution: Option<String>,
    /// As in [`beneficiary`](crate::beneficiary).
    pub is_immobile: bool,
    /// As in [`beneficiary`](crate::beneficiary).
    pub preferred_channel: Option<CertificationChannel>,
    /// When it was staged; leftovers are purged by it.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
