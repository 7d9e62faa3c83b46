//! What beneficiaries are called, and what a record must agree on.

use entity::enums::{BeneficiaryCategory, CheckOutcome};

use crate::error::{Code, Error, Result};

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

    const ALL: [BeneficiaryCategory; 9] = {
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

    #[test]
    fn no_two_categories_are_called_alike() {
        let short: BTreeSet<&str> = ALL.into_iter().map(short_name).collect();
        let full: BTreeSet<&str> = ALL.into_iter().map(full_name).collect();
        assert_eq!((short.len(), full.len()), (9, 9));
    }

    #[test]
    fn nobody_lives_in_two_places_and_the_living_stay() {
        assert!(check_home(true, false).is_ok() && check_home(false, true).is_ok());
        assert!(check_home(true, true).is_err());
        assert!(check_end(CheckOutcome::Alive).is_err());
        assert!(check_end(CheckOutcome::MovedAway).is_ok());
    }
}
