//! The area tree in memory, numbered so that "lies below" is two comparisons.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::enums::AreaKind;
use uuid::Uuid;

/// One area of the tree.
#[derive(Clone, Debug)]
pub struct AreaNode {
    /// The area above, absent for a root.
    pub parent: Option<Uuid>,
    /// Its level.
    pub kind: AreaKind,
    /// The statistical code with local numbers, e.g. `341102006003.02.07`.
    pub code: String,
    /// Its name, e.g. 第7网格.
    pub name: String,
    /// The first day on which it is no longer used.
    pub retired_on: Option<NaiveDate>,
    /// Position in a walk of the tree, and the last position below it.
    span: (u32, u32),
}

/// Every area, as one server knows it at one moment.
#[derive(Clone, Debug, Default)]
pub struct AreaTree {
    nodes: HashMap<Uuid, AreaNode>,
    /// Who took over from a retired area, by code.
    successors: HashMap<Uuid, Vec<Uuid>>,
    roots: Vec<Uuid>,
    /// Areas of grid level and higher with their positions, in the order of the walk: every request looks some
    /// up, so none may cost it a walk of the whole tree.
    above_doors: Vec<(u32, Uuid)>,
}

/// An area as read from the database, before it is numbered.
#[derive(Clone, Debug)]
pub struct AreaEntry {
    /// Its key.
    pub id: Uuid,
    /// The area above.
    pub parent: Option<Uuid>,
    /// Its level.
    pub kind: AreaKind,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The first day on which it is no longer used.
    pub retired_on: Option<NaiveDate>,
}

impl AreaTree {
    /// Numbers the areas; ones that hang below nothing known become roots.
    #[must_use]
    pub fn new(entries: Vec<AreaEntry>) -> Self {
        let mut children: HashMap<Option<Uuid>, Vec<Uuid>> = HashMap::new();
        let known: HashMap<Uuid, AreaEntry> = entries.into_iter().map(|e| (e.id, e)).collect();
        for entry in known.values() {
            let parent = entry.parent.filter(|parent| known.contains_key(parent));
            children.entry(parent).or_default().push(entry.id);
        }
        let mut tree = Self::default();
        let mut position = 0;
        // Leaving an area is a second visit of it, when its last position is known.
        tree.roots = children.remove(&None).unwrap_or_default();
        let mut stack: Vec<(Uuid, bool)> = tree.roots.iter().map(|id| (*id, false)).collect();
        while let Some((id, leaving)) = stack.pop() {
            if leaving {
                if let Some(node) = tree.nodes.get_mut(&id) {
                    node.span.1 = position - 1;
                }
                continue;
            }
            let entry = &known[&id];
            tree.nodes.insert(
                id,
                AreaNode {
                    parent: entry.parent,
                    kind: entry.kind,
                    code: entry.code.clone(),
                    name: entry.name.clone(),
                    retired_on: entry.retired_on,
                    span: (position, position),
                },
            );
            if entry.kind != AreaKind::Building {
                tree.above_doors.push((position, id));
            }
            position += 1;
            stack.push((id, true));
            let below = children.remove(&Some(id)).unwrap_or_default();
            stack.extend(below.iter().map(|child| (*child, false)));
        }
        tree
    }

    /// The same tree, which knows from which area which other one took over.
    #[must_use]
    pub fn succeeded(mut self, pairs: impl IntoIterator<Item = (Uuid, Uuid)>) -> Self {
        for (area, successor) in pairs {
            self.successors.entry(area).or_default().push(successor);
        }
        let code = |id: &Uuid| self.nodes.get(id).map(|node| node.code.as_str());
        for successors in self.successors.values_mut() {
            successors.sort_by(|one, other| code(one).cmp(&code(other)));
        }
        self
    }

    /// The areas that took over from this one, by code; absent where the tree knows of none.
    #[must_use]
    pub fn successors(&self, area: Uuid) -> Option<&[Uuid]> {
        self.successors.get(&area).map(Vec::as_slice)
    }

    /// The area with this key.
    #[must_use]
    pub fn get(&self, id: Uuid) -> Option<&AreaNode> {
        self.nodes.get(&id)
    }

    /// The area itself and those above it, the nearest first.
    pub fn upwards(&self, area: Uuid) -> impl Iterator<Item = Uuid> {
        std::iter::successors(self.nodes.get_key_value(&area), |(_, node)| {
            self.nodes.get_key_value(&node.parent?)
        })
        .map(|(id, _)| *id)
    }

    /// Whether `area` is `above` or lies below it.
    #[must_use]
    pub fn covers(&self, above: Uuid, area: Uuid) -> bool {
        match (self.nodes.get(&above), self.nodes.get(&area)) {
            (Some(above), Some(area)) => above.span.0 <= area.span.0 && area.span.1 <= above.span.1,
            _ => false,
        }
    }

    /// The areas of grid level and higher that are `above` or lie below it.
    pub fn down_to_grids(&self, above: Uuid) -> impl Iterator<Item = Uuid> {
        let span = self.nodes.get(&above).map_or((1, 0), |node| node.span);
        let from = |position: u32| {
            let positions = &self.above_doors;
            positions.partition_point(|(other, _)| *other < position)
        };
        let (first, end) = (from(span.0), from(span.1 + 1));
        self.above_doors
            .get(first..end)
            .unwrap_or_default()
            .iter()
            .map(|(_, id)| *id)
    }

    /// The grid above `area`, or `area` itself when it lies above every grid.
    #[must_use]
    pub fn grid_of(&self, area: Uuid) -> Uuid {
        let mut current = area;
        while let Some(node) = self.nodes.get(&current) {
            match (node.kind, node.parent) {
                (AreaKind::Building, Some(parent)) => current = parent,
                (AreaKind::Building, None) => return area,
                _ => return current,
            }
        }
        area
    }

    /// How many areas there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no area yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Whether `areas` cover every root, so that a scope needs no predicate.
    #[must_use]
    pub fn covered_by(&self, areas: &[Uuid]) -> bool {
        !self.roots.is_empty() && self.roots.iter().all(|id| areas.contains(id))
    }
}
