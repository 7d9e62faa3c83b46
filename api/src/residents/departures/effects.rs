//! What ends or rests when somebody is visited no more, and how that is taken back.
//!
//! Each works on a person who is held by the transaction, and says what is to be announced.

use chrono::NaiveDate;
use entity::enums::ChangeKind;
use entity::{care_enrolment, household, resident, visit_task};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, UpdateStatement};
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::access::scope::Scoped;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::households::family::reopen;
use crate::households::stays::RESIDENCES;
use crate::residents::enrolments::pauses;
use crate::visits;

/// By which permission leads and staff do it.
const EDIT: Permission = Permission::ResidentEdit;

/// Why somebody is visited no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// They died: their stay in the household ends too.
    Died,
    /// They live, elsewhere or under other care.
    Left,
}

/// How somebody leaves.
#[derive(Clone, Copy, Debug)]
pub struct Departure {
    /// Why.
    pub leaving: Leaving,
    /// The first day on which it holds.
    pub on: NaiveDate,
    /// By which permission of the actor the person and their visits are changed.
    pub by: Permission,
}

/// What ended or rests.
#[derive(Debug, Default)]
pub struct Effects {
    /// What is to be announced.
    pub changed: Vec<Changed>,
    /// The enrolment that ended or rests.
    pub enrolment: Option<Uuid>,
}

impl Effects {
    /// The visits that were called off.
    pub fn visits(&self) -> impl Iterator<Item = Uuid> {
        let visits = self.changed.iter();
        visits
            .filter(|one| one.kind == ChangeKind::VisitTask)
            .map(|one| one.id)
    }
}

/// Ends what binds visits to a person: the open enrolment from that day on, the visits still to be made,
/// and at a death the stay in the household. `reason`, at most 200 characters, stands at both.
pub async fn end(
    cx: &Cx,
    tx: &Tx,
    row: &resident::Model,
    Departure { leaving, on, by }: Departure,
    reason: &str,
) -> Result<Effects> {
    use care_enrolment::Column as E;
    let died = leaving == Leaving::Died;
    if died {
        RESIDENCES.end(tx, &[row.id], on).await?;
    }
    let mut effects = Effects::default();
    let deceased_on = died.then_some(on);
    effects
        .changed
        .push(touch(cx, tx, (row, by), deceased_on).await?);
    // One that began later never held.
    let later = Expr::case(Expr::col(E::FromOn).gt(on), Expr::col(E::FromOn));
    let ended = cx
        .actor()?
        .scoped::<care_enrolment::Entity>(by)
        .filter(E::ResidentId.eq(row.id))
        .filter(E::ToOn.is_null())
        .update(tx, |update| {
            stamp(cx, update)
                .value(E::ToOn, later.finally(Expr::value(on)))
                .value(E::EndReason, reason);
        })
        .await?;
    effects.enrolled(row, ended);
    let theirs = Condition::all().add(visit_task::Column::ResidentId.eq(row.id));
    let called_off = visits::moves::call_off(cx, tx, (by, theirs), reason).await?;
    effects.changed.extend(called_off);
    Ok(effects)
}

/// Lets the open enrolment of a person rest from a day on until a review, and calls off the visits still
/// to be made. `reason`, at most 200 characters, stands at those.
///
/// Refused: `ALREADY_PAUSED`.
pub async fn suspend(
    cx: &Cx,
    tx: &Tx,
    row: &resident::Model,
    (from_on, review_on): (NaiveDate, NaiveDate),
    reason: &str,
) -> Result<Effects> {
    use care_enrolment::Column as E;
    let mut effects = Effects::default();
    let open = enrolments(cx)?
        .filter(E::ResidentId.eq(row.id))
        .filter(E::ToOn.is_null());
    if let Some((enrolment, _)) = open.one_to_change(tx).await? {
        if enrolment.paused_on.is_some() {
            return Err(Error::refused(Code::AlreadyPaused));
        }
        pauses::begin(cx, tx, &enrolment, (from_on, review_on)).await?;
        let rests = enrolments(cx)?.id(enrolment.id).update(tx, |update| {
            stamp(cx, update)
                .value(E::PausedOn, from_on)
                .value(E::ReviewOn, review_on);
        });
        effects.enrolled(row, rests.await?);
    }
    let theirs = Condition::all().add(visit_task::Column::ResidentId.eq(row.id));
    let called_off = visits::moves::call_off(cx, tx, (EDIT, theirs), reason).await?;
    effects.changed.extend(called_off);
    Ok(effects)
}

/// Takes back what [`end`] did with this enrolment and these visits: the person, held with their household,
/// lives and stays where they were, is enrolled again unless somebody has enrolled them anew, and the visits are open again.
///
/// Refused: `NO_LONGER_HERE` where the household has become part of another, `HOUSEHOLD_EXISTS` where
/// another lives behind its door by now, `NOT_PERMITTED` where it was closed and the actor cannot open it.
pub async fn restore(
    cx: &Cx,
    tx: &Tx,
    (row, home): (&resident::Model, &household::Model),
    (leaving, enrolment, visits): (Leaving, Option<Uuid>, &[Uuid]),
) -> Result<Vec<Changed>> {
    use care_enrolment::Column as E;
    let mut effects = Effects::default();
    if leaving == Leaving::Died {
        RESIDENCES.reopen(tx, row.id).await?;
        effects.changed.extend(reopen(cx, tx, home).await?);
    }
    effects
        .changed
        .push(touch(cx, tx, (row, EDIT), None).await?);
    let anew = enrolments(cx)?
        .filter(E::ResidentId.eq(row.id))
        .filter(E::ToOn.is_null());
    if anew.count(tx).await? == 0 {
        let again = enrolments(cx)?
            .ids(enrolment.as_slice())
            .filter(E::ResidentId.eq(row.id))
            .update(tx, |update| {
                stamp(cx, update)
                    .value(E::ToOn, Option::<NaiveDate>::None)
                    .value(E::EndReason, Option::<String>::None)
                    .value(E::AreaId, row.area_id)
                    .value(E::GridId, row.grid_id);
            });
        effects.enrolled(row, again.await?);
    }
    let restored = visits::moves::restore(cx, tx, row, visits).await?;
    effects.changed.extend(restored);
    Ok(effects.changed)
}

/// Takes back what [`suspend`] did, as if visits had never rested; a pause that has ended or begun anew
/// since stays.
pub async fn resume(
    cx: &Cx,
    tx: &Tx,
    row: &resident::Model,
    (from_on, enrolment, visits): (Option<NaiveDate>, Option<Uuid>, &[Uuid]),
) -> Result<Vec<Changed>> {
    use care_enrolment::Column as E;
    let mut effects = Effects::default();
    let again = enrolments(cx)?
        .ids(enrolment.as_slice())
        .filter(E::ResidentId.eq(row.id))
        .filter(E::PausedOn.eq(from_on))
        .update(tx, |update| {
            stamp(cx, update)
                .value(E::PausedOn, Option::<NaiveDate>::None)
                .value(E::ReviewOn, Option::<NaiveDate>::None);
        })
        .await?;
    if let (Some(enrolment), Some(from_on)) = (again.first(), from_on) {
        pauses::annul(tx, enrolment, from_on).await?;
    }
    effects.enrolled(row, again);
    let restored = visits::moves::restore(cx, tx, row, visits).await?;
    effects.changed.extend(restored);
    Ok(effects.changed)
}

impl Effects {
    /// Notes the enrolments of a person that have changed: there is one at most.
    fn enrolled(&mut self, row: &resident::Model, enrolments: Vec<care_enrolment::Model>) {
        let (kind, place) = (ChangeKind::CareEnrolment, Some(row.area_id));
        for enrolment in enrolments {
            self.enrolment = Some(enrolment.id);
            self.changed
                .push(Changed::in_place(kind, enrolment.id, place));
        }
    }
}

fn enrolments(cx: &Cx) -> Result<Scoped<'_, care_enrolment::Entity>> {
    Ok(cx.actor()?.scoped::<care_enrolment::Entity>(EDIT))
}

fn stamp<'a>(cx: &Cx, update: &'a mut UpdateStatement) -> &'a mut UpdateStatement {
    use care_enrolment::Column as E;
    update
        .value(E::Version, Expr::col(E::Version).add(1))
        .value(E::UpdatedAt, cx.app.clock.now())
}

/// Writes whether the person has died, and raises their version.
async fn touch(
    cx: &Cx,
    tx: &Tx,
    (row, by): (&resident::Model, Permission),
    deceased_on: Option<NaiveDate>,
) -> Result<Changed> {
    use resident::Column as R;
    cx.actor()?
        .scoped::<resident::Entity>(by)
        .id(row.id)
        .filter(R::Version.eq(row.version))
        .update(tx, |update| {
            update
                .value(R::DeceasedOn, deceased_on)
                .value(R::Version, Expr::col(R::Version).add(1))
                .value(R::UpdatedAt, cx.app.clock.now());
        })
        .await?
        .pop()
        .ok_or(Error::Conflict(row.id))?;
    Ok(Changed::in_place(
        ChangeKind::Resident,
        row.id,
        Some(row.area_id),
    ))
}
