//! Enums of event rounds.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Why everybody of some tiers is visited beyond the care rules.
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
pub enum RoundCause {
    /// A major change in somebody's life 重大变故: within 24 hours.
    MajorChange,
    /// Heat, cold, storm 极端天气.
    ExtremeWeather,
    /// Before a festival 节前慰问.
    Festival,
    /// Something else, told in the name.
    Other,
}
