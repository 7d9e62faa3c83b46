//! Enums of beneficiaries and of their yearly certification.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::bits::{Bit, Bits};

/// As what somebody is a beneficiary 优抚类别.
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
pub enum BeneficiaryCategory {
    /// Disabled servicemen, police and officials 伤残人员.
    Disabled,
    /// Families of martyrs, of those who died on duty or of illness 三属.
    MartyrFamily,
    /// Red Army veterans of three kinds 三红.
    RedArmy,
    /// Old demobilised servicemen in the countryside 在乡老复员军人.
    OldDemobilised,
    /// Discharged with an illness 带病回乡退伍军人.
    IllDischarged,
    /// Took part in a war 参战退役人员.
    WarParticipant,
    /// Took part in nuclear tests 参试退役人员.
    TestParticipant,
    /// Rural veterans of 60 and more 农村籍退役士兵.
    RuralVeteran,
    /// Elderly children of martyrs 烈士老年子女.
    MartyrChild,
}

/// How a beneficiary is certified 认证方式.
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
pub enum CertificationChannel {
    /// At their home 上门.
    Home,
    /// With many at once, at a nursing home or station 集中认证.
    Session,
    /// By appointment at the station 预约.
    Appointment,
    /// By video 视频.
    Video,
    /// By themselves in the national app, recorded by staff 线上自助.
    Online,
    /// By a letter to a place that does not use this system 协查函.
    Letter,
}

/// Where a round stands in its life.
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
pub enum CertificationRoundStatus {
    /// Its roster is frozen; people are being certified 进行中.
    Open,
    /// Everybody is resolved; it never changes again 已结束.
    Closed,
    /// It was a mistake: nothing was confirmed in it 已作废.
    Voided,
}

/// Where a session or a slot stands in its life.
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
pub enum CertificationSessionStatus {
    /// It is to be held 已安排.
    Planned,
    /// It was held, and whoever did not come is noted 已举行.
    Held,
    /// It was called off 已取消.
    Cancelled,
}

/// Where a check stands in its life.
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
pub enum CheckStatus {
    /// To be certified 待认证.
    Pending,
    /// A time is planned 已安排.
    Scheduled,
    /// Somebody has certified; another confirms 待复核.
    Checked,
    /// Sent back for more 退回补充.
    Returned,
    /// Confirmed by another 已确认.
    Confirmed,
    /// Settled without a check, with a reason 特别处理.
    Settled,
}

/// What a check found.
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
pub enum CheckOutcome {
    /// Alive: the record is up to date 健在.
    Alive,
    /// Deceased: benefits stop 去世.
    Deceased,
    /// Moved away: another place certifies 迁出.
    MovedAway,
    /// The benefit has ended for another reason 待遇终止.
    BenefitEnded,
}

/// Why a try at certifying somebody met nobody.
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
pub enum CheckAttemptReason {
    /// Nobody was at home 不在家.
    NotAtHome,
    /// They did not come to the appointment or session 未到场.
    Absent,
    /// No answer by phone or video 联系不上.
    Unreachable,
    /// They refused 拒绝配合.
    Refused,
    /// Address or number are wrong 地址或电话有误.
    WrongContact,
    /// Something else, told in the notes 其他.
    Other,
}

/// Where a hand-over between stations stands in its life.
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
pub enum HandOverStatus {
    /// The other station is asked 待接收.
    Offered,
    /// The other station makes the check 已接收.
    Accepted,
    /// The other station does not, with a reason 已拒收.
    Declined,
    /// Taken back, with a reason 已撤回.
    Withdrawn,
    /// Nobody answered in time, or it was settled otherwise before 已过期.
    Expired,
}

/// Categories of beneficiaries, stored as their bits.
pub type BeneficiaryCategories = Bits<BeneficiaryCategory>;

impl Bit for BeneficiaryCategory {
    fn bit(self) -> i32 {
        match self {
            Self::Disabled => 1,
            Self::MartyrFamily => 2,
            Self::RedArmy => 4,
            Self::OldDemobilised => 8,
            Self::IllDischarged => 16,
            Self::WarParticipant => 32,
            Self::TestParticipant => 64,
            Self::RuralVeteran => 128,
            Self::MartyrChild => 256,
        }
    }
}
