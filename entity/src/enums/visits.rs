//! Enums of visit tasks.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::bits::Bit;

/// Kind of a visit.
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
pub enum VisitKind {
    /// Elder visit 探访关爱.
    HomeVisit,
    /// Meal delivery 送餐.
    MealDelivery,
    /// Check of electricity and appliances 用电安全.
    SafetyCheck,
    /// Policy briefing 政策宣传.
    PolicyBriefing,
    /// Festival visit 慰问.
    FestivalVisit,
}

/// Where a visit task stands in its life.
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
pub enum VisitStatus {
    /// Nobody holds it 待认领.
    Open,
    /// Someone holds it 已认领.
    Claimed,
    /// Its holder is on the way or there 进行中.
    Started,
    /// Reported, waits to be verified 已反馈.
    Reported,
    /// Its report needs more 退回补充.
    Returned,
    /// Done 核实通过.
    Verified,
    /// Its window passed 逾期未访.
    Missed,
    /// Called off, with a reason 已取消.
    Cancelled,
}

/// Why an attempt 未果记录 came to nothing.
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
pub enum AttemptReason {
    /// Nobody at home 不在家.
    NotAtHome,
    /// Refused to open 拒绝开门.
    RefusedToOpen,
    /// No answer to knock or call 无人应答.
    NoAnswer,
    /// Something else, told in the notes.
    Other,
}

/// What a visit found.
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
pub enum VisitOutcome {
    /// Seen and well 见到本人、情况良好.
    SeenWell,
    /// Seen, needs help 需要帮助.
    NeedsHelp,
    /// In hospital 住院.
    InHospital,
    /// In a nursing home or other institution 入住机构.
    InInstitution,
    /// Moved away 已搬离.
    MovedAway,
    /// Deceased 已故.
    Deceased,
    /// Refuses visits for good 拒绝探访.
    RefusesVisits,
}

/// How contact was made; which method counts depends on the tier.
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
pub enum VisitMethod {
    /// At the door 上门.
    InPerson,
    /// By phone 电话.
    Phone,
    /// By video 视频.
    Video,
    /// Through a neighbour 邻里协助.
    Neighbour,
    /// Through the hotline 热线.
    Hotline,
}

/// Where a visit task comes from.
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
pub enum VisitOrigin {
    /// Planned by a person.
    Planned,
    /// Made by the care rule of a tier.
    Rule,
    /// Made by an event round.
    Round,
    /// Made by a meal list: a door of a batch.
    Meal,
    /// Made on the review date of a pause.
    Review,
    /// Asked for by a report.
    FollowUp,
    /// A visit that nobody planned, recorded afterwards.
    Unplanned,
    /// A report that came after its claim had lapsed; linked to the task it was claimed as.
    Late,
}

/// How far it is known that the visitor was at the door; never a position.
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
pub enum Arrival {
    /// The code inside the home was read.
    Code,
    /// The phone said it was near the building.
    Near,
    /// The phone said it was elsewhere.
    Far,
    /// Not known.
    Unknown,
}

/// How one part of an elder's life was found.
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
pub enum Wellbeing {
    /// As it should be 良好.
    Good,
    /// To be watched 需关注.
    Concern,
    /// Help is needed 较差.
    Poor,
}

/// Which reports a person must verify.
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
pub enum VerificationMode {
    /// All of them 逐一核实.
    All,
    /// Some, drawn by the server 抽查; it verifies the others at once.
    Sample,
    /// Those that somebody looks at in time; the server verifies the others after hours 到时自动核实.
    Auto,
}

impl Bit for VisitKind {
    fn bit(self) -> i32 {
        match self {
            Self::HomeVisit => 1,
            Self::MealDelivery => 2,
            Self::SafetyCheck => 4,
            Self::PolicyBriefing => 8,
            Self::FestivalVisit => 16,
        }
    }
}

impl Bit for VisitMethod {
    fn bit(self) -> i32 {
        match self {
            Self::InPerson => 1,
            Self::Phone => 2,
            Self::Video => 4,
            Self::Neighbour => 8,
            Self::Hotline => 16,
        }
    }
}
