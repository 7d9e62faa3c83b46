//! Ticking the doors of a batch: many in one write, each by itself.

use std::collections::HashMap;

use entity::enums::ChangeKind;
use entity::{meal_batch, visit_task};
use serde::Serialize;
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::visits::reports::ticks::{MOST_DOORS, Tick, tick};
use crate::write::{Begun, Outcome, Request, Write};

const MUTATION: &str = "tickMealDoors";

/// What came of the doors of a batch.
#[derive(Clone, Debug, Serialize)]
pub struct Ticks {
    /// The batch.
    pub batch: Uuid,
    /// The doors, 1 to 50.
    pub doors: Vec<Tick>,
}

/// Ticks up to 50 doors, each by itself: one that is refused leaves the others as they are. Only who holds
/// them, or held them and comes late.
///
/// The outcome has one id and one code for each, in their order: the task (of a late report perhaps one that
/// follows the door), or nil and why it was refused (`NOT_FOUND`, `NOT_IN_BATCH`, the states of a report,
/// `OUT_OF_RANGE`, `TIME_IN_FUTURE`). Refused as a whole: `NOT_FOUND`, `OUT_OF_RANGE`, `NOT_CLAIMED_BY_YOU`
/// where that holds for every door.
pub async fn tick_doors(cx: &Cx, ticks: Ticks, key: Option<Uuid>) -> Result<Outcome> {
    let write = match Write::begin(cx, Request::new(MUTATION, key, &ticks)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    if ticks.doors.is_empty() || ticks.doors.len() > MOST_DOORS {
        return Err(Error::refused(Code::OutOfRange).on("doors"));
    }
    let scoped = cx
        .actor()?
        .scoped::<meal_batch::Entity>(Permission::VisitRead);
    let batch = scoped.id(ticks.batch).one(write.tx()).await?;
    let batch = batch.ok_or_else(|| Error::refused(Code::NotFound).on("mealBatchId"))?;
    let of = batches_of(cx, &write, &ticks).await?;
    // In the order of their ids, so that two such calls do not wait for each other.
    let mut order: Vec<usize> = (0..ticks.doors.len()).collect();
    order.sort_by_key(|at| ticks.doors[*at].door);
    let mut outcome = Outcome {
        ids: vec![Uuid::nil(); ticks.doors.len()],
        codes: vec![None; ticks.doors.len()],
    };
    let mut changed: Vec<Changed> = Vec::new();
    for at in order {
        let door = &ticks.doors[at];
        let result = match of.get(&door.door) {
            None => Err(Error::refused(Code::NotFound)),
            Some(other) if *other != Some(batch.id) => Err(Error::refused(Code::NotInBatch)),
            Some(_) => tick(cx, &write, MUTATION, (door, batch.served_on)).await,
        };
        match result {
            Ok(told) => {
                outcome.ids[at] = told.first().map_or(door.door, |task| task.id);
                changed.extend(told);
            }
            Err(Error::Refused(refusal)) => outcome.codes[at] = Some(refusal.code),
            Err(error) => return Err(error),
        }
    }
    let foreign = Some(Code::NotClaimedByYou);
    if outcome.codes.iter().all(|code| *code == foreign) {
        return Err(Error::refused(Code::NotClaimedByYou).on("mealBatchId"));
    }
    if changed.is_empty() {
        return Ok(outcome);
    }
    let place = Some(batch.area_id);
    let act = Act {
        action: MUTATION,
        subject_kind: "MealBatch",
        subject_id: batch.id,
        area_id: place,
        reason: None,
        fields: "doors".to_owned(),
        details: serde_json::to_string(&outcome.ids).ok(),
    };
    // The batch itself tells how far its doors are.
    changed.push(Changed::in_place(ChangeKind::MealBatch, batch.id, place));
    write.record_all(cx, act, &changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Which batch each of the visits that the actor may see is a door of; it never becomes another's.
async fn batches_of(cx: &Cx, write: &Write, ticks: &Ticks) -> Result<HashMap<Uuid, Option<Uuid>>> {
    let ids: Vec<Uuid> = ticks.doors.iter().map(|tick| tick.door).collect();
    let seen = cx
        .actor()?
        .scoped::<visit_task::Entity>(Permission::VisitRead)
        .ids(&ids)
        .all(write.tx())
        .await?;
    Ok(seen
        .into_iter()
        .map(|task| (task.id, task.batch_id))
        .collect())
}
