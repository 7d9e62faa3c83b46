//! Staging of a roster import: a person, their household, enrolment and contact.
//!
//! No foreign keys; purged by age; not logged on PostgreSQL (a crash empties it). Protected as the
//! tables it is merged into.

#![expect(
    clippy::struct_excessive_bools,
    reason = "each says what the merge does to one table"
)]

use sea_orm::entity::prelude::*;

use crate::circumstances::Circumstances;
use crate::enums::{CareTier, Gender, ImportAction};

/// A checked row of a residents' roster.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_resident")]
pub struct Model {
    /// Import the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub import_id: Uuid,
    /// Place of the row among the rows of the import, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ordinal: i32,
    /// Resident it creates or updates.
    pub resident_id: Uuid,
    /// Whether the resident is to be created.
    pub resident_is_new: bool,
    /// Whether anything of the resident differs from the database.
    pub resident_changed: bool,
    /// Version the check saw; none if new.
    pub resident_version: Option<i64>,
    /// Household the resident lives in.
    pub household_id: Uuid,
    /// Whether the household is to be created; true on the first row that names it.
    pub household_is_new: bool,
    /// Whether anything of the household differs; true on the first row that names it.
    pub household_changed: bool,
    /// Version the check saw; none if new.
    pub household_version: Option<i64>,
    /// First place of a household that is to be created.
    pub place_id: Option<Uuid>,
    /// Building of the household.
    pub area_id: Uuid,
    /// Grid above `area_id`, or `area_id` itself where that lies above a grid.
    pub grid_id: Uuid,
    /// As in [`household`](crate::household).
    pub unit: String,
    /// As in [`household`](crate::household).
    pub room: String,
    /// As in [`household`](crate::household).
    pub is_center: bool,
    /// As in [`resident`](crate::resident).
    pub name: String,
    /// As in [`resident`](crate::resident).
    pub gender: Gender,
    /// As in [`resident`](crate::resident).
    pub born_on: Option<Date>,
    /// As in [`resident`](crate::resident).
    pub id_number_sealed: Option<String>,
    /// As in [`resident`](crate::resident).
    pub id_number_hash: Option<String>,
    /// As in [`resident`](crate::resident).
    pub phone_sealed: Option<String>,
    /// As in [`resident`](crate::resident).
    pub phone_hash: Option<String>,
    /// As in [`resident`](crate::resident).
    pub health_notes_sealed: Option<String>,
    /// As in [`resident`](crate::resident).
    pub relation: Option<String>,
    /// Whether the resident moves here from another household.
    pub move_household: bool,
    /// Stay to begin, of a resident who is new or moves.
    pub residence_id: Option<Uuid>,
    /// What to do with the enrolment: NONE, INSERT, UPDATE or REPLACE.
    pub enrolment_action: ImportAction,
    /// Enrolment to create, for INSERT and REPLACE.
    pub enrolment_id: Option<Uuid>,
    /// Open enrolment that the check saw.
    pub open_enrolment_id: Option<Uuid>,
    /// Version the check saw; none if there was no open one.
    pub enrolment_version: Option<i64>,
    /// As in [`care_enrolment`](crate::care_enrolment); none if the row enrols nobody.
    pub tier: Option<CareTier>,
    /// As in [`care_enrolment`](crate::care_enrolment); empty if the row enrols nobody.
    pub circumstances: Circumstances,
    /// First emergency contact, to create or update.
    pub contact_id: Option<Uuid>,
    /// Version the check saw; none if there was none.
    pub contact_version: Option<i64>,
    /// What to do with the contact: NONE, INSERT or UPDATE.
    pub contact_action: ImportAction,
    /// As in [`emergency_contact`](crate::emergency_contact).
    pub contact_name: Option<String>,
    /// As in [`emergency_contact`](crate::emergency_contact).
    pub contact_phone_sealed: Option<String>,
    /// As in [`emergency_contact`](crate::emergency_contact).
    pub contact_phone_hash: Option<String>,
    /// When it was staged; leftovers are purged by it.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
