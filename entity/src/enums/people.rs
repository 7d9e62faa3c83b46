//! Enums of residents and their care, and of volunteers.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::bits::{Bit, Bits};

/// Gender as in the household register.
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
pub enum Gender {
    /// Male 男.
    Male,
    /// Female 女.
    Female,
    /// Not known.
    Unknown,
}

/// Care tier 关爱等级; how often it means is a rule kept as data.
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
pub enum CareTier {
    /// High risk 高风险.
    HighRisk,
    /// Key 重点.
    Key,
    /// General 一般.
    General,
}

/// Care tiers, stored as their bits.
pub type CareTiers = Bits<CareTier>;

impl Bit for CareTier {
    fn bit(self) -> i32 {
        match self {
            Self::HighRisk => 1,
            Self::Key => 2,
            Self::General => 4,
        }
    }
}

/// Kind of identity document of a volunteer.
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
pub enum IdKind {
    /// Resident identity card 居民身份证.
    IdentityCard,
    /// Travel permit of residents of Hong Kong and Macao 港澳居民来往内地通行证.
    HongKongMacaoPermit,
    /// Travel permit of residents of Taiwan 台湾居民来往大陆通行证.
    TaiwanPermit,
    /// Passport 护照.
    Passport,
    /// Another document.
    Other,
}

/// What others say of a volunteer's service.
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
pub enum AwardKind {
    /// Award 表彰奖励.
    Award,
    /// Evaluation 评价, e.g. of a year.
    Evaluation,
}
