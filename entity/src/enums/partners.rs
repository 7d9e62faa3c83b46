//! Enums of partners, their offers and slots.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Whether a partner 社区合伙人 works with the community.
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
pub enum PartnerStatus {
    /// It does.
    Active,
    /// It does not any more 已终止.
    Ended,
}

/// What kind of service 服务类别: of an offer, and of what a wish asks for.
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
pub enum ServiceCategory {
    /// Cleaning of appliances 家电清洗.
    ApplianceCleaning,
    /// Repairs 维修.
    Repair,
    /// Haircuts 理发.
    Haircut,
    /// Health, free clinics 健康义诊.
    Health,
    /// Shopping for people 代购.
    Shopping,
    /// Tutoring 助学.
    Tutoring,
    /// Legal advice 法律咨询.
    LegalAdvice,
    /// Anything else 其他.
    Other,
}

/// Where an offer 服务项目 or a package 便民服务套餐 stands in its life.
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
pub enum OfferStatus {
    /// Written down, seen by its partner and by staff 草稿.
    Draft,
    /// Can be booked 已发布.
    Published,
    /// Withdrawn 已下架.
    Ended,
}

/// Whether a slot 可约时段 takes place.
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
pub enum SlotStatus {
    /// It does.
    Open,
    /// It was called off, with a reason 已取消.
    Cancelled,
}
