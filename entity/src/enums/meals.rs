//! Enums of meal delivery.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::bits::Bit;

/// A meal of the day.
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
pub enum Meal {
    /// Lunch 午餐.
    Lunch,
    /// Dinner 晚餐.
    Dinner,
}

impl Bit for Meal {
    fn bit(self) -> i32 {
        match self {
            Self::Lunch => 1,
            Self::Dinner => 2,
        }
    }
}

/// A day of the week on which a canteen serves; stored only in a set.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[repr(i32)]
pub enum Weekday {
    /// Monday 周一.
    Monday = 1,
    /// Tuesday 周二.
    Tuesday = 2,
    /// Wednesday 周三.
    Wednesday = 4,
    /// Thursday 周四.
    Thursday = 8,
    /// Friday 周五.
    Friday = 16,
    /// Saturday 周六.
    Saturday = 32,
    /// Sunday 周日.
    Sunday = 64,
}

impl Bit for Weekday {
    fn bit(self) -> i32 {
        self as i32
    }
}

/// Where a batch of meals stands, apart from its doors.
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
pub enum MealBatchStatus {
    /// Nobody has it 待认领.
    Open,
    /// Somebody takes it round 已认领.
    Claimed,
    /// No meal is due in it any more 已取消.
    CalledOff,
}
