//! Claims and what is asked of claimants, as phones see them.

use async_graphql::{ID, SimpleObject};
use entity::kind_requirement;

use super::service::Tight;
use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::ids::{self, Id};
use crate::scalars::DateTime;
use crate::visits::graphql::VisitKind;

/// Another visit of yours that is hard to reach in time: walking takes longer than there is.
#[derive(Clone, Debug, SimpleObject)]
pub struct TightTravel {
    /// The other visit.
    visit_task_id: ID,
    /// When you are to be there.
    appointed_at: DateTime,
}

/// What an area asks of who makes visits of a kind, there and below.
#[derive(Clone, Debug, SimpleObject)]
pub struct KindRequirement {
    /// Where it stands.
    area: Option<Area>,
    /// For this kind of visit.
    kind: VisitKind,
    /// How old one must be, in whole years, by the profile's date of birth.
    min_age: Option<i32>,
    /// The name of a training that one must have, valid on the day.
    training: Option<String>,
}

impl From<Tight> for TightTravel {
    fn from(tight: Tight) -> Self {
        Self {
            visit_task_id: Id::<ids::VisitTask>::new(tight.task).to_string().into(),
            appointed_at: DateTime(tight.at),
        }
    }
}

impl KindRequirement {
    /// Shows a requirement.
    #[must_use]
    pub fn new(cx: &Cx, row: &kind_requirement::Model) -> Self {
        Self {
            area: Area::from_tree(&cx.app.sessions.tree(), row.area_id),
            kind: row.kind.into(),
            min_age: row.min_age,
            training: row.training.clone(),
        }
    }
}
