//! Enums of coverage.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// One of the two figures of coverage, which are never mixed.
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
pub enum CoverageFigure {
    /// Monthly contact rate 月探访率.
    Contact,
    /// Plan completion 计划完成率.
    Plan,
}

/// What became of a person in a figure of coverage.
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
pub enum CoverageOutcome {
    /// Contacted.
    Contacted,
    /// Excluded, for a reason.
    Excluded,
    /// Neither.
    Missed,
}

/// Why a person is excluded from a figure of coverage.
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
pub enum CoverageReason {
    /// Died 已故.
    Deceased,
    /// No longer enrolled 终止探访.
    Ended,
    /// Visits rest 暂停探访.
    Paused,
    /// Every planned visit was called off 探访已取消.
    CalledOff,
}
