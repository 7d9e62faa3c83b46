//! Enums of areas and accounts.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Level of an area, from the top of the tree to its leaves.
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
pub enum AreaKind {
    /// District 区.
    District,
    /// Street 街道.
    Street,
    /// Community 社区.
    Community,
    /// Compound 小区.
    Compound,
    /// Grid 网格.
    Grid,
    /// Building 楼栋.
    Building,
}

/// Whether an account may sign in.
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
pub enum AccountStatus {
    /// May sign in.
    Active,
    /// May not; its sessions have ended.
    Disabled,
}

/// What a grant lets someone do; the rank among roles is the policy's matter.
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
pub enum Role {
    /// Volunteer 志愿者.
    Volunteer,
    /// Center household 党员中心户.
    CenterHousehold,
    /// Grid lead 网格长.
    GridLead,
    /// Compound secretary 小区党支部书记.
    CompoundSecretary,
    /// Community secretary and staff 社区工作人员.
    CommunityStaff,
    /// Staff of the veterans' station 退役军人服务站.
    VeteransStaff,
    /// Partner 社区合伙人.
    Partner,
    /// Supervisor of street or district 督查人员.
    Supervisor,
    /// Administrator 管理员.
    Admin,
}
