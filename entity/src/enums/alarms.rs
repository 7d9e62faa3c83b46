//! Enums of alarms.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What an alarm is about.
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
pub enum AlarmKind {
    /// No answer, and reason to worry 无人应答且令人担忧.
    NoAnswerConcern,
    /// Somebody needs a doctor 突发疾病.
    Medical,
    /// Fire or gas 火灾或燃气.
    FireGas,
    /// Something else, told in the note.
    Other,
}

/// Where an alarm stands in its life.
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
pub enum AlarmStatus {
    /// Nobody has taken it on yet 待响应.
    Raised,
    /// Somebody takes care of it 处置中.
    Acknowledged,
    /// Settled, with what was found 已办结.
    Closed,
}

/// What was done about an alarm.
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
pub enum AlarmAction {
    /// Somebody raised it 上报.
    Raised,
    /// Nobody acknowledged it in time: it went a level up 逐级上报.
    Climbed,
    /// Somebody took it on 响应.
    Acknowledged,
    /// It was settled 办结.
    Closed,
}
