//! Event rounds as phones see them.

use async_graphql::{Enum, ID, SimpleObject};

use super::service::Seen;
use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::ids::{self, Id};
use crate::scalars::DateTime;
use crate::visits::graphql::{VisitKind, VisitStatus};

/// Why everybody of some tiers is visited beyond the care rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::RoundCause")]
pub enum RoundCause {
    /// A major change in somebody's life 重大变故: within 24 hours.
    MajorChange,
    /// Heat, cold, storm 极端天气.
    ExtremeWeather,
    /// Before a festival 节前慰问.
    Festival,
    /// Something else, told in the name.
    Other,
}

/// An event round 临时走访 and how far it is in an area.
#[derive(Clone, Debug, SimpleObject)]
pub struct VisitRound {
    /// The opaque id.
    pub id: ID,
    /// For which area it was started.
    area: Option<Area>,
    /// What it is called.
    name: String,
    /// Why.
    cause: RoundCause,
    /// What kind of visits.
    kind: VisitKind,
    /// When their window begins.
    starts_at: DateTime,
    /// When their window ends.
    due_at: DateTime,
    /// How many visits it made, in all of its area.
    visits: i32,
    /// How many of those in the asked area are in which state.
    progress: Vec<RoundProgress>,
}

/// How many of a round's visits are in one state.
#[derive(Clone, Debug, SimpleObject)]
pub struct RoundProgress {
    /// The state.
    status: VisitStatus,
    /// How many.
    visits: i64,
}

impl VisitRound {
    /// Shows a round.
    #[must_use]
    pub fn new(cx: &Cx, seen: Seen) -> Self {
        let row = seen.row;
        Self {
            id: Id::<ids::VisitRound>::new(row.id).to_string().into(),
            area: Area::from_tree(&cx.app.sessions.tree(), row.area_id),
            name: row.name,
            cause: row.cause.into(),
            kind: row.kind.into(),
            starts_at: DateTime(row.starts_at),
            due_at: DateTime(row.due_at),
            visits: row.visits,
            progress: seen
                .progress
                .into_iter()
                .map(|(status, visits)| RoundProgress {
                    status: status.into(),
                    visits,
                })
                .collect(),
        }
    }
}
