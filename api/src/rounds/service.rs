//! Starting rounds, and how far they are.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::enums::{CareTier, ChangeKind, RoundCause, VisitKind, VisitOrigin, VisitStatus};
use entity::{area, care_enrolment, resident, visit_round, visit_task};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use serde::Serialize;
use uuid::Uuid;

use super::rules;
use crate::access::policy::Permission;
use crate::access::scope;
use crate::audit::service::Act;
use crate::care_plans::rules::priority;
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::{Code, Error, Result};
use crate::visits::rules as life;
use crate::write::{Begun, Outcome, Request, Write};

const REASON: &str = "people and visits of an area that the scope let through";
const ABOVE: &str = "rounds of the areas above are everybody's work below";

/// How many rows one statement writes.
const ROWS: usize = 400;

/// How many rounds are shown.
const MOST: u64 = 50;

/// What is started.
#[derive(Clone, Debug, Serialize)]
pub struct NewRound {
    /// For this area and below.
    pub area: Uuid,
    /// What it is called.
    pub name: String,
    /// Why.
    pub cause: RoundCause,
    /// What kind of visits.
    pub kind: VisitKind,
    /// For people of these tiers.
    pub tiers: Vec<CareTier>,
    /// Only these people, where given.
    pub residents: Option<Vec<Uuid>>,
    /// When their window begins; now where absent.
    pub starts_at: Option<DateTime<Utc>>,
    /// When their window ends; a day later where absent and the cause is a major change.
    pub due_at: Option<DateTime<Utc>>,
}

/// A round with how far it is in an area.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its row.
    pub row: visit_round::Model,
    /// How many of its visits in the area are in which state.
    pub progress: Vec<(VisitStatus, i64)>,
}

/// Starts a round: one visit for everybody enrolled there whose visits do not rest. Needs `ROUND_START` at
/// the area.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `AREA_UNFIT`, `REQUIRED` (no tier), `OUT_OF_RANGE`,
/// `WINDOW_INVALID`, `WINDOW_PASSED`, `NOBODY_THERE`.
pub async fn start(cx: &Cx, new: NewRound, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new("startVisitRound", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::RoundStart)?;
    let (place, grant) = write
        .to_refer_to::<area::Entity>(cx, new.area, Permission::RoundStart, Permission::AreaRead)
        .await
        .map_err(|error| error.on("areaId"))?;
    let now = cx.app.clock.now();
    let starts_at = new.starts_at.unwrap_or(now);
    let due_at = check(&new, &place, (starts_at, now))?;
    let people = enrolled(cx, &write, &new).await?;
    if people.is_empty() {
        return Err(Error::refused(Code::NobodyThere).on("tiers"));
    }
    let id = cx.app.clock.new_id();
    let round = visit_round::ActiveModel {
        id: Set(id),
        area_id: Set(new.area),
        name: Set(new.name.clone()),
        cause: Set(new.cause),
        kind: Set(new.kind),
        starts_at: Set(starts_at),
        due_at: Set(due_at),
        visits: Set(i32::try_from(people.len()).unwrap_or(i32::MAX)),
        started_by: Set(actor.account),
        created_at: Set(now),
    };
    let round = scope::insert(write.tx(), &grant, round).await?;
    let mut changed = Vec::with_capacity(people.len());
    for some in people.chunks(ROWS) {
        let tasks: Vec<_> = some.iter().map(|one| task(cx, &round, one)).collect();
        changed.extend(some.iter().zip(&tasks).map(|((_, person), task)| {
            Changed::new(
                ChangeKind::VisitTask,
                *task.id.as_ref(),
                Some(person.area_id),
            )
        }));
        visit_task::Entity::insert_many(tasks)
            .exec_without_returning(&write.tx().unscoped(REASON))
            .await?;
    }
    let act = Act {
        action: "startVisitRound",
        subject_kind: "VisitRound",
        subject_id: id,
        area_id: Some(new.area),
        reason: Some(new.name.clone()),
        fields: "visits".to_owned(),
        details: serde_json::to_string(&new).ok(),
    };
    write.record_all(cx, act, &changed).await?;
    let outcome = Outcome::of(id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

fn check(
    new: &NewRound,
    place: &area::Model,
    (starts_at, now): (DateTime<Utc>, DateTime<Utc>),
) -> Result<DateTime<Utc>> {
    if !rules::is_fit(place.kind) || place.retired_on.is_some() {
        return Err(Error::refused(Code::AreaUnfit).on("areaId"));
    }
    if new.tiers.is_empty() {
        return Err(Error::refused(Code::Required).on("tiers"));
    }
    let named = new.residents.as_ref().map_or(0, Vec::len);
    if named > rules::MOST_NAMED {
        return Err(Error::refused(Code::OutOfRange).on("residentIds"));
    }
    let due_at = new.due_at.or(rules::usual_end(new.cause, starts_at));
    let due_at = due_at.ok_or_else(|| Error::refused(Code::Required).on("dueAt"))?;
    rules::check_window(new.cause, starts_at, due_at, now)
        .map_err(|code| Error::refused(code).on("dueAt"))?;
    Ok(due_at)
}

/// Whom the round visits: enrolled, alive, not resting, by the order of their enrolments.
async fn enrolled(
    cx: &Cx,
    write: &Write,
    new: &NewRound,
) -> Result<Vec<(care_enrolment::Model, resident::Model)>> {
    use care_enrolment::Column as E;
    let today = cx.app.clock.today(SHANGHAI);
    let mut scoped = cx
        .actor()?
        .scoped::<care_enrolment::Entity>(Permission::RoundStart)
        .below(new.area)
        .filter(E::Tier.is_in(new.tiers.iter().copied()))
        .filter(E::ToOn.is_null())
        .filter(E::FromOn.lte(today))
        .filter(
            Condition::any()
                .add(E::PausedOn.is_null())
                .add(E::PausedOn.gt(today)),
        );
    if let Some(residents) = &new.residents {
        scoped = scoped.filter(E::ResidentId.is_in(residents.iter().copied()));
    }
    let enrolments = scoped.all(write.tx()).await?;
    let mut people: HashMap<Uuid, resident::Model> = HashMap::new();
    for some in enrolments.chunks(ROWS) {
        let alive = resident::Entity::find()
            .filter(resident::Column::Id.is_in(some.iter().map(|one| one.resident_id)))
            .filter(resident::Column::DeceasedOn.is_null())
            // Nobody moves while their visits are made where they live.
            .lock_shared()
            .all(&write.tx().unscoped(REASON))
            .await?;
        people.extend(alive.into_iter().map(|person| (person.id, person)));
    }
    let found = enrolments.into_iter();
    Ok(found
        .filter_map(|one| {
            let person = people.remove(&one.resident_id)?;
            Some((one, person))
        })
        .collect())
}

fn task(
    cx: &Cx,
    round: &visit_round::Model,
    (enrolment, person): &(care_enrolment::Model, resident::Model),
) -> visit_task::ActiveModel {
    let now = cx.app.clock.now();
    visit_task::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        kind: Set(round.kind),
        status: Set(VisitStatus::Open),
        household_id: Set(person.household_id),
        resident_id: Set(Some(person.id)),
        area_id: Set(person.area_id),
        grid_id: Set(person.grid_id),
        starts_at: Set(round.starts_at),
        due_at: Set(round.due_at),
        priority: Set(priority(enrolment.tier)),
        planned_by: Set(round.started_by),
        verify_level: Set(0),
        attempts: Set(0),
        origin: Set(VisitOrigin::Round),
        occasion: Set(Some(format!("round:{}:{}", round.id, person.id))),
        enrolment_id: Set(Some(enrolment.id)),
        round_id: Set(Some(round.id)),
        tier: Set(Some(enrolment.tier)),
        minutes: Set(life::minutes(round.kind)),
        renewals: Set(0),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    }
}

#[derive(FromQueryResult)]
struct Count {
    round_id: Uuid,
    status: VisitStatus,
    visits: i64,
}

/// The last 50 rounds of an area and those above it, the newest first, each with how far it is in the area.
/// Needs `VISIT_READ` there.
pub async fn rounds(cx: &Cx, area: Uuid) -> Result<Vec<Seen>> {
    use visit_task::Column as C;
    let actor = cx.actor()?;
    if !actor.may(Permission::VisitRead, area) {
        return Ok(Vec::new());
    }
    let rows = visit_round::Entity::find()
        .filter(visit_round::Column::AreaId.is_in(actor.tree.upwards(area)))
        .order_by_desc(visit_round::Column::Id)
        .limit(MOST)
        .all(&cx.app.db.unscoped(ABOVE))
        .await?;
    let counts: Vec<Count> = actor
        .scoped::<visit_task::Entity>(Permission::VisitRead)
        .below(area)
        .filter(C::RoundId.is_in(rows.iter().map(|row| row.id)))
        .into_rows(&cx.app.db, |select| {
            let column = |column| Expr::col((visit_task::Entity, column));
            select
                .expr_as(column(C::RoundId), "round_id")
                .expr_as(column(C::Status), "status")
                .expr_as(column(C::Id).count(), "visits")
                .add_group_by([column(C::RoundId), column(C::Status)]);
        })
        .await?;
    let mut progress: HashMap<Uuid, Vec<(VisitStatus, i64)>> = HashMap::new();
    for count in counts {
        let of = progress.entry(count.round_id).or_default();
        of.push((count.status, count.visits));
    }
    Ok(rows
        .into_iter()
        .map(|row| {
            let mut progress = progress.remove(&row.id).unwrap_or_default();
            progress.sort_unstable();
            Seen { row, progress }
        })
        .collect())
}
