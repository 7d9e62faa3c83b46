//! Pauses that end, rules that are set back, people who move: what was called off is asked for again.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use entity::enums::{CareTier, Role, VisitStatus};
use entity::{resident, visit_task};
use nuanlin::care_plans::generate::generate;
use nuanlin::clock::SHANGHAI;
use nuanlin::ids;
use nuanlin::visits::lapse::miss_past_visits;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::coverage::people::{at, coverage, day, elder, enrolment, wait_until};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_BUILDING, OTHER_GRID, Person, World};
use crate::visits::acts::{again, done};

/// The office of a community, whose token is as old as its last call.
pub struct Office<'a> {
    world: &'a World,
    staff: Person,
}

impl<'a> Office<'a> {
    pub async fn of(world: &'a World) -> Self {
        let staff = world
            .person("王主任", &[(Role::CommunityStaff, COMMUNITY)])
            .await;
        Self { world, staff }
    }

    async fn call(&self, mutation: &str, declared: &str, input: &str, variables: Value) {
        let staff = again(self.world, &self.staff, Role::CommunityStaff, COMMUNITY).await;
        let query = format!(
            "mutation({declared}) {{ {mutation}(input: {{{input}}}) {{ userErrors {{ field code }} }} }}"
        );
        self.world
            .run(&staff, &query, variables)
            .await
            .payload(mutation);
    }

    pub async fn pause(&self, elder: Uuid, review_on: NaiveDate) {
        let row = enrolment(self.world, elder).await;
        let input = "enrolmentId: $id, expectedVersion: $version, reviewOn: $on, reason: \"住院\"";
        let variables = json!({"id": World::id::<ids::CareEnrolment>(row.id), "version": row.version, "on": review_on});
        self.call(
            "pauseEnrolment",
            "$id: ID!, $version: Int!, $on: Date!",
            input,
            variables,
        )
        .await;
    }

    pub async fn resume(&self, elder: Uuid) {
        let row = enrolment(self.world, elder).await;
        let variables =
            json!({"id": World::id::<ids::CareEnrolment>(row.id), "version": row.version});
        let input = "enrolmentId: $id, expectedVersion: $version";
        self.call(
            "resumeEnrolment",
            "$id: ID!, $version: Int!",
            input,
            variables,
        )
        .await;
    }

    /// High-risk elders of a grid are visited from this weekday on, within so many days more.
    pub async fn rule(&self, grid: &str, weekday: &str, days_after: u64) {
        let input = "areaId: $area, tier: HIGH_RISK, recurrence: $days, kind: HOME_VISIT, kinds: [HOME_VISIT],
            methods: [IN_PERSON], daysAfter: $after";
        let area = World::id::<ids::Area>(self.world.area(grid));
        let variables = json!({"area": area, "days": format!("FREQ=WEEKLY;BYDAY={weekday}"), "after": days_after});
        self.call(
            "setCareRule",
            "$area: ID!, $days: String!, $after: Int!",
            input,
            variables,
        )
        .await;
    }

    pub async fn move_to(&self, elder: Uuid, household: Uuid) {
        let row = resident::Entity::find_by_id(elder).one(&self.world.raw);
        let version = row.await.unwrap().expect("a person").version;
        let variables = json!({"id": World::id::<ids::Resident>(elder), "version": version,
            "home": World::id::<ids::Household>(household)});
        let input = "residentId: $id, expectedVersion: $version, householdId: $home";
        self.call(
            "moveResident",
            "$id: ID!, $version: Int!, $home: ID!",
            input,
            variables,
        )
        .await;
    }
}

pub async fn look(world: &World) {
    let app = world.app();
    generate(app).await.expect("visits");
    miss_past_visits(&app.db, &app.keys, &world.clock)
        .await
        .expect("missed visits");
}

pub type Window = (DateTime<Utc>, DateTime<Utc>);

/// The windows of what is still to be made to somebody, in order.
pub async fn to_be_made(world: &World, elder: Uuid) -> Vec<Window> {
    let open = visit_task::Entity::find()
        .filter(visit_task::Column::ResidentId.eq(elder))
        .filter(visit_task::Column::Status.eq(VisitStatus::Open))
        .filter(visit_task::Column::DueAt.gt(world.clock.now()))
        .order_by_asc(visit_task::Column::StartsAt)
        .all(&world.raw);
    let open = open.await.expect("tasks");
    open.iter()
        .map(|task| (task.starts_at, task.due_at))
        .collect()
}

pub fn midnight(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN).and_local_timezone(SHANGHAI);
    midnight.unwrap().with_timezone(&Utc)
}

/// From the begin of one day to the end of another.
fn days(first: &str, last: &str) -> Window {
    (midnight(day(first)), midnight(day(last) + Days::new(1)))
}

on_both! {
    /// In hospital for three days, home before the week for which her visit was planned.
    async fn a_pause_that_ends_before_the_window_loses_no_visit(db: TestDatabase) {
        let world = World::new(db).await;
        let office = Office::of(&world).await;
        let elder = elder(&world, BUILDING, "101", CareTier::HighRisk).await;
        look(&world).await;
        let planned = [days("2026-03-02", "2026-03-08"), days("2026-03-09", "2026-03-15")];
        assert_eq!(to_be_made(&world, elder).await, planned);
        wait_until(&world, "2026-03-03T09:00:00");
        office.pause(elder, day("2026-03-20")).await;
        look(&world).await;
        assert_eq!(to_be_made(&world, elder).await, []);
        wait_until(&world, "2026-03-06T09:00:00");
        office.resume(elder).await;
        look(&world).await;
        // Of this week less than half is left.
        assert_eq!(to_be_made(&world, elder).await, planned[1..]);
    }

    /// The office sets the wrong rule, the server looks, the office sets the old one again.
    async fn a_rule_that_was_set_back_asks_for_the_same_visits(db: TestDatabase) {
        let world = World::new(db).await;
        let office = Office::of(&world).await;
        office.rule(GRID, "MO", 6).await;
        let elder = elder(&world, BUILDING, "101", CareTier::HighRisk).await;
        look(&world).await;
        let planned = to_be_made(&world, elder).await;
        assert_eq!(planned.len(), 2);
        wait_until(&world, "2026-03-03T09:00:00");
        office.rule(GRID, "FR", 0).await;
        look(&world).await;
        let friday = days("2026-03-06", "2026-03-06");
        assert_eq!(to_be_made(&world, elder).await, [planned[0], friday]);
        wait_until(&world, "2026-03-04T09:00:00");
        office.rule(GRID, "MO", 6).await;
        look(&world).await;
        assert_eq!(to_be_made(&world, elder).await, planned);
    }

    /// She moves to where Tuesday is the day, and back: nothing was missed there before she came.
    async fn who_moves_is_visited_by_the_rule_of_where_they_live(db: TestDatabase) {
        let world = World::new(db).await;
        let office = Office::of(&world).await;
        office.rule(OTHER_GRID, "TU", 2).await;
        let elder = elder(&world, BUILDING, "101", CareTier::HighRisk).await;
        let row = resident::Entity::find_by_id(elder).one(&world.raw).await.unwrap().expect("a person");
        let other = world.household(OTHER_BUILDING, "301").await;
        look(&world).await;
        wait_until(&world, "2026-03-20T09:00:00");
        look(&world).await;
        let before = to_be_made(&world, elder).await;
        assert_eq!(before, [days("2026-03-16", "2026-03-22"), days("2026-03-23", "2026-03-29")]);
        let missed = "SELECT count(*) FROM visit_task WHERE status = 'MISSED'";
        assert_eq!(world.count(missed).await, 2);
        office.move_to(elder, other).await;
        look(&world).await;
        assert_eq!(to_be_made(&world, elder).await, [days("2026-03-24", "2026-03-26")]);
        assert_eq!(world.count(missed).await, 2, "the Tuesdays before were others'");
        wait_until(&world, "2026-03-21T09:00:00");
        office.move_to(elder, row.household_id).await;
        look(&world).await;
        assert_eq!(to_be_made(&world, elder).await, before);
    }

    /// The volunteer comes on Friday for next week's visit. It is a contact, and next week she is visited
    /// all the same.
    async fn a_visit_made_before_its_window_leaves_the_window_asked_for(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let elder = elder(&world, BUILDING, "101", CareTier::HighRisk).await;
        look(&world).await;
        wait_until(&world, "2026-03-06T09:00:00");
        let next = visit_task::Entity::find().filter(visit_task::Column::StartsAt.eq(at("2026-03-09T00:00:00")));
        let next = next.one(&world.raw).await.unwrap().expect("next week's visit");
        let id = World::id::<ids::VisitTask>(next.id);
        let volunteer = again(&world, &volunteer, Role::Volunteer, GRID).await;
        done(&world, &volunteer, &id, "claimVisitTask", "").await;
        done(&world, &volunteer, &id, "reportVisitTask", ", outcome: SEEN_WELL, method: IN_PERSON").await;
        look(&world).await;
        let open = to_be_made(&world, elder).await;
        assert_eq!(open, [days("2026-03-02", "2026-03-08"), days("2026-03-09", "2026-03-15")]);
        let lead = again(&world, &lead, Role::GridLead, GRID).await;
        assert_eq!(coverage(&world, &lead, GRID, "2026-03").await["contactRate"]["contacted"], 1);
    }
}
