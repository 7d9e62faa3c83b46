//! Elders with histories, for tests of coverage.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::circumstances::Circumstance;
use entity::enums::{CareTier, VisitKind, VisitMethod, VisitOrigin, VisitOutcome, VisitStatus};
use entity::{care_enrolment, care_pause, resident, visit_task};
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::world::{Person, World};

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// An instant by the clock in Shanghai.
pub fn at(text: &str) -> DateTime<Utc> {
    format!("{text}+08:00").parse().expect("an instant")
}

/// Moves the clock on to this instant.
pub fn wait_until(world: &World, then: &str) {
    world.clock.advance(at(then) - world.clock.now());
}

/// An elder of this tier, enrolled since 2024 because she lives alone.
pub async fn elder(world: &World, building: &str, room: &str, tier: CareTier) -> Uuid {
    let home = world.household(building, room).await;
    let elder = world
        .elder(home, &format!("李秀英{room}"), &[Circumstance::LivesAlone])
        .await;
    set_enrolment(world, elder, |row| row.tier = Set(tier)).await;
    elder
}

/// The household in which an elder lives.
pub async fn home_of(world: &World, elder: Uuid) -> Uuid {
    let row = resident::Entity::find_by_id(elder).one(&world.raw).await;
    row.expect("a query").expect("a person").household_id
}

pub async fn enrolment(world: &World, elder: Uuid) -> care_enrolment::Model {
    care_enrolment::Entity::find()
        .filter(care_enrolment::Column::ResidentId.eq(elder))
        .one(&world.raw)
        .await
        .expect("a query")
        .expect("an enrolment")
}

pub async fn set_enrolment(
    world: &World,
    elder: Uuid,
    change: impl FnOnce(&mut care_enrolment::ActiveModel),
) {
    let id = enrolment(world, elder).await.id;
    let mut row = care_enrolment::ActiveModel {
        id: Set(id),
        ..Default::default()
    };
    change(&mut row);
    row.update(&world.raw).await.expect("a change");
}

pub async fn died(world: &World, elder: Uuid, on: NaiveDate) {
    resident::Entity::update_many()
        .col_expr(resident::Column::DeceasedOn, Expr::value(on))
        .filter(resident::Column::Id.eq(elder))
        .exec(&world.raw)
        .await
        .expect("a death");
}

pub async fn paused(world: &World, elder: Uuid, from_on: NaiveDate, to_on: Option<NaiveDate>) {
    care_pause::ActiveModel {
        id: Set(world.clock.new_id()),
        enrolment_id: Set(enrolment(world, elder).await.id),
        from_on: Set(from_on),
        to_on: Set(to_on),
        review_on: Set(from_on + Duration::days(20)),
    }
    .insert(&world.raw)
    .await
    .expect("a pause");
}

/// What a visit was.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    pub at: DateTime<Utc>,
    pub kind: VisitKind,
    pub method: VisitMethod,
    pub outcome: VisitOutcome,
    pub status: VisitStatus,
}

impl Visit {
    /// Seen and well, at the door, verified.
    pub fn good(at: DateTime<Utc>) -> Self {
        Self {
            at,
            kind: VisitKind::HomeVisit,
            method: VisitMethod::InPerson,
            outcome: VisitOutcome::SeenWell,
            status: VisitStatus::Verified,
        }
    }
}

/// A visit that was made and reported.
pub async fn visited(world: &World, planner: &Person, elder: Uuid, visit: Visit) -> Uuid {
    let task = task(
        world,
        planner,
        elder,
        (visit.at, visit.at + Duration::hours(1)),
    )
    .await;
    visit_task::ActiveModel {
        id: Set(task),
        kind: Set(visit.kind),
        status: Set(visit.status),
        occurred_at: Set(Some(visit.at)),
        outcome: Set(Some(visit.outcome)),
        method: Set(Some(visit.method)),
        reported_by: Set(Some(planner.account)),
        reported_at: Set(Some(visit.at)),
        ..Default::default()
    }
    .update(&world.raw)
    .await
    .expect("a report");
    task
}

/// A visit that a volunteer holds.
pub async fn claimed(
    world: &World,
    (planner, holder): (&Person, &Person),
    elder: Uuid,
    window: (DateTime<Utc>, DateTime<Utc>),
) -> Uuid {
    let id = task(world, planner, elder, window).await;
    visit_task::ActiveModel {
        id: Set(id),
        status: Set(VisitStatus::Claimed),
        claimed_by: Set(Some(holder.account)),
        claimed_at: Set(Some(window.0)),
        lease_until: Set(Some(window.1)),
        ..Default::default()
    }
    .update(&world.raw)
    .await
    .expect("a claim");
    id
}

/// A window that a care rule asked for.
pub async fn window(
    world: &World,
    planner: &Person,
    elder: Uuid,
    window: (DateTime<Utc>, DateTime<Utc>),
    status: VisitStatus,
) {
    let task = task(world, planner, elder, window).await;
    visit_task::ActiveModel {
        id: Set(task),
        origin: Set(VisitOrigin::Rule),
        status: Set(status),
        ..Default::default()
    }
    .update(&world.raw)
    .await
    .expect("a window");
}

/// A visit to an elder, to be made between these instants.
pub async fn task(
    world: &World,
    planner: &Person,
    elder: Uuid,
    (starts_at, due_at): (DateTime<Utc>, DateTime<Utc>),
) -> Uuid {
    let person = resident::Entity::find_by_id(elder)
        .one(&world.raw)
        .await
        .expect("a query")
        .expect("a person");
    let task = world.open_task(planner, person.household_id).await;
    visit_task::ActiveModel {
        id: Set(task),
        resident_id: Set(Some(elder)),
        starts_at: Set(starts_at),
        due_at: Set(due_at),
        ..Default::default()
    }
    .update(&world.raw)
    .await
    .expect("a task");
    task
}

const COVERAGE: &str = "query($area: ID!, $month: String!, $tier: CareTier) {
    visitCoverage(areaId: $area, month: $month, tier: $tier) {
        contactRate { ...f } planCompletion { ...f }
        children { area { code } contactRate { roster contacted missed excluded } }
        missed(first: 100) { edges { node { name { value visibility } lastAttemptReason lastReportAt } } }
        planMissed: missed(figure: PLAN, first: 100) { edges { node { name { value } } } }
        isOutdated
    } }
    fragment f on CoverageFigure { roster contacted verified waiting inPerson remote excluded
        exclusions { reason people } missed }";

pub async fn coverage(world: &World, who: &Person, code: &str, month: &str) -> Value {
    let area = World::id::<ids::Area>(world.area(code));
    let variables = json!({"area": area, "month": month});
    let answer = world.run(who, COVERAGE, variables).await;
    answer.data("visitCoverage").clone()
}

/// Names in a connection, in order.
pub fn names(connection: &Value) -> Vec<String> {
    let mut names: Vec<String> = connection["edges"]
        .as_array()
        .expect("edges")
        .iter()
        .map(|edge| {
            edge["node"]["name"]["value"]
                .as_str()
                .unwrap_or("-")
                .to_owned()
        })
        .collect();
    names.sort();
    names
}
