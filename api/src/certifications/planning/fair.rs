//! Sharing work fairly: pure, and the same for the same input in whatever order.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

/// Where people live together, so that one person goes to all of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A building of ours: a household lies in one.
    Building(Uuid),
    /// An institution of this name.
    Institution(String),
    /// Nowhere that others live: this check alone.
    Alone(Uuid),
}

/// A check to be given to somebody.
#[derive(Clone, Debug)]
pub struct Work {
    /// The check.
    pub check: Uuid,
    /// Where the person lives.
    pub place: Place,
    /// What it costs.
    pub minutes: i64,
    /// Who may do it.
    pub able: BTreeSet<Uuid>,
}

/// What people have to do already.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// The minutes of each.
    pub minutes: BTreeMap<Uuid, i64>,
    /// How many checks each has at a place, with those that are shared now.
    pub held: BTreeMap<Place, BTreeMap<Uuid, i64>>,
}

/// Gives each check to somebody who may do it; one that nobody may do is left out.
///
/// Those of one place go together: to whoever has most of that place already, else, the heaviest place
/// first, to whoever has least to do. Where no one person may do all of a place, each of its checks goes by
/// itself. Shared again with what came of it, all of them stay.
#[must_use]
pub fn share(work: &[Work], load: &Load) -> BTreeMap<Uuid, Uuid> {
    let mut places: BTreeMap<&Place, Vec<&Work>> = BTreeMap::new();
    for one in work {
        places.entry(&one.place).or_default().push(one);
    }
    let (mut settled, mut open) = (Vec::new(), Vec::new());
    for (place, some) in places {
        let together = able(&some);
        let groups = if together.is_empty() {
            some.iter()
                .map(|one| (vec![*one], one.able.clone()))
                .collect()
        } else {
            vec![(some, together)]
        };
        for (group, able) in groups {
            match keeper(load.held.get(place), &able) {
                Some(account) => settled.push((group, account)),
                None => open.push((group, able)),
            }
        }
    }
    let mut minutes = load.minutes.clone();
    let mut given = BTreeMap::new();
    let mut give = |group: &[&Work], account: Uuid, minutes: &mut BTreeMap<Uuid, i64>| {
        *minutes.entry(account).or_default() += cost(group);
        given.extend(group.iter().map(|one| (one.check, account)));
    };
    for (group, account) in settled {
        give(&group, account, &mut minutes);
    }
    // Among equals by the smallest check, which is the same in whatever order they came.
    open.sort_by_key(|(group, _)| {
        let first = group.iter().map(|one| one.check).min();
        (std::cmp::Reverse(cost(group)), first)
    });
    for (group, able) in open {
        let has = |account: &Uuid| minutes.get(account).copied().unwrap_or_default();
        let idlest = able
            .into_iter()
            .min_by_key(|account| (has(account), *account));
        if let Some(account) = idlest {
            give(&group, account, &mut minutes);
        }
    }
    given
}

fn cost(group: &[&Work]) -> i64 {
    group.iter().map(|one| one.minutes).sum()
}

/// Who may do all of these.
fn able(group: &[&Work]) -> BTreeSet<Uuid> {
    let mut all = group.iter().map(|one| one.able.clone());
    let first = all.next().unwrap_or_default();
    all.fold(first, |able, other| {
        able.intersection(&other).copied().collect()
    })
}

/// Who has most of a place already.
fn keeper(held: Option<&BTreeMap<Uuid, i64>>, able: &BTreeSet<Uuid>) -> Option<Uuid> {
    let held = held?.iter().filter(|(account, _)| able.contains(account));
    held.max_by_key(|(account, checks)| (**checks, std::cmp::Reverse(**account)))
        .map(|(account, _)| *account)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn work(check: u128, building: u128, minutes: i64, able: &[u128]) -> Work {
        Work {
            check: id(check),
            place: Place::Building(id(building)),
            minutes,
            able: able.iter().copied().map(id).collect(),
        }
    }

    fn shared(work: &[Work], load: &Load) -> Vec<(u128, u128)> {
        let given = share(work, load).into_iter();
        given
            .map(|(check, to)| (check.as_u128(), to.as_u128()))
            .collect()
    }

    #[test]
    fn a_building_stays_together_and_the_rest_evens_out() {
        let staff = [101, 102];
        // 80 minutes in building 1; 40, 40 and 15 elsewhere.
        let work = [
            work(1, 1, 40, &staff),
            work(2, 2, 40, &staff),
            work(3, 1, 40, &staff),
            work(4, 3, 40, &staff),
            work(5, 4, 15, &staff),
        ];
        let expected = [(1, 101), (2, 102), (3, 101), (4, 102), (5, 101)];
        assert_eq!(shared(&work, &Load::default()), expected);
        // Whoever has much to do gets less.
        let busy = Load {
            minutes: BTreeMap::from([(id(101), 200)]),
            ..Load::default()
        };
        assert!(shared(&work, &busy).iter().all(|(_, to)| *to == 102));
    }

    #[test]
    fn whoever_goes_to_a_building_already_goes_to_all_of_it() {
        let load = Load {
            minutes: BTreeMap::from([(id(102), 500)]),
            held: BTreeMap::from([(
                Place::Building(id(1)),
                BTreeMap::from([(id(101), 1), (id(102), 2)]),
            )]),
        };
        let both = [work(1, 1, 40, &[101, 102]), work(2, 2, 40, &[101, 102])];
        assert_eq!(shared(&both, &load), [(1, 102), (2, 101)]);
        let away = [work(1, 1, 40, &[101, 103])];
        assert_eq!(
            shared(&away, &load),
            [(1, 101)],
            "who may not go there does not"
        );
    }

    #[test]
    fn where_nobody_may_do_all_of_a_building_each_goes_by_itself() {
        let work = [
            work(1, 1, 40, &[101]),
            work(2, 1, 40, &[102]),
            work(3, 1, 40, &[]),
        ];
        assert_eq!(shared(&work, &Load::default()), [(1, 101), (2, 102)]);
    }

    prop_compose! {
        fn some_work()(places in prop::collection::vec((0_u128..8, 5_i64..41), 0..40)) -> Vec<Work> {
            let numbered = (1..).zip(places);
            numbered.map(|(check, (place, minutes))| work(check, place, minutes, &[101, 102, 103])).collect()
        }
    }

    /// The load after `work` was shared so.
    fn after(work: &[Work], given: &BTreeMap<Uuid, Uuid>) -> Load {
        let mut load = Load::default();
        for one in work {
            let held = load.held.entry(one.place.clone()).or_default();
            *held.entry(given[&one.check]).or_default() += 1;
        }
        load
    }

    proptest! {
        #[test]
        fn nobody_has_more_than_one_place_more_than_another(work in some_work()) {
            let given = share(&work, &Load::default());
            let (mut loads, mut places) = (BTreeMap::from([101, 102, 103].map(|one| (id(one), 0))), BTreeMap::new());
            for one in &work {
                *loads.get_mut(&given[&one.check]).unwrap() += one.minutes;
                *places.entry(&one.place).or_insert(0) += one.minutes;
                let same = work.iter().filter(|other| other.place == one.place);
                prop_assert!(same.map(|other| given[&other.check]).all(|to| to == given[&one.check]));
            }
            let heaviest = places.values().copied().max().unwrap_or(0);
            prop_assert!(loads.values().max().unwrap() - loads.values().min().unwrap() <= heaviest);
        }

        #[test]
        fn it_is_the_same_in_any_order_and_when_repeated(work in some_work(), by in 0_usize..40) {
            let given = share(&work, &Load::default());
            let mut turned = work.clone();
            if !turned.is_empty() {
                let by = by % turned.len();
                turned.rotate_left(by);
            }
            prop_assert_eq!(&share(&turned, &Load::default()), &given);
            prop_assert_eq!(share(&work, &after(&work, &given)), given);
        }
    }
}
