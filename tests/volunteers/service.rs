//! The service record: what counts, what counts once, and what is taken back.

use chrono::{DateTime, Duration, Utc};
use entity::enums::VisitStatus::{Reported, Verified};
use entity::enums::{Role, VisitMethod, VisitStatus};
use entity::visit_task;
use nuanlin::ids;
use nuanlin::volunteers::rules::Days;
use nuanlin::volunteers::service::minutes_by_volunteer;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{
    BUILDING, COMMUNITY, FAR_BUILDING, GRID, OTHER_BUILDING, OTHER_GRID, Person, World,
};

const RECORD: &str = "query($id: ID!, $from: Date!, $to: Date!) {
    serviceRecord(accountId: $id, fromOn: $from, toOn: $to) { minutes hours minutesEver
        entries { on kind minutes overlappingMinutes } corrections { minutes countsOn reason } } }";

async fn record(world: &World, who: &Person, of: &Person, from: &str, to: &str) -> Value {
    let id = World::id::<ids::Account>(of.account);
    let variables = json!({"id": id, "from": from, "to": to});
    let answer = world.run(who, RECORD, variables).await;
    answer.data("serviceRecord").clone()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// A visit of somebody's at a home, from one time of Shanghai to another.
async fn visit(
    world: &World,
    who: &Person,
    home: Uuid,
    times: (Option<&str>, &str),
    status: VisitStatus,
) -> Uuid {
    let task = world.open_task(who, home).await;
    let row = visit_task::Entity::find_by_id(task).one(&world.raw).await;
    let mut row = row.unwrap().unwrap().into_active_model();
    row.status = Set(status);
    row.reported_by = Set(Some(who.account));
    row.started_at = Set(times.0.map(|from| at(&format!("{from}:00+08:00"))));
    row.occurred_at = Set(Some(at(&format!("{}:00+08:00", times.1))));
    row.method = Set(Some(VisitMethod::InPerson));
    row.update(&world.raw).await.expect("a visit");
    task
}

async fn correct(world: &World, who: &Person, of: &Person, minutes: i32, on: &str) -> Vec<String> {
    let query = "mutation($id: ID!, $minutes: Int!, $on: Date!) { correctServiceRecord(input: {accountId: $id,
        minutes: $minutes, countsOn: $on, reason: \"纸质签到\"}) { userErrors { code field } } }";
    let id = World::id::<ids::Account>(of.account);
    let variables = json!({"id": id, "minutes": minutes, "on": on});
    let answer = world.run(who, query, variables).await;
    let codes = answer.user_error_codes("correctServiceRecord");
    codes.into_iter().map(ToOwned::to_owned).collect()
}

on_both! {
    async fn verified_visits_count_by_the_minute_and_each_minute_once(db: TestDatabase) {
        let world = World::new(db).await;
        let (volunteer, other) = (world.person("刘洋", &[(Role::Volunteer, GRID)]).await,
            world.person("吴强", &[(Role::Volunteer, GRID)]).await);
        let home = world.household(BUILDING, "101").await;
        visit(&world, &volunteer, home, (Some("2026-02-10T09:00"), "2026-02-10T09:45"), Verified).await;
        visit(&world, &volunteer, home, (Some("2026-02-10T09:30"), "2026-02-10T10:00"), Verified).await;
        visit(&world, &volunteer, home, (Some("2026-02-11T09:00"), "2026-02-11T10:00"), Reported).await;
        visit(&world, &other, home, (Some("2026-02-10T09:00"), "2026-02-10T10:00"), Verified).await;
        // The last minute of February in Shanghai, and the first of March, which the first overlaps.
        visit(&world, &volunteer, home, (Some("2026-02-28T23:20"), "2026-02-28T23:59"), Verified).await;
        visit(&world, &volunteer, home, (Some("2026-02-28T23:50"), "2026-03-01T00:10"), Verified).await;

        let february = record(&world, &volunteer, &volunteer, "2026-02-01", "2026-03-01").await;
        assert_eq!(february["entries"], json!([
            {"on": "2026-02-10", "kind": "HOME_VISIT", "minutes": 45, "overlappingMinutes": 0},
            {"on": "2026-02-10", "kind": "HOME_VISIT", "minutes": 15, "overlappingMinutes": 15},
            {"on": "2026-02-28", "kind": "HOME_VISIT", "minutes": 39, "overlappingMinutes": 0},
        ]));
        assert_eq!((&february["minutes"], &february["hours"]), (&json!(99), &json!("1.6")));
        assert_eq!(february["minutesEver"], 110);
        let march = record(&world, &volunteer, &volunteer, "2026-03-01", "2026-04-01").await;
        assert_eq!(march["entries"], json!([
            {"on": "2026-03-01", "kind": "HOME_VISIT", "minutes": 11, "overlappingMinutes": 9},
        ]));
        let own = "{ viewer { serviceRecord(fromOn: \"2026-02-01\", toOn: \"2026-03-01\") { minutes } } }";
        assert_eq!(world.run(&volunteer, own, json!({})).await.data("viewer.serviceRecord.minutes"), 99);
        assert!(record(&world, &other, &volunteer, "2026-02-01", "2026-03-01").await.is_null());
        let long = json!({"id": World::id::<ids::Account>(volunteer.account), "from": "2024-01-01", "to": "2025-01-02"});
        let answer = world.run(&volunteer, RECORD, long).await;
        assert_eq!(answer.error_codes(), ["BAD_USER_INPUT"]);
    }

    async fn corrections_are_counter_entries_and_never_take_more_than_there_is(db: TestDatabase) {
        let world = World::new(db).await;
        let volunteer = world.person("刘洋", &[(Role::Volunteer, GRID)]).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        visit(&world, &volunteer, home, (Some("2026-02-10T09:00"), "2026-02-10T10:00"), Verified).await;
        assert_eq!(correct(&world, &lead, &volunteer, -61, "2026-02-10").await, ["SERVICE_BELOW_ZERO"]);
        assert_eq!(correct(&world, &lead, &volunteer, 0, "2026-02-10").await, ["OUT_OF_RANGE"]);
        assert_eq!(correct(&world, &lead, &volunteer, 30, "2026-03-03").await, ["OUT_OF_RANGE"], "tomorrow");
        assert_eq!(correct(&world, &lead, &lead, 30, "2026-02-10").await, ["NOT_PERMITTED"]);
        assert_eq!(correct(&world, &lead, &volunteer, -20, "2026-02-10").await, [""; 0]);
        assert_eq!(correct(&world, &lead, &volunteer, 45, "2026-03-02").await, [""; 0]);
        let february = record(&world, &lead, &volunteer, "2026-02-01", "2026-03-01").await;
        assert_eq!((&february["minutes"], &february["minutesEver"]), (&json!(40), &json!(85)));
        assert_eq!(february["corrections"], json!([
            {"minutes": -20, "countsOn": "2026-02-10", "reason": "纸质签到"}]));
        assert_eq!(world.audited("correctServiceRecord", volunteer.account).await, 2);
    }

    async fn of_corrections_made_at_once_none_takes_what_another_took(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        for _ in 0..rounds() {
            let volunteer = world.person("刘洋", &[(Role::Volunteer, GRID)]).await;
            visit(&world, &volunteer, home, (Some("2026-02-10T09:00"), "2026-02-10T10:00"), Verified).await;
            let once = || correct(&world, &lead, &volunteer, -40, "2026-02-10");
            let (a, b, c) = tokio::join!(once(), once(), once());
            let done = [a, b, c].iter().filter(|codes| codes.is_empty()).count();
            assert_eq!(done, 1);
            let left = record(&world, &lead, &volunteer, "2026-02-01", "2026-03-01").await;
            assert_eq!(left["minutes"], 20);
        }
    }

    async fn an_areas_figures_count_the_work_done_there(db: TestDatabase) {
        let world = World::new(db).await;
        let (near, far) = (world.household(BUILDING, "101").await, world.household(FAR_BUILDING, "101").await);
        let beside = world.household(OTHER_BUILDING, "101").await;
        let volunteer = world.person("刘洋", &[(Role::Volunteer, GRID), (Role::Volunteer, OTHER_GRID)]).await;
        let other = world.person("吴强", &[(Role::Volunteer, OTHER_GRID)]).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        visit(&world, &volunteer, near, (Some("2026-02-10T09:00"), "2026-02-10T10:00"), Verified).await;
        visit(&world, &volunteer, beside, (Some("2026-02-10T09:30"), "2026-02-10T10:30"), Verified).await;
        visit(&world, &volunteer, far, (Some("2026-02-11T09:00"), "2026-02-11T10:00"), Verified).await;
        visit(&world, &other, beside, (Some("2026-02-12T09:00"), "2026-02-12T09:20"), Verified).await;
        visit(&world, &other, beside, (Some("2026-03-01T09:00"), "2026-03-01T09:20"), Verified).await;
        assert_eq!(correct(&world, &staff, &other, 15, "2026-02-20").await, [""; 0]);
        let day = |text: &str| text.parse().unwrap();
        let february = Days::of(day("2026-02-01"), day("2026-03-01")).unwrap();
        let figures = async |area: &str| -> Vec<(String, i64, i64)> {
            let found = minutes_by_volunteer(&world.app().db, &[world.area(area)], february).await.unwrap();
            let figures = found.into_iter().map(|one| (one.name, one.visits, one.minutes));
            let mut figures: Vec<_> = figures.collect();
            figures.sort();
            figures
        };
        assert_eq!(figures(GRID).await, [("刘洋".to_owned(), 1, 60)]);
        assert_eq!(figures(OTHER_GRID).await, [("刘洋".to_owned(), 1, 30), ("吴强".to_owned(), 1, 35)]);
        assert_eq!(figures(COMMUNITY).await, [("刘洋".to_owned(), 2, 90), ("吴强".to_owned(), 1, 35)]);
        world.clock.advance(Duration::days(1));
    }
}
