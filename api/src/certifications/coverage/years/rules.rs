//! Two rosters compared, and why somebody is gone or new.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::CheckOutcome;

/// Why somebody of the last roster is not on this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WhyGone {
    /// They died.
    Deceased,
    /// They moved away.
    MovedAway,
    /// Their benefit ended.
    BenefitEnded,
    /// They are of a category that this round does not certify.
    CategoryNotInRound,
    /// They are registered outside this round's area by now, or outside the reader's.
    AreaChanged,
    /// Nothing on record says why.
    Unexplained,
}

/// Every reason for which somebody can be gone.
pub const GONE: [WhyGone; 6] = [
    WhyGone::Deceased,
    WhyGone::MovedAway,
    WhyGone::BenefitEnded,
    WhyGone::CategoryNotInRound,
    WhyGone::AreaChanged,
    WhyGone::Unexplained,
];

/// Why somebody of this roster was not on the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WhyNew {
    /// They came to the roster after it was frozen.
    Late,
    /// They were registered after the last roster was frozen.
    NewBeneficiary,
    /// Their category was not certified then.
    CategoryAdded,
    /// Their area was not in the last round's.
    AreaChanged,
    /// Nothing on record says why.
    Unexplained,
}

/// Every reason for which somebody can be new.
pub const NEW: [WhyNew; 5] = [
    WhyNew::Late,
    WhyNew::NewBeneficiary,
    WhyNew::CategoryAdded,
    WhyNew::AreaChanged,
    WhyNew::Unexplained,
];

/// What is known of somebody who is gone.
#[derive(Clone, Copy, Debug)]
pub struct Left {
    /// What their last check found, as it was corrected; absent where it found nothing that counts.
    pub found: Option<CheckOutcome>,
    /// Why they are a beneficiary no more.
    pub ended: Option<CheckOutcome>,
    /// Whether this round certifies their category.
    pub in_categories: bool,
    /// Whether they are registered in this round's area.
    pub in_area: bool,
}

/// Why somebody is gone: what ended it comes before what moved them elsewhere.
#[must_use]
pub const fn why_gone(left: Left) -> WhyGone {
    match (left.found, left.ended) {
        (Some(CheckOutcome::Deceased), _) | (_, Some(CheckOutcome::Deceased)) => WhyGone::Deceased,
        (Some(CheckOutcome::MovedAway), _) | (_, Some(CheckOutcome::MovedAway)) => {
            WhyGone::MovedAway
        }
        (Some(CheckOutcome::BenefitEnded), _) | (_, Some(CheckOutcome::BenefitEnded)) => {
            WhyGone::BenefitEnded
        }
        (Some(CheckOutcome::Alive) | None, Some(CheckOutcome::Alive) | None) => {
            if !left.in_categories {
                WhyGone::CategoryNotInRound
            } else if !left.in_area {
                WhyGone::AreaChanged
            } else {
                WhyGone::Unexplained
            }
        }
    }
}

/// What is known of somebody who is new.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one fact")]
pub struct Came {
    /// Whether they came after the roster was frozen.
    pub is_late: bool,
    /// Whether they were registered after the last roster was frozen.
    pub is_new: bool,
    /// Whether their category was certified then.
    pub in_categories: bool,
    /// Whether their area was in the last round's.
    pub in_area: bool,
}

/// Why somebody is new.
#[must_use]
pub const fn why_new(came: Came) -> WhyNew {
    if came.is_late {
        WhyNew::Late
    } else if came.is_new {
        WhyNew::NewBeneficiary
    } else if !came.in_categories {
        WhyNew::CategoryAdded
    } else if !came.in_area {
        WhyNew::AreaChanged
    } else {
        WhyNew::Unexplained
    }
}

/// Two rosters compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared<K> {
    /// Who is on both.
    pub stayed: BTreeSet<K>,
    /// Who is on the last one only.
    pub gone: BTreeSet<K>,
    /// Who is on this one only.
    pub new: BTreeSet<K>,
}

/// Compares the last roster with this one.
#[must_use]
pub fn compare<K: Ord + Copy>(last: &BTreeSet<K>, this: &BTreeSet<K>) -> Compared<K> {
    Compared {
        stayed: last.intersection(this).copied().collect(),
        gone: last.difference(this).copied().collect(),
        new: this.difference(last).copied().collect(),
    }
}

/// How many there are for each of all reasons, those too that nobody has.
#[must_use]
pub fn counted<R: Ord + Copy>(all: &[R], reasons: impl Iterator<Item = R>) -> Vec<(R, u64)> {
    let mut counts: BTreeMap<R, u64> = BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason).or_default() += 1;
    }
    let of = |reason: &R| counts.get(reason).copied().unwrap_or_default();
    all.iter().map(|reason| (*reason, of(reason))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    use super::*;

    const NOTHING: Left = Left {
        found: None,
        ended: None,
        in_categories: true,
        in_area: true,
    };

    #[test]
    fn an_end_explains_more_than_a_move() {
        use CheckOutcome as O;
        assert_eq!(why_gone(NOTHING), WhyGone::Unexplained);
        let away = Left {
            in_area: false,
            ..NOTHING
        };
        assert_eq!(why_gone(away), WhyGone::AreaChanged);
        let other = Left {
            in_categories: false,
            ..away
        };
        assert_eq!(why_gone(other), WhyGone::CategoryNotInRound);
        for (found, ended, why) in [
            (Some(O::Alive), Some(O::BenefitEnded), WhyGone::BenefitEnded),
            (Some(O::MovedAway), None, WhyGone::MovedAway),
            // Found to have moved, and known to have died since.
            (Some(O::MovedAway), Some(O::Deceased), WhyGone::Deceased),
            (None, Some(O::MovedAway), WhyGone::MovedAway),
            (Some(O::Alive), None, WhyGone::CategoryNotInRound),
        ] {
            let left = Left {
                found,
                ended,
                ..other
            };
            assert_eq!(why_gone(left), why, "{found:?} {ended:?}");
        }
    }

    #[test]
    fn who_is_new_has_the_first_reason_that_fits() {
        let mut came = Came {
            is_late: true,
            is_new: true,
            in_categories: false,
            in_area: false,
        };
        assert_eq!(why_new(came), WhyNew::Late);
        came.is_late = false;
        assert_eq!(why_new(came), WhyNew::NewBeneficiary);
        came.is_new = false;
        assert_eq!(why_new(came), WhyNew::CategoryAdded);
        came.in_categories = true;
        assert_eq!(why_new(came), WhyNew::AreaChanged);
        came.in_area = true;
        assert_eq!(why_new(came), WhyNew::Unexplained);
    }

    #[test]
    fn every_reason_is_counted_once() {
        let gone: BTreeSet<WhyGone> = GONE.into_iter().collect();
        let new: BTreeSet<WhyNew> = NEW.into_iter().collect();
        assert_eq!((gone.len(), new.len()), (GONE.len(), NEW.len()));
    }

    proptest! {
        #[test]
        fn the_numbers_add_up(last in btree_set(0_u8..60, 0..40), this in btree_set(0_u8..60, 0..40)) {
            let compared = compare(&last, &this);
            prop_assert_eq!(last.len(), compared.stayed.len() + compared.gone.len());
            prop_assert_eq!(this.len(), compared.stayed.len() + compared.new.len());
            // Nobody is in two of them, and nobody in none.
            let mut all: Vec<u8> = compared.stayed.iter().chain(&compared.gone).chain(&compared.new).copied().collect();
            all.sort_unstable();
            let union: Vec<u8> = last.union(&this).copied().collect();
            prop_assert_eq!(all, union);
        }

        #[test]
        fn the_reasons_sum_to_who_has_one(facts in vec((0_u8..5, 0_u8..5, any::<bool>(), any::<bool>()), 0..50)) {
            use CheckOutcome as O;
            let outcome = |n: u8| [O::Alive, O::Deceased, O::MovedAway, O::BenefitEnded].get(usize::from(n)).copied();
            let reasons: Vec<WhyGone> = facts
                .iter()
                .map(|(found, ended, in_categories, in_area)| why_gone(Left {
                    found: outcome(*found),
                    ended: outcome(*ended),
                    in_categories: *in_categories,
                    in_area: *in_area,
                }))
                .collect();
            let counts = counted(&GONE, reasons.into_iter());
            prop_assert_eq!(counts.iter().map(|(_, n)| n).sum::<u64>(), facts.len() as u64);
        }
    }
}
