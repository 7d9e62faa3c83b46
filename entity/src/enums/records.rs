//! Enums of the change log and of imports.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Kind of a synced object in the change log.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(30))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChangeKind {
    /// An area.
    Area,
    /// An account or its grants.
    Account,
    /// A household.
    Household,
    /// A resident.
    Resident,
    /// A care enrolment.
    CareEnrolment,
    /// An emergency contact.
    EmergencyContact,
    /// A visit task, with its attempts and reports.
    VisitTask,
    /// An alarm.
    Alarm,
    /// A finding that ends or suspends visits.
    Finding,
    /// An escalation.
    Escalation,
    /// A meal list with whom it feeds.
    MealList,
    /// A batch of meals; its doors are visit tasks.
    MealBatch,
    /// A beneficiary.
    Beneficiary,
    /// A round of certification.
    CertificationRound,
    /// A check of a round.
    CertificationCheck,
    /// A session or an appointment slot of a round.
    CertificationSession,
    /// A hand-over of a check between stations.
    HandOver,
    /// That somebody is asked to come along.
    Accompaniment,
    /// A partner, with its people and places.
    Partner,
    /// An offer, with its series of slots.
    ServiceOffer,
    /// A package of offers.
    ServicePackage,
    /// A slot of an offer.
    ServiceSlot,
    /// A wish, with who lends a hand and the household's word.
    Wish,
    /// A booking.
    Booking,
}

/// What became of a changed object.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChangeOp {
    /// It is there: created or changed.
    Upsert,
    /// It is gone.
    Delete,
}

/// What merging a staged row does to one of its objects.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ImportAction {
    /// Nothing.
    None,
    /// Creates it.
    Insert,
    /// Changes it in place.
    Update,
    /// Ends the one there is and creates another.
    Replace,
}
