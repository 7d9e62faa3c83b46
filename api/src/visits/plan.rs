//! Planning a visit.

use chrono::{DateTime, Utc};
use entity::enums::{ChangeKind, VisitKind, VisitOrigin, VisitStatus};
use entity::{care_enrolment, household, resident, visit_task};
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use serde::Serialize;
use uuid::Uuid;

use super::rules;
use crate::access::policy::Permission;
use crate::access::scope;
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

/// What is planned.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// The id the phone chose for it.
    pub id: Option<Uuid>,
    /// Where.
    pub household: Uuid,
    /// For whom, where it is one person; an elder visit to a household with one enrolled person is for
    /// them.
    pub resident: Option<Uuid>,
    /// What kind of visit.
    pub kind: VisitKind,
    /// The window's begin.
    pub starts_at: DateTime<Utc>,
    /// The window's end.
    pub due_at: DateTime<Utc>,
    /// The higher, the more urgent.
    pub priority: i32,
    /// What to do there.
    pub instructions: Option<String>,
    /// The reported visit that asks for it.
    pub follows: Option<Uuid>,
}

/// Plans a visit. Needs `VISIT_PLAN` where the household lives.
///
/// Refused: `NOT_FOUND`, `WINDOW_INVALID`, `WINDOW_PASSED`, `OUT_OF_RANGE`, `RESIDENT_ELSEWHERE`,
/// `NO_LONGER_HERE`, `UUID_INVALID`, `ID_TAKEN`.
pub async fn plan(cx: &Cx, plan: Plan, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new("planVisitTask", key, &plan)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::VisitPlan)?;
    let now = cx.app.clock.now();
    rules::check_window(plan.starts_at, plan.due_at, now)
        .map_err(|code| Error::refused(code).on("dueAt"))?;
    if plan.id.is_some_and(|id| id.get_version_num() != 7) {
        return Err(Error::refused(Code::UuidInvalid).on("id"));
    }
    let (household, grant) = actor
        .scoped::<household::Entity>(Permission::VisitPlan)
        .id(plan.household)
        .one_to_change(write.tx())
        .await?
        .ok_or_else(|| Error::refused(Code::NotFound).on("householdId"))?;
    if household.closed_on.is_some() {
        return Err(Error::refused(Code::NoLongerHere).on("householdId"));
    }
    let mut visited = plan.resident;
    if let Some(resident) = plan.resident {
        let (resident, _) = actor
            .scoped::<resident::Entity>(Permission::VisitPlan)
            .id(resident)
            .one_to_change(write.tx())
            .await?
            .ok_or_else(|| Error::refused(Code::NotFound).on("residentId"))?;
        if resident.household_id != household.id {
            return Err(Error::refused(Code::ResidentElsewhere).on("residentId"));
        }
        if resident.deceased_on.is_some() {
            return Err(Error::refused(Code::NoLongerHere).on("residentId"));
        }
    } else if plan.kind == VisitKind::HomeVisit {
        visited = only_elder(cx, &write, household.id).await?;
    }
    if let Some(followed) = plan.follows {
        let followed = actor
            .scoped::<visit_task::Entity>(Permission::VisitRead)
            .id(followed)
            .one(write.tx())
            .await?;
        if followed.is_none_or(|task| task.household_id != household.id) {
            return Err(Error::refused(Code::NotFound).on("followsId"));
        }
    }
    let origin = match plan.follows {
        Some(_) => VisitOrigin::FollowUp,
        None => VisitOrigin::Planned,
    };
    let task = visit_task::ActiveModel {
        kind: Set(plan.kind),
        status: Set(VisitStatus::Open),
        household_id: Set(household.id),
        resident_id: Set(visited),
        area_id: Set(household.area_id),
        grid_id: Set(household.grid_id),
        starts_at: Set(plan.starts_at),
        due_at: Set(plan.due_at),
        priority: Set(plan.priority),
        instructions: Set(plan.instructions.clone()),
        planned_by: Set(actor.account),
        attempts: Set(0),
        verify_level: Set(0),
        origin: Set(origin),
        follows_id: Set(plan.follows),
        minutes: Set(rules::minutes(plan.kind)),
        renewals: Set(0),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let id = plan.id.unwrap_or_else(|| cx.app.clock.new_id());
    let task = visit_task::ActiveModel {
        id: Set(id),
        ..task
    };
    let Some(task) = scope::insert_new(write.tx(), &grant, task).await? else {
        return made_before(cx, write, id, &plan).await;
    };
    let place = Some(task.area_id);
    let act = Act {
        action: "planVisitTask",
        subject_kind: "VisitTask",
        subject_id: task.id,
        area_id: place,
        reason: None,
        fields: "status".to_owned(),
        details: None,
    };
    let changed = Changed::new(ChangeKind::VisitTask, task.id, place);
    write.record(cx, act, changed).await?;
    let outcome = Outcome::of(task.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The one person of a household who is enrolled, where there is one: a visit that names nobody would
/// count for nobody.
async fn only_elder(cx: &Cx, write: &Write, household: Uuid) -> Result<Option<Uuid>> {
    use care_enrolment::Column as E;
    let enrolled = Query::select()
        .expr(Expr::value(1))
        .from(care_enrolment::Entity)
        .and_where(
            Expr::col((care_enrolment::Entity, E::ResidentId))
                .equals((resident::Entity, resident::Column::Id)),
        )
        .and_where(E::ToOn.is_null())
        .to_owned();
    let elders = cx
        .actor()?
        .scoped::<resident::Entity>(Permission::VisitPlan)
        .filter(resident::Column::HouseholdId.eq(household))
        .filter(resident::Column::DeceasedOn.is_null())
        .filter(Expr::exists(enrolled))
        .limit(2)
        .all(write.tx())
        .await?;
    match elders.as_slice() {
        [one] => Ok(Some(one.id)),
        _ => Ok(None),
    }
}

/// The phone's id is taken: by the same plan it is the same create, by any other it is refused.
async fn made_before(cx: &Cx, write: Write, id: Uuid, plan: &Plan) -> Result<Outcome> {
    let actor = cx.actor()?;
    let known = actor
        .scoped::<visit_task::Entity>(Permission::VisitRead)
        .id(id)
        .one(write.tx())
        .await?;
    let same = known.is_some_and(|task| {
        task.planned_by == actor.account
            && task.household_id == plan.household
            && plan
                .resident
                .is_none_or(|meant| task.resident_id == Some(meant))
            && (task.kind, task.starts_at, task.due_at) == (plan.kind, plan.starts_at, plan.due_at)
    });
    if !same {
        return Err(Error::refused(Code::IdTaken).on("id"));
    }
    let outcome = Outcome::of(id);
    write.commit(&outcome).await?;
    Ok(outcome)
}
