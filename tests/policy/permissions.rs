//! Which role holds which permission, and which roles may grant which, as text.

use entity::enums::Role;
use nuanlin::access::policy::{Permission, allows, grantable};
use sea_orm::Iterable as _;

use super::table::table;
use crate::support::text_file;

fn chinese(permission: Permission) -> &'static str {
    use Permission as P;
    match permission {
        P::AreaRead => "查看区域",
        P::AccountRead => "查看账号与授权",
        P::AccountManage => "添加账号、授权、重置",
        P::HouseholdRead => "查看住户列表",
        P::HouseholdEdit => "添加、修改住户",
        P::ResidentRead => "查看居民完整信息",
        P::ResidentIdNumber => "查看完整身份证号",
        P::ResidentEdit => "添加、修改居民",
        P::EnrolmentEdit => "纳入探访、调整等级",
        P::VisitRead => "查看探访任务（脱敏）",
        P::VisitPlan => "安排探访",
        P::VisitClaim => "认领探访",
        P::VisitCarryOut => "执行已认领的探访",
        P::VisitVerify => "核实或退回他人反馈",
        P::VisitCancel => "取消探访",
        P::VisitReassign => "改派探访",
        P::VisitRecord => "补记探访与电话",
        P::CareRuleEdit => "设定探访规则",
        P::RoundStart => "发起专项探访",
        P::MealEdit => "维护送餐名单",
        P::ContactCardEdit => "更换联系卡",
        P::FindingConfirm => "确认探访发现",
        P::AlarmRaise => "紧急上报",
        P::AlarmHandle => "处置紧急上报",
        P::CoverageRead => "查看探访率",
        P::CoverageClose => "月度结账",
        P::DeskRead => "查看工作台",
        P::DutyEdit => "安排值班与代班",
        P::VolunteerRead => "查看志愿者档案",
        P::VolunteerEdit => "维护志愿者档案",
        P::AreaEdit => "调整网格与批量迁移",
        P::Export => "导出报表",
        P::BeneficiaryRead => "查看优抚对象",
        P::BeneficiaryEdit => "维护优抚对象",
        P::CertificationPlan => "组织认证批次与安排",
        P::CertificationCheck => "核查优抚对象",
        P::CertificationConfirm => "复核确认（须街道及以上）",
        P::CertificationSettle => "特别处理（须街道及以上）",
        P::CertificationCoverageRead => "查看认证汇总数",
        P::Import => "导入表格",
        P::AreaImport => "导入区域",
        P::EvidenceAdd => "上传认证附件",
        P::EvidenceRead => "查看认证附件",
        P::PartnerRead => "查看社区合伙人",
        P::PartnerEdit => "维护社区合伙人",
        P::OfferRead => "查看已发布的服务与时段",
        P::OfferEdit => "编写服务、安排时段",
        P::OfferPublish => "发布、下架服务",
        P::BookingRead => "查看预约",
        P::BookingMake => "代住户预约",
        P::BookingDecide => "确认、取消预约",
        P::WishRead => "查看微心愿（脱敏）",
        P::WishRecord => "登记微心愿",
        P::WishEdit => "修改、撤回微心愿",
        P::WishHelp => "承办、协助微心愿",
        P::WishWord => "代录住户评价",
        P::WishVerify => "核实服务时长",
        P::WishBoardRead => "查看微心愿看板",
    }
}

/// The role's name as the community says it.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Volunteer => "志愿者",
        Role::CenterHousehold => "中心户",
        Role::GridLead => "网格长",
        Role::CompoundSecretary => "小区书记",
        Role::CommunityStaff => "社区",
        Role::VeteransStaff => "退役站",
        Role::Partner => "合伙人",
        Role::Supervisor => "督查",
        Role::Admin => "管理员",
    }
}

fn sign(allowed: bool) -> String {
    if allowed { "✔" } else { "✘" }.to_owned()
}

#[test]
fn the_roles_permissions_are_as_people_agreed() {
    let heading = |first: &str| {
        let roles = Role::iter().map(|one| role(one).to_owned());
        let mut row = vec![first.to_owned(), String::new()];
        row.extend(roles);
        row
    };
    let mut permissions = vec![heading("权限")];
    for permission in Permission::ALL {
        let mut row = vec![chinese(*permission).to_owned(), format!("{permission:?}")];
        row.extend(Role::iter().map(|role| sign(allows(role, *permission))));
        permissions.push(row);
    }
    let mut grants = vec![heading("可授予的角色（列）")];
    for granter in Role::iter() {
        let mut row = vec![role(granter).to_owned(), format!("{granter:?}")];
        row.extend(Role::iter().map(|one| sign(grantable(granter).contains(&one))));
        grants.push(row);
    }
    let text = format!(
        "角色与权限：每个角色在其授权区域及以下可以做什么（✔ 可以，✘ 不可以）。\n\n{}\n\
         谁可以授予谁：行为授予人的角色。\n\n{}",
        table(&permissions),
        table(&grants)
    );
    text_file::compare(
        "tests/policy/permissions.txt",
        &text,
        "A role gained or lost a permission. Where people agreed on it: \
         NUANLIN_TEST_WRITE=1 cargo test policy, and show them the difference.",
    );
}
