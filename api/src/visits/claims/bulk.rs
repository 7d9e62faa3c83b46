//! Many visits given to somebody else at once: a volunteer is ill, a grid changes hands.

use entity::enums::ChangeKind;
use serde::Serialize;
use uuid::Uuid;

use super::rules::MOST_REASSIGNED;
use super::service::{Reassignment, reassigning, taken};
use crate::access::policy::Permission;
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::visits::service::Call;
use crate::write::{Begun, Outcome, Request, Write};

const MUTATION: &str = "reassignVisitTasks";

/// Which visits go where.
#[derive(Clone, Debug, Serialize)]
pub struct Reassignments {
    /// The visits, at most 50.
    pub tasks: Vec<Uuid>,
    /// For whom, and why.
    pub to: Reassignment,
}

/// Gives up to 50 visits to somebody else, all or none. Needs `VISIT_REASSIGN` where each is.
///
/// The outcome has one id and one code for each, in their order; where one is refused none has moved.
/// Refused as a whole: `OUT_OF_RANGE`.
pub async fn reassign(cx: &Cx, many: Reassignments, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new(MUTATION, key, &many)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::VisitReassign)?;
    if many.tasks.is_empty() || many.tasks.len() > MOST_REASSIGNED {
        return Err(Error::refused(Code::OutOfRange).on("visitTaskIds"));
    }
    // In the order of their ids, so that two such calls do not wait for each other.
    let mut order: Vec<usize> = (0..many.tasks.len()).collect();
    order.sort_by_key(|at| many.tasks[*at]);
    let mut outcome = Outcome {
        ids: many.tasks.clone(),
        codes: vec![None; many.tasks.len()],
    };
    let mut changed = Vec::new();
    for at in order {
        let step = reassigning(MUTATION, Call::within(many.tasks[at]), cx, &many.to);
        match taken(cx, &write, step, &many.to).await? {
            Ok((task, _)) => changed.push(Changed::in_place(
                ChangeKind::VisitTask,
                task.id,
                Some(task.area_id),
            )),
            Err(Error::Refused(refusal)) => outcome.codes[at] = Some(refusal.code),
            Err(error) => return Err(error),
        }
    }
    if outcome.codes.iter().any(Option::is_some) {
        return Ok(outcome);
    }
    let act = Act {
        action: MUTATION,
        subject_kind: "Account",
        subject_id: many.to.account.unwrap_or(actor.account),
        area_id: None,
        reason: Some(many.to.reason),
        fields: "claimed_by".to_owned(),
        details: serde_json::to_string(&many.tasks).ok(),
    };
    write.record_all(cx, act, &changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}
