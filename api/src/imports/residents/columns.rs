//! The columns of a roster, by their usual names.

use entity::circumstances::Circumstance;

use super::super::header::Wanted;

pub const BUILDING: &str = "楼栋编码";
pub const UNIT: &str = "单元";
pub const ROOM: &str = "房号";
pub const RELATION: &str = "与户主关系";
pub const NAME: &str = "姓名";
pub const GENDER: &str = "性别";
pub const ID_NUMBER: &str = "身份证号";
pub const BORN_ON: &str = "出生日期";
pub const PHONE: &str = "联系电话";
pub const TIER: &str = "关爱等级";
pub const CENTER: &str = "党员中心户";
pub const EMERGENCY_NAME: &str = "紧急联系人";
pub const EMERGENCY_PHONE: &str = "紧急联系电话";
pub const NOTES: &str = "备注";

pub const CIRCUMSTANCES: [(&str, Circumstance); 6] = [
    ("独居", Circumstance::LivesAlone),
    ("空巢", Circumstance::EmptyNest),
    ("留守", Circumstance::LeftBehind),
    ("失能", Circumstance::CareDependent),
    ("重残", Circumstance::SevereDisability),
    ("计生特殊家庭", Circumstance::SpecialFamily),
];

const fn required(name: &'static str, variants: &'static [&'static str]) -> Wanted {
    Wanted {
        name,
        variants,
        required: true,
    }
}

const fn optional(name: &'static str, variants: &'static [&'static str]) -> Wanted {
    Wanted {
        name,
        variants,
        required: false,
    }
}

pub const WANTED: &[Wanted] = &[
    required(BUILDING, &["楼栋代码", "楼栋", "居住地楼栋编码"]),
    optional(UNIT, &["单元号"]),
    required(ROOM, &["房间号", "室号", "房间", "门牌号", "户号"]),
    optional(RELATION, &["与户主的关系", "户主关系", "关系"]),
    required(NAME, &["居民姓名", "人员姓名", "成员姓名", "户主姓名"]),
    optional(GENDER, &[]),
    optional(
        ID_NUMBER,
        &["身份证", "身份证号码", "公民身份号码", "证件号码"],
    ),
    optional(BORN_ON, &["出生年月日", "出生年月", "生日"]),
    optional(
        PHONE,
        &[
            "手机号",
            "手机号码",
            "电话",
            "手机",
            "电话号码",
            "联系方式",
            "本人电话",
        ],
    ),
    optional("独居", &["独居老人"]),
    optional("空巢", &["空巢老人"]),
    optional("留守", &["留守老人"]),
    optional("失能", &["失能老人", "失能半失能"]),
    optional("重残", &["重度残疾", "重残老人"]),
    optional("计生特殊家庭", &["计生特殊", "计划生育特殊家庭"]),
    optional(TIER, &["关爱级别", "探访等级", "等级"]),
    optional(CENTER, &["中心户"]),
    optional(EMERGENCY_NAME, &["紧急联系人姓名"]),
    optional(
        EMERGENCY_PHONE,
        &["紧急联系人电话", "紧急联系人手机号", "紧急联系人联系电话"],
    ),
    optional(NOTES, &["备注说明", "健康状况", "健康备注"]),
];
