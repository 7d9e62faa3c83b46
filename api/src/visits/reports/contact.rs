//! A contact that nobody had claimed: it settles a task of the person, or stands by itself.

use chrono::{DateTime, Utc};
use entity::care_enrolment;
use entity::enums::{ChangeKind, VisitKind, VisitMethod, VisitOrigin};
use entity::{resident, visit_claim, visit_task};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Order, Query};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::report::Report;
use super::{filing, limits, rules as bounds};
use crate::access::policy::Permission;
use crate::access::scope::{self, Grant, reads};
use crate::care_plans::book::RuleBook;
use crate::changes::service::Changed;
use crate::clock::{SHANGHAI, local_date};
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::{Code, Error, Result};
use crate::visits::rules::{self, Action};
use crate::visits::service::Call;
use crate::visits::step::{Step, Taken, holders};
use crate::write::Write;

/// Steps within another mutation's write are audited by that.
const MUTATION: &str = "recordContact";
const REASON: &str = "the enrolment of a resident whom the scope let through";

/// Somebody whose contact is recorded, with the proof that it may be.
pub(super) struct Person {
    resident: resident::Model,
    grant: Grant,
    enrolment: Option<care_enrolment::Model>,
}

/// Where and for whom a task is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub household: Uuid,
    pub resident: Option<Uuid>,
    pub area: Uuid,
    pub grid: Uuid,
}

/// What was recorded: a task that has moved, or a new one.
pub(super) struct Recorded {
    pub task: visit_task::Model,
    pub is_new: bool,
}

impl Person {
    /// Where they live.
    pub(super) const fn household(&self) -> Uuid {
        self.resident.household_id
    }
}

impl Recorded {
    /// What is announced of it.
    pub(super) const fn changed(&self) -> Changed {
        let place = Some(self.task.area_id);
        if self.is_new {
            Changed::new(ChangeKind::VisitTask, self.task.id, place)
        } else {
            Changed::in_place(ChangeKind::VisitTask, self.task.id, place)
        }
    }
}

/// The person, whom leads and staff reach by their area, volunteers through a task that they had
/// claimed in the last 31 days; held until the end.
///
/// Refused: `NOT_FOUND`, `NO_LONGER_HERE`.
pub(super) async fn person(
    cx: &Cx,
    write: &Write,
    id: Uuid,
    occurred_at: DateTime<Utc>,
) -> Result<Person> {
    let actor = cx.actor()?;
    let since = cx.app.clock.now() - bounds::REACH;
    let claimed = Query::select()
        .column((visit_task::Entity, visit_task::Column::HouseholdId))
        .from(visit_task::Entity)
        .inner_join(
            visit_claim::Entity,
            Expr::col((visit_claim::Entity, visit_claim::Column::VisitTaskId))
                .equals((visit_task::Entity, visit_task::Column::Id)),
        )
        .and_where(visit_claim::Column::AccountId.eq(actor.account))
        .and_where(visit_claim::Column::ClaimedAt.gte(since))
        .to_owned();
    let reached = Condition::any()
        .add(reads::<resident::Entity>(actor, Permission::ResidentRead))
        .add(resident::Column::HouseholdId.in_subquery(claimed));
    let (resident, grant) = actor
        .scoped::<resident::Entity>(Permission::VisitRecord)
        .id(id)
        .filter(reached)
        .one_to_change(write.tx())
        .await?
        .ok_or_else(|| Error::refused(Code::NotFound).on("residentId"))?;
    let day = local_date(occurred_at, SHANGHAI);
    if resident.deceased_on.is_some_and(|died_on| died_on < day) {
        return Err(Error::refused(Code::NoLongerHere).on("residentId"));
    }
    let enrolment = care_enrolment::Entity::find()
        .filter(care_enrolment::Column::ResidentId.eq(id))
        .filter(care_enrolment::Column::FromOn.lte(day))
        .filter(
            Condition::any()
                .add(care_enrolment::Column::ToOn.is_null())
                .add(care_enrolment::Column::ToOn.gt(day)),
        )
        .one(&write.tx().unscoped(REASON))
        .await?;
    Ok(Person {
        resident,
        grant,
        enrolment,
    })
}

/// Records a report with this key: on the person's task that it fits, else as a visit of its own.
///
/// `kind` is what kind of visit it was; absent, it settles one of any kind and is else a home visit. What
/// [`limits`] refuse of a new one is refused before anything is written.
pub(super) async fn record(
    cx: &Cx,
    write: &Write,
    book: &RuleBook,
    person: &Person,
    (id, kind, report): (Uuid, Option<VisitKind>, &Report),
) -> Result<Recorded> {
    let occurred_at = report.occurred_at(cx.app.clock.now());
    for task in waiting(cx, write, person, occurred_at).await? {
        // Who was rung or met elsewhere has not got their meal.
        let is_meant = match kind {
            None => task.batch_id.is_none(),
            Some(kind) => kind == task.kind,
        };
        let fits = is_meant && settles(cx, book, person, &task, (report.method, occurred_at));
        let held = task.claimed_by.is_some();
        if !fits || !(held || limits::may_settle(cx, write.tx(), &task).await?) {
            continue;
        }
        if let Some(task) = settle(cx, write, &task, report).await? {
            filing::file(cx, write.tx(), &task, (id, report)).await?;
            return Ok(Recorded {
                task,
                is_new: false,
            });
        }
    }
    let place = Place {
        household: person.resident.household_id,
        resident: Some(person.resident.id),
        area: person.resident.area_id,
        grid: person.resident.grid_id,
    };
    let kind = kind.unwrap_or(VisitKind::HomeVisit);
    limits::check(cx, write.tx(), kind, place.area).await?;
    let mut row = reported_row(cx, report, (kind, VisitOrigin::Unplanned), place)?;
    row.enrolment_id = Set(person.enrolment.as_ref().map(|enrolment| enrolment.id));
    row.tier = Set(person.enrolment.as_ref().map(|enrolment| enrolment.tier));
    let task = scope::insert(write.tx(), &person.grant, row).await?;
    filing::file(cx, write.tx(), &task, (id, report)).await?;
    Ok(Recorded { task, is_new: true })
}

/// The person's tasks, open or held by the actor, whose window holds `at`; the first to end first.
pub(super) async fn waiting(
    cx: &Cx,
    write: &Write,
    person: &Person,
    at: DateTime<Utc>,
) -> Result<Vec<visit_task::Model>> {
    use visit_task::Column as C;
    let actor = cx.actor()?;
    let own = Condition::all()
        .add(C::ClaimedBy.eq(actor.account))
        .add(C::Status.is_in(rules::LIVE.to_vec()));
    let open = C::Status.is_in(Action::Settle.transition().from.to_vec());
    actor
        .scoped::<visit_task::Entity>(Permission::VisitRecord)
        .filter(C::ResidentId.eq(person.resident.id))
        .filter(Condition::any().add(open).add(own))
        .filter(C::StartsAt.lte(at))
        .filter(C::DueAt.gte(at))
        .order_by(C::DueAt, Order::Asc)
        .order_by(C::Id, Order::Asc)
        .all(write.tx())
        .await
}

/// Whether a contact by this method is what the task was for: by the care rule where that counts
/// visits of its kind, else only in person.
fn settles(
    cx: &Cx,
    book: &RuleBook,
    person: &Person,
    task: &visit_task::Model,
    (method, at): (VisitMethod, DateTime<Utc>),
) -> bool {
    let enrolled = person.enrolment.as_ref().map(|enrolment| enrolment.tier);
    let rule = task.tier.or(enrolled).map(|tier| {
        let tree = cx.app.sessions.tree();
        book.rule(&tree, task.area_id, tier, local_date(at, SHANGHAI))
    });
    match rule {
        Some(rule) if rule.kinds.contains(task.kind) => rule.counts(task.kind, method),
        _ => method == VisitMethod::InPerson,
    }
}

/// Reports the task, where nobody came in between.
async fn settle(
    cx: &Cx,
    write: &Write,
    task: &visit_task::Model,
    report: &Report,
) -> Result<Option<visit_task::Model>> {
    let step = if task.claimed_by.is_some() {
        report.sets(cx, holders(MUTATION, Action::Report, Call::within(task.id)))?
    } else {
        settling(cx, MUTATION, Call::within(task.id), report)?
    };
    Ok(match step.take(cx, write).await? {
        Taken::Moved(task, _) => Some(*task),
        Taken::Before(_) | Taken::Refused(_) => None,
    })
}

/// The step that reports an open task and makes it the reporter's.
pub(super) fn settling(
    cx: &Cx,
    mutation: &'static str,
    call: Call,
    report: &Report,
) -> Result<Step> {
    use visit_task::Column as C;
    let step = Step::new(mutation, Action::Settle, Permission::VisitRecord, call)
        .set(C::ClaimedBy, cx.actor()?.account)
        .set(C::ClaimedAt, cx.app.clock.now())
        .set(C::LeaseUntil, Expr::col(C::DueAt));
    report.sets(cx, step)
}

/// A new task that is reported already, made for `place`; it was due when it happened.
pub(super) fn reported_row(
    cx: &Cx,
    report: &Report,
    (kind, origin): (VisitKind, VisitOrigin),
    place: Place,
) -> Result<visit_task::ActiveModel> {
    let me = cx.actor()?.account;
    let now = cx.app.clock.now();
    let occurred_at = report.occurred_at(now);
    let started_at = report.started_at.unwrap_or(occurred_at);
    Ok(visit_task::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        kind: Set(kind),
        status: Set(Action::Settle.transition().to),
        household_id: Set(place.household),
        resident_id: Set(place.resident),
        area_id: Set(place.area),
        grid_id: Set(place.grid),
        starts_at: Set(started_at),
        due_at: Set(report.ended_at.unwrap_or(occurred_at)),
        priority: Set(0),
        planned_by: Set(me),
        claimed_by: Set(Some(me)),
        claimed_at: Set(Some(now)),
        started_at: Set(Some(started_at)),
        reported_by: Set(Some(me)),
        reported_at: Set(Some(now)),
        occurred_at: Set(Some(occurred_at)),
        outcome: Set(Some(report.outcome)),
        method: Set(Some(report.method)),
        verify_level: Set(0),
        attempts: Set(0),
        origin: Set(origin),
        minutes: Set(rules::minutes(kind)),
        renewals: Set(0),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    })
}
