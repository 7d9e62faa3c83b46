//! Enums of accompaniments.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Where an accompaniment stands in its life.
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
pub enum AccompanimentStatus {
    /// The volunteer is asked 待答复.
    Asked,
    /// The volunteer comes along 已接受.
    Accepted,
    /// The volunteer does not come, with a reason 已谢绝.
    Declined,
    /// Nobody is needed any more 已取消.
    Cancelled,
    /// It was made 已结束.
    Over,
}
