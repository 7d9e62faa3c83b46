//! Enums of wishes, bookings and whoever carries them out.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Where a wish 微心愿 stands in its life.
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
pub enum WishStatus {
    /// Written down; nobody has taken it on 待认领.
    Open,
    /// A slot is booked for it, or somebody has taken it on 已预约.
    Booked,
    /// It is being carried out 进行中.
    InProgress,
    /// Done and proved; the household has the word 已完成待评价.
    Fulfilled,
    /// The household has agreed, or was silent 已办结.
    Closed,
    /// The household does not want it any more, with a reason 已撤回.
    Withdrawn,
    /// Its last day passed while nobody had taken it on 已过期.
    Expired,
}

/// How urgent a wish is.
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
pub enum WishUrgency {
    /// It can wait.
    Low,
    /// As usual.
    Normal,
    /// Soon.
    Urgent,
}

/// How a household said something that another enters for it 代办方式.
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
pub enum AskedHow {
    /// In person 当面.
    InPerson,
    /// By phone 电话.
    Phone,
    /// On paper 纸质.
    Paper,
    /// By its one-time code 验证码.
    Code,
}

/// What proves that a wish was fulfilled.
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
pub enum WishProof {
    /// The one-time code that the household gave to who did it.
    Code,
    /// A picture.
    Photo,
}

/// What a household says of a fulfilled wish.
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
pub enum WishWordKind {
    /// It is content, with a rating where it gives one.
    Agreed,
    /// It is not; the wish is opened again 投诉.
    Complaint,
}

/// Where a booking 预约 stands in its life.
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
pub enum BookingStatus {
    /// It holds a place and waits for the partner to confirm it 待确认.
    Requested,
    /// The slot is full; it waits in the order of its ticket 候补.
    Waitlisted,
    /// A place became free and is held for it until a moment 待接受.
    Offered,
    /// It holds a place 已确认.
    Confirmed,
    /// It was carried out 已完成.
    Done,
    /// It was called off or lapsed, with a reason 已取消.
    Cancelled,
    /// Nobody was there 爽约.
    NoShow,
}

/// On whose side a booking ended.
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
pub enum CancelledBy {
    /// The household does not want it.
    Household,
    /// The partner cannot.
    Partner,
    /// The community called it off.
    Community,
    /// Nobody accepted an offered place in time, or the slot began first.
    Lapse,
}

/// What somebody does for a wish.
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
pub enum HandPart {
    /// Does it 承办.
    Doer,
    /// Helps who does it 协助.
    Helper,
}

/// Where it stands with somebody who lends a hand.
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
pub enum HandStatus {
    /// They have taken it on 已报名.
    Joined,
    /// They gave it back, or it fell through 已退出.
    Left,
    /// The wish is fulfilled; their minutes wait for verification 待核实.
    Served,
    /// Their minutes count in their service record 已核实.
    Verified,
}
