//! Volunteer profile 志愿者档案: who a volunteer is, beside the account they sign in with.
//!
//! The basics of a volunteer's record as 民政部令第67号 names them, and what a certificate of service
//! (民发〔2015〕149号) carries. Made by the first edit; an account without one is a volunteer of whom
//! nothing more is known.

use sea_orm::entity::prelude::*;

use crate::enums::{Gender, IdKind};

/// What is known of a volunteer. Protected, but for the number and the date of joining.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "volunteer_profile")]
pub struct Model {
    /// The volunteer's account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// Number in the national system of volunteers, up to 40 characters; unique where known.
    pub volunteer_number: Option<String>,
    /// Gender.
    pub gender: Gender,
    /// Birth date. Protected.
    pub born_on: Option<Date>,
    /// Kind of identity document.
    pub id_kind: Option<IdKind>,
    /// Its number, sealed. Protected.
    pub id_number_sealed: Option<String>,
    /// Keyed hash of kind and number; unique where known.
    pub id_number_hash: Option<String>,
    /// Address, sealed. Protected.
    pub address_sealed: Option<String>,
    /// Whom to call in an emergency, up to 40 characters. Protected.
    pub emergency_name: Option<String>,
    /// Their phone number, sealed. Protected.
    pub emergency_phone_sealed: Option<String>,
    /// Insurer and policy, up to 60 characters.
    pub insurance_policy: Option<String>,
    /// Last day on which the insurance covers.
    pub insurance_until_on: Option<Date>,
    /// Day on which they became a volunteer.
    pub joined_on: Option<Date>,
    /// What they can do, up to 500 characters.
    pub skills: Option<String>,
    /// Raised by one on every write; starts at 1.
    pub version: i64,
    /// When the row was written (server's clock).
    pub created_at: DateTimeUtc,
    /// When the row was last written (server's clock).
    pub updated_at: DateTimeUtc,
    /// The volunteer's account.
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
