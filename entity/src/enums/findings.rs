//! Enums of findings.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Where a finding stands in its life.
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
pub enum FindingStatus {
    /// A report says so; nobody has decided 待确认.
    Proposed,
    /// It holds, and what follows from it was done 已确认.
    Confirmed,
    /// It does not hold 不属实.
    Rejected,
    /// A later report took it back, or another finding settled the same 已撤回.
    Withdrawn,
    /// It was confirmed, and taken back with what had followed 已撤销.
    Undone,
}
