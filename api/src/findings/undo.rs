//! Taking a confirmed finding back, with what had followed from it.

use entity::{finding, finding_visit_task, household};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::decide::{act, decided, finish, look, person};
use super::rules::{self, Action, Consequence};
use crate::access::policy::Permission;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::residents::departures::effects::{self, Leaving};
use crate::write::{Begun, Outcome, Request, Write};

const VISITS: &str = "the visits that a finding called off, which the scope let through";

/// Takes a confirmed finding back within 90 days: the person is enrolled and lives as before, a household
/// that was closed since is open, and the visits that were called off are open again. Needs
/// `FINDING_CONFIRM` where it was found and where the person lives, and `HOUSEHOLD_EDIT` for a closed
/// household; who repeats it succeeds.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `NOT_CONFIRMED`, `UNDO_TOO_LATE`, `NO_LONGER_HERE`,
/// `HOUSEHOLD_EXISTS`.
pub async fn undo(cx: &Cx, id: Uuid, reason: String, key: Option<Uuid>) -> Result<Outcome> {
    use finding::Column as C;
    let write = match Write::begin(cx, Request::new("undoFinding", key, &(id, &reason))).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let seen = look(cx, write.tx(), id).await?;
    let home = home(cx, &write, &seen).await?;
    let person = person(cx, &write, seen.resident_id).await?;
    let values = vec![
        (C::UndoneBy, Expr::value(cx.actor()?.account)),
        (C::UndoneAt, Expr::value(cx.app.clock.now())),
        (C::UndoReason, Expr::value(reason.clone())),
    ];
    let Some(row) = decided(cx, &write, (&seen, Action::Undo), values).await? else {
        let outcome = Outcome::of(seen.id);
        write.commit(&outcome).await?;
        return Ok(outcome);
    };
    let tx = write.tx();
    let visits = called_off(tx, row.id).await?;
    let changed = match rules::consequence(row.outcome) {
        Some(Consequence::Rests) => {
            let rested = (row.holds_on, row.enrolment_id, visits.as_slice());
            effects::resume(cx, tx, &person, rested).await
        }
        consequence => {
            let leaving = match consequence {
                Some(Consequence::Dies) => Leaving::Died,
                _ => Leaving::Left,
            };
            let ended = (leaving, row.enrolment_id, visits.as_slice());
            effects::restore(cx, tx, (&person, &home), ended).await
        }
    };
    let changed = changed.map_err(|error| error.on("findingId"))?;
    finish(
        cx,
        write,
        act("undoFinding", &row, Some(reason)),
        (&row, changed),
    )
    .await
}

/// The household of the person, held before them as whoever moves or closes households does.
async fn home(cx: &Cx, write: &Write, seen: &finding::Model) -> Result<household::Model> {
    let actor = cx.actor()?;
    let elsewhere = || Error::refused(Code::NotPermitted).on("findingId");
    let person = actor
        .scoped::<entity::resident::Entity>(Permission::FindingConfirm)
        .id(seen.resident_id)
        .one(write.tx())
        .await?
        .ok_or_else(elsewhere)?;
    let (home, _) = actor
        .scoped::<household::Entity>(Permission::ResidentEdit)
        .id(person.household_id)
        .one_to_change(write.tx())
        .await?
        .ok_or_else(elsewhere)?;
    Ok(home)
}

async fn called_off(tx: &Tx, finding: Uuid) -> Result<Vec<Uuid>> {
    let rows = finding_visit_task::Entity::find()
        .filter(finding_visit_task::Column::FindingId.eq(finding))
        .all(&tx.unscoped(VISITS))
        .await?;
    Ok(rows.into_iter().map(|row| row.visit_task_id).collect())
}
