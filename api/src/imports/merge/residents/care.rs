//! What a row of a roster does to the person's enrolment in care visits.

use entity::care_enrolment;
use entity::circumstances::Circumstances;
use entity::enums::{CareTier, ImportAction};

use super::super::super::Code;
use super::super::{Import, Verdicts};
use super::Wanted;

/// What the row does to the open enrolment, and what holds then.
pub struct Care {
    /// Nothing, or to create, correct or replace it.
    pub action: ImportAction,
    /// Absent if the person is not enrolled.
    pub tier: Option<CareTier>,
    /// Empty if the person is not enrolled.
    pub circumstances: Circumstances,
}

/// What becomes of the open enrolment.
pub fn care(
    import: &Import<'_>,
    verdicts: &mut Verdicts,
    wanted: &Wanted<'_>,
    open: Option<&care_enrolment::Model>,
    moved: bool,
) -> Care {
    let (row, ordinal) = (wanted.row, wanted.ordinal);
    let enrols = row.tier.is_some() || !row.circumstances.is_empty();
    let Some(open) = open else {
        return Care {
            action: if enrols {
                ImportAction::Insert
            } else {
                ImportAction::None
            },
            tier: enrols.then(|| row.tier.unwrap_or(CareTier::General)),
            circumstances: row.circumstances,
        };
    };
    let (mut tier, mut circumstances) = (open.tier, open.circumstances);
    if enrols {
        match (verdicts.said(ordinal, Code::TierMissing), row.tier) {
            (None, Some(new)) => tier = new,
            (Some(said), _) => {
                "有探访情形但没有关爱等级，保持原有等级".clone_into(&mut said.message);
            }
            (None, None) => {}
        }
        if !row.circumstances.is_empty() {
            circumstances = row.circumstances;
        } else if !circumstances.is_empty()
            && let Some(said) = verdicts.said(ordinal, Code::CircumstanceMissing)
        {
            "有关爱等级但没有探访情形，保持原有情形".clone_into(&mut said.message);
        }
    } else {
        let message = "该居民已纳入探访，本行没有探访情形和等级，保持不变；如需退出请在系统中办理";
        let cell = ("关爱等级", "");
        verdicts.find(ordinal, cell, Code::EnrolmentKept, message);
    }
    let same = tier == open.tier && circumstances == open.circumstances;
    let action = match (same, moved) {
        (true, false) => ImportAction::None,
        (true, true) => ImportAction::Update,
        (false, _) if open.from_on >= import.today => ImportAction::Update,
        (false, _) => ImportAction::Replace,
    };
    Care {
        action,
        tier: Some(tier),
        circumstances,
    }
}
