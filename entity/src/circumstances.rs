//! The circumstances that make an elder a subject of visits, stored as a bit set.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::bits::{Bit, Bits};

/// A circumstance of an elder; the number is its bit and never changes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[repr(i32)]
pub enum Circumstance {
    /// Lives alone 独居.
    LivesAlone = 1,
    /// Empty nest 空巢.
    EmptyNest = 2,
    /// Left behind 留守.
    LeftBehind = 4,
    /// Cannot care for self 失能.
    CareDependent = 8,
    /// Severely disabled 重残.
    SevereDisability = 16,
    /// Family-planning special family 计生特殊家庭; never shown to volunteers.
    SpecialFamily = 32,
}

impl Bit for Circumstance {
    fn bit(self) -> i32 {
        self as i32
    }
}

/// A set of circumstances.
pub type Circumstances = Bits<Circumstance>;
