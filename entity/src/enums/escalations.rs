//! Enums of escalations.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Why an elder's visit climbs.
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
pub enum EscalationCause {
    /// Nobody has claimed it and its window ends within a day 即将逾期.
    AtRisk,
    /// Its window has passed 逾期未访.
    Overdue,
}

/// Where an escalation stands in its life.
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
pub enum EscalationStatus {
    /// Nobody has taken it on 待响应.
    Open,
    /// Somebody takes care of it 处理中.
    Taken,
    /// The person was contacted, or is to be visited no more 已办结.
    Settled,
}
