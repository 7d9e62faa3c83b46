//! What beneficiaries are called, and what a record must agree on.

use entity::enums::{BeneficiaryCategory, CertificationChannel, CheckOutcome};

use crate::error::{Code, Error, Result};

/// Every category there is.
const CATEGORIES: [BeneficiaryCategory; 9] = {
    use BeneficiaryCategory as C;
    [
        C::Disabled,
        C::MartyrFamily,
        C::RedArmy,
        C::OldDemobilised,
        C::IllDischarged,
        C::WarParticipant,
        C::TestParticipant,
        C::RuralVeteran,
        C::MartyrChild,
    ]
};

/// A category as rosters write it 简称.
#[must_use]
pub const fn short_name(category: BeneficiaryCategory) -> &'static str {
    use BeneficiaryCategory as C;
    match category {
        C::Disabled => "伤残人员",
        C::MartyrFamily => "三属",
        C::RedArmy => "三红",
        C::OldDemobilised => "在乡老复员军人",
        C::IllDischarged => "带病回乡退伍军人",
        C::WarParticipant => "参战退役人员",
        C::TestParticipant => "参试退役人员",
        C::RuralVeteran => "农村籍退役士兵",
        C::MartyrChild => "烈士老年子女",
    }
}

/// A category as certificates and rules write it 全称.
#[must_use]
pub const fn full_name(category: BeneficiaryCategory) -> &'static str {
    use BeneficiaryCategory as C;
    match category {
        C::Disabled => "残疾军人、伤残人民警察、伤残公务员、伤残民兵民工",
        C::MartyrFamily => "烈士遗属、因公牺牲军人遗属、病故军人遗属",
        C::RedArmy => "在乡退伍红军老战士、在乡西路军红军老战士、红军失散人员",
        C::OldDemobilised => "在乡复员军人",
        C::IllDischarged => "带病回乡退伍军人",
        C::WarParticipant => "参战退役人员",
        C::TestParticipant => "参加核试验军队退役人员",
        C::RuralVeteran => "年满60周岁农村籍退役士兵",
        C::MartyrChild => "年满60周岁烈士子女",
    }
}

/// The category that a roster calls so: by its short or full name, a part of the full one, or what people
/// write besides.
#[must_use]
pub fn category_named(text: &str) -> Option<BeneficiaryCategory> {
    use BeneficiaryCategory as C;
    let is_called = |category: &C| {
        let full = full_name(*category);
        text == short_name(*category) || text == full || full.split('、').any(|part| part == text)
    };
    let besides = match text {
        "伤残军人" => Some(C::Disabled),
        "烈属" | "因公牺牲军人家属" | "病故军人家属" => Some(C::MartyrFamily),
        "带病回乡退役军人" => Some(C::IllDischarged),
        "参战人员" | "参战退役军人" => Some(C::WarParticipant),
        "参试人员" | "参试退役军人" => Some(C::TestParticipant),
        "60周岁以上农村籍退役士兵" => Some(C::RuralVeteran),
        "烈士子女" | "老年烈士子女" => Some(C::MartyrChild),
        _ => None,
    };
    CATEGORIES.into_iter().find(is_called).or(besides)
}

/// A channel as sheets write it.
#[must_use]
pub const fn channel_name(channel: CertificationChannel) -> &'static str {
    use CertificationChannel as C;
    match channel {
        C::Home => "上门",
        C::Session => "集中",
        C::Appointment => "预约",
        C::Video => "视频",
        C::Online => "线上自助",
        C::Letter => "协查函",
    }
}

/// The channel that a sheet calls so.
#[must_use]
pub fn channel_named(text: &str) -> Option<CertificationChannel> {
    use CertificationChannel as C;
    match text.strip_suffix("认证").unwrap_or(text) {
        "上门" | "入户" => Some(C::Home),
        "集中" => Some(C::Session),
        "预约" | "到站" => Some(C::Appointment),
        "视频" => Some(C::Video),
        "线上自助" | "线上" | "自助" | "网上" | "APP" => Some(C::Online),
        "协查函" | "协查" | "发函" | "信函" => Some(C::Letter),
        _ => None,
    }
}

/// What a check found, as sheets write it.
#[must_use]
pub const fn outcome_name(outcome: CheckOutcome) -> &'static str {
    match outcome {
        CheckOutcome::Alive => "健在",
        CheckOutcome::Deceased => "去世",
        CheckOutcome::MovedAway => "迁出",
        CheckOutcome::BenefitEnded => "待遇终止",
    }
}

/// The finding that a sheet calls so.
#[must_use]
pub fn outcome_named(text: &str) -> Option<CheckOutcome> {
    match text {
        "健在" | "在世" | "正常" => Some(CheckOutcome::Alive),
        "去世" | "已故" | "死亡" | "病故" => Some(CheckOutcome::Deceased),
        "迁出" | "已迁出" => Some(CheckOutcome::MovedAway),
        "待遇终止" | "终止待遇" | "停发" => Some(CheckOutcome::BenefitEnded),
        _ => None,
    }
}

/// Checks where somebody lives: in a building of ours or in an institution, not in both.
pub fn check_home(in_building: bool, in_institution: bool) -> Result<()> {
    if in_building && in_institution {
        return Err(Error::refused(Code::AreaUnfit).on("institution"));
    }
    Ok(())
}

/// Checks why somebody is a beneficiary no more: whoever is alive and stays is one.
pub fn check_end(reason: CheckOutcome) -> Result<()> {
    match reason {
        CheckOutcome::Alive => Err(Error::refused(Code::OutOfRange).on("reason")),
        CheckOutcome::Deceased | CheckOutcome::MovedAway | CheckOutcome::BenefitEnded => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_categories_are_called_alike() {
        let short: BTreeSet<&str> = CATEGORIES.into_iter().map(short_name).collect();
        let full: BTreeSet<&str> = CATEGORIES.into_iter().map(full_name).collect();
        assert_eq!((short.len(), full.len()), (9, 9));
    }

    #[test]
    fn what_is_written_is_read() {
        use CertificationChannel as C;
        use CheckOutcome as O;
        for category in CATEGORIES {
            assert_eq!(category_named(short_name(category)), Some(category));
            assert_eq!(category_named(full_name(category)), Some(category));
        }
        assert_eq!(
            category_named("病故军人遗属"),
            Some(BeneficiaryCategory::MartyrFamily)
        );
        assert_eq!(category_named("老兵"), None);
        for channel in [
            C::Home,
            C::Session,
            C::Appointment,
            C::Video,
            C::Online,
            C::Letter,
        ] {
            assert_eq!(channel_named(channel_name(channel)), Some(channel));
        }
        assert_eq!(channel_named("上门认证"), Some(C::Home));
        assert_eq!(channel_named("电话"), None);
        for outcome in [O::Alive, O::Deceased, O::MovedAway, O::BenefitEnded] {
            assert_eq!(outcome_named(outcome_name(outcome)), Some(outcome));
        }
        assert_eq!(outcome_named("未见到"), None);
    }

    #[test]
    fn nobody_lives_in_two_places_and_the_living_stay() {
        assert!(check_home(true, false).is_ok() && check_home(false, true).is_ok());
        assert!(check_home(true, true).is_err());
        assert!(check_end(CheckOutcome::Alive).is_err());
        assert!(check_end(CheckOutcome::MovedAway).is_ok());
    }
}
