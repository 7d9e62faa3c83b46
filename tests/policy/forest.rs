//! Random trees of areas with households, people, tasks and grants, and who may reach what in them,
//! worked out from parent pointers alone.

use std::collections::BTreeSet;

use entity::enums::{AreaKind, Role};
use nuanlin::access::policy::{Permission, allows};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use sea_orm::Iterable as _;
use uuid::Uuid;

const KINDS: [AreaKind; 6] = [
    AreaKind::District,
    AreaKind::Street,
    AreaKind::Community,
    AreaKind::Compound,
    AreaKind::Grid,
    AreaKind::Building,
];

/// How many people ask.
pub const ACTORS: usize = 3;

/// An area.
#[derive(Clone, Debug)]
pub struct Area {
    /// Its key.
    pub id: Uuid,
    /// The position of the area above.
    pub parent: Option<usize>,
    /// Its level.
    pub kind: AreaKind,
}

/// A household or somebody in it.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Its key.
    pub id: Uuid,
    /// The position of its area.
    pub area: usize,
    /// The position of its household: its own, or where the person lives.
    pub home: usize,
}

/// A task.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its key.
    pub id: Uuid,
    /// The position of its area, which need not be the household's: that may have moved.
    pub area: usize,
    /// The position of its household.
    pub home: usize,
    /// Which of the actors holds the claim.
    pub claimed_by: Option<usize>,
    /// From which level on its report may be verified.
    pub verify_level: i32,
}

/// A small world.
#[derive(Clone, Debug)]
pub struct Forest {
    /// Parents before children.
    pub areas: Vec<Area>,
    /// The households.
    pub homes: Vec<Placed>,
    /// The residents.
    pub people: Vec<Placed>,
    /// The tasks.
    pub tasks: Vec<Task>,
    /// The grants of each actor: a role at an area's position.
    pub grants: Vec<Vec<(Role, usize)>>,
}

/// Forests of up to 40 areas, several roots among them.
pub fn forests() -> impl Strategy<Value = Forest> {
    let role = select(Role::iter().collect::<Vec<_>>());
    (
        vec((any::<Index>(), 0_usize..6, 0_u8..8), 8..41),
        vec((any::<Index>(), 0_usize..3), 4..20),
        vec(
            (
                any::<Index>(),
                option::of(any::<Index>()),
                option::of(0..ACTORS),
                0..6,
            ),
            10..40,
        ),
        vec(vec((role, any::<Index>()), 0..7), ACTORS),
    )
        .prop_map(|(areas, homes, tasks, grants)| build(&areas, &homes, &tasks, &grants))
}

type NewTask = (Index, Option<Index>, Option<usize>, i32);

fn build(
    new_areas: &[(Index, usize, u8)],
    new_homes: &[(Index, usize)],
    new_tasks: &[NewTask],
    new_grants: &[Vec<(Role, Index)>],
) -> Forest {
    let mut next = 0;
    let mut id = || {
        next += 1;
        Uuid::from_u128((0x7000_u128 << 64) | next)
    };
    let mut areas: Vec<Area> = Vec::new();
    for (above, step, chance) in new_areas {
        let parents: Vec<usize> = (0..areas.len())
            .filter(|at| areas[*at].kind != AreaKind::Building)
            .collect();
        // One in eight is a root, and the first.
        let parent = (*chance > 0 && !parents.is_empty()).then(|| *above.get(&parents));
        let lowest = parent.map_or(0, |parent| rank(areas[parent].kind) + 1);
        let kind = KINDS[lowest + step % (KINDS.len() - lowest)];
        areas.push(Area {
            id: id(),
            parent,
            kind,
        });
    }
    let (mut homes, mut people) = (Vec::new(), Vec::new());
    for (home, (area, count)) in new_homes.iter().enumerate() {
        let area = area.index(areas.len());
        homes.push(Placed {
            id: id(),
            area,
            home,
        });
        for _ in 0..*count {
            people.push(Placed {
                id: id(),
                area,
                home,
            });
        }
    }
    let tasks = new_tasks
        .iter()
        .map(|(home, elsewhere, claimed_by, level)| {
            let home = home.index(homes.len());
            Task {
                id: id(),
                area: elsewhere.map_or(homes[home].area, |area| area.index(areas.len())),
                home,
                claimed_by: *claimed_by,
                verify_level: *level,
            }
        });
    let tasks = tasks.collect();
    let grants = new_grants.iter().map(|grants| {
        let grants = grants.iter();
        grants
            .map(|(role, area)| (*role, area.index(areas.len())))
            .collect()
    });
    let grants = grants.collect();
    Forest {
        areas,
        homes,
        people,
        tasks,
        grants,
    }
}

fn rank(kind: AreaKind) -> usize {
    KINDS.iter().position(|one| *one == kind).expect("a kind")
}

impl Forest {
    /// The areas from this one up to its root.
    pub fn upwards(&self, area: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(area), |at| self.areas[*at].parent)
    }

    /// The grid above an area, or the area itself when it lies above a grid.
    pub fn grid(&self, area: usize) -> usize {
        let mut above = self.upwards(area);
        let found = above.find(|at| self.areas[*at].kind != AreaKind::Building);
        found.unwrap_or(area)
    }

    /// Levels at which an actor's grants allow this at an area or above it; a building is level 0.
    pub fn levels(&self, actor: usize, permission: Permission, area: usize) -> Vec<i32> {
        let above: Vec<usize> = self.upwards(area).collect();
        let grants = self.grants[actor].iter();
        grants
            .filter(|(role, at)| allows(*role, permission) && above.contains(at))
            .map(|(_, at)| 5 - i32::try_from(rank(self.areas[*at].kind)).expect("small"))
            .collect()
    }

    /// Whether an actor's grants allow this at an area.
    pub fn may(&self, actor: usize, permission: Permission, area: usize) -> bool {
        !self.levels(actor, permission, area).is_empty()
    }

    /// Where the check that has a task's id and area is handed to: where the household lives, if that is elsewhere.
    pub fn handed_to(&self, task: &Task) -> Option<usize> {
        let home = self.homes[task.home].area;
        (home != task.area).then_some(home)
    }

    /// The checks on which an actor's grants allow this: those of an area, and those handed to one.
    pub fn checks(&self, actor: usize, permission: Permission) -> BTreeSet<Uuid> {
        use Permission as P;
        let reached = self.tasks.iter().filter(|task| {
            let by_area = self.may(actor, permission, task.area);
            let handed = self.handed_to(task);
            let shared = handed.is_some_and(|area| self.may(actor, permission, area));
            match permission {
                P::BeneficiaryRead | P::EvidenceAdd | P::EvidenceRead => by_area || shared,
                P::CertificationPlan | P::CertificationCheck => {
                    shared || (by_area && handed.is_none())
                }
                P::CertificationCoverageRead => by_area,
                P::CertificationConfirm | P::CertificationSettle => {
                    let settles = permission == P::CertificationSettle;
                    // Whoever settles is granted at the street at least.
                    let least = if settles {
                        task.verify_level.max(4)
                    } else {
                        task.verify_level
                    };
                    let levels = self.levels(actor, permission, task.area);
                    levels.iter().any(|level| *level >= least)
                }
                _ => false,
            }
        });
        reached.map(|task| task.id).collect()
    }

    /// Whether an actor's grants allow this anywhere.
    pub fn ever(&self, actor: usize, permission: Permission) -> bool {
        self.grants[actor]
            .iter()
            .any(|(role, _)| allows(*role, permission))
    }
}
