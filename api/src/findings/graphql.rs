//! Findings as phones see them.

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};

use super::reads::Seen;
use super::rules::UNDOABLE;
use crate::access::protected::View;
use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::protected::{ProtectedString, opened};
use crate::scalars::{Date, DateTime};
use crate::visits::graphql::VisitOutcome;

/// Where a finding stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::FindingStatus")]
pub enum FindingStatus {
    /// A report says so; nobody has decided 待确认.
    Proposed,
    /// It holds, and what follows from it was done 已确认.
    Confirmed,
    /// It does not hold 不属实.
    Rejected,
    /// A later report took it back, or another finding settled the same 已撤回.
    Withdrawn,
    /// It was confirmed, and taken back with what had followed 已撤销.
    Undone,
}

/// A finding 探访发现 that ends or suspends the need for somebody's visits, to those who decide on it.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Finding {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change.
    version: i64,
    /// What was found.
    outcome: VisitOutcome,
    /// Where it stands in its life.
    status: FindingStatus,
    /// Where it was found.
    area: Option<Area>,
    /// Who it is about, as an opaque id.
    resident_id: ID,
    /// The visit whose report says so; absent where it was recorded at once.
    visit_task_id: Option<ID>,
    /// The name of who found it on a visit; absent where it was recorded at once: who learns of a death by
    /// which way may say more of the person than their visitors know.
    proposed_by: Option<String>,
    /// When it was found.
    found_at: DateTime,
    /// When it was confirmed, rejected or withdrawn.
    decided_at: Option<DateTime>,
    /// The first day on which it holds, once confirmed.
    holds_on: Option<Date>,
    /// When a hospital stay is looked at again.
    review_on: Option<Date>,
    /// Who says so, or why it was rejected.
    remark: Option<String>,
    /// Until when a confirmation can be taken back.
    undoable_until: Option<DateTime>,
    /// When it was taken back.
    undone_at: Option<DateTime>,
    /// Why it was taken back.
    undo_reason: Option<String>,
    #[graphql(skip)]
    view: View,
    #[graphql(skip)]
    seen: Seen,
}

impl Finding {
    /// Shows a finding.
    pub fn new(cx: &Cx, seen: Seen) -> Result<Self> {
        let (actor, row) = (cx.actor()?, &seen.row);
        let confirmed = row.status == entity::enums::FindingStatus::Confirmed;
        let decided = row.decided_at.filter(|_| confirmed);
        let visit = |id| Id::<ids::VisitTask>::new(id).to_string().into();
        Ok(Self {
            id: Id::<ids::Finding>::new(row.id).to_string().into(),
            version: row.version,
            outcome: row.outcome.into(),
            status: row.status.into(),
            area: Area::from_tree(&actor.tree, row.area_id),
            resident_id: Id::<ids::Resident>::new(row.resident_id).to_string().into(),
            visit_task_id: row.visit_task_id.map(visit),
            proposed_by: row.visit_task_id.map(|_| seen.proposer.clone()),
            found_at: DateTime(row.found_at),
            decided_at: row.decided_at.map(DateTime),
            holds_on: row.holds_on.map(Date),
            review_on: row.review_on.map(Date),
            remark: row.remark.clone(),
            undoable_until: decided.map(|at| DateTime(at + UNDOABLE)),
            undone_at: row.undone_at.map(DateTime),
            undo_reason: row.undo_reason.clone(),
            view: View::of(actor, row.area_id, false),
            seen,
        })
    }
}

#[ComplexObject]
impl Finding {
    /// The name of who it is about. Needs `RESIDENT_READ`.
    async fn resident_name(&self, ctx: &Context<'_>) -> ProtectedString {
        let name = self.view.name(&self.seen.name);
        opened(ctx, "Resident", self.seen.row.resident_id, name)
    }
}
