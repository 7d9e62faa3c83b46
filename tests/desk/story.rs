//! Monday morning: what asks for somebody, and whom nobody has seen.

use chrono::Duration;
use entity::enums::{CareTier, Role};
use nuanlin::ids;
use nuanlin::visits::lapse::miss_past_visits;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::coverage::people::{Visit, at, day, elder, set_enrolment, visited, wait_until};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, GRID, OTHER_GRID, Person, World};
use crate::visits::acts::{again, done};

async fn desk(world: &World, lead: &Person, area: &str) -> Value {
    let query = "query($area: ID!) { desk(areaId: $area) { atRisk { ...pile } stranded { ...pile }
        missed { ...pile } returned { ...pile } waiting { ...pile }
        unseen(days: 30) { name { value } lastContactAt } } }
        fragment pile on DeskPile { count visitTasks { id } }";
    let area = World::id::<ids::Area>(world.area(area));
    world
        .run(lead, query, json!({"area": area}))
        .await
        .data("desk")
        .clone()
}

/// The tasks on a pile, which it counts rightly.
fn pile(desk: &Value, pile: &str) -> Vec<String> {
    let tasks: Vec<String> = desk[pile]["visitTasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(desk[pile]["count"], tasks.len());
    tasks
}

on_both! {
    async fn each_pile_holds_what_asks_for_it(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let leaving = world.person("刘洋", &[(Role::Volunteer, GRID)]).await;
        let mut ids = Vec::new();
        for room in ["101", "102", "103", "104"] {
            let home = world.household(BUILDING, room).await;
            ids.push(World::id::<ids::VisitTask>(world.open_task(&lead, home).await));
        }
        let report = ", outcome: SEEN_WELL, method: IN_PERSON";
        for id in &ids[1..3] {
            done(&world, &volunteer, id, "claimVisitTask", "").await;
            done(&world, &volunteer, id, "reportVisitTask", report).await;
        }
        done(&world, &lead, &ids[2], "returnVisitTask",
            ", remark: \"请补充\", dueAt: \"2026-03-06T09:00:00+08:00\"").await;
        done(&world, &leaving, &ids[3], "claimVisitTask", "").await;

        let before = desk(&world, &lead, GRID).await;
        assert!(pile(&before, "atRisk").is_empty(), "two days are left");
        assert!(pile(&before, "stranded").is_empty());
        let ended = format!("UPDATE role_grant SET revoked_at = created_at WHERE area_id IN
            (SELECT id FROM area WHERE code = '{GRID}') AND account_id IN (SELECT id FROM account WHERE name = '刘洋')");
        world.raw.execute_unprepared(&ended).await.unwrap();
        world.clock.advance(Duration::hours(24));
        let lead = again(&world, &lead, Role::GridLead, GRID).await;
        let now = desk(&world, &lead, GRID).await;
        assert_eq!(pile(&now, "atRisk"), ids[..1]);
        assert_eq!(pile(&now, "stranded"), ids[3..]);
        assert_eq!(pile(&now, "waiting"), ids[1..2]);
        assert_eq!(pile(&now, "returned"), ids[2..3]);
        assert!(pile(&now, "missed").is_empty());
        world.clock.advance(Duration::hours(24));
        let app = world.app();
        assert_eq!(miss_past_visits(&app.db, &app.keys, &world.clock).await.unwrap(), 2);
        let lead = again(&world, &lead, Role::GridLead, GRID).await;
        let later = desk(&world, &lead, GRID).await;
        assert_eq!(pile(&later, "missed").len(), 2);
        assert!(pile(&later, "atRisk").is_empty());
        assert_eq!(desk(&world, &lead, OTHER_GRID).await, Value::Null);
    }

    /// Thirty days are counted from midnight in Shanghai, and who was never seen comes first.
    async fn the_longest_unseen_come_first(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let tier = CareTier::General;
        // Thirty days before the second of March is the thirty-first of January.
        for (room, seen) in [("101", "2026-01-31T00:00:00"), ("102", "2026-01-30T23:59:59"),
            ("103", "2026-01-05T10:00:00")] {
            let person = elder(&world, BUILDING, room, tier).await;
            visited(&world, &lead, person, Visit::good(at(seen))).await;
        }
        elder(&world, BUILDING, "104", tier).await;
        let desk = desk(&world, &lead, GRID).await;
        let names: Vec<&str> = desk["unseen"].as_array().unwrap()
            .iter().map(|one| one["name"]["value"].as_str().unwrap()).collect();
        assert_eq!(names, ["李秀英104", "李秀英103", "李秀英102"]);
        assert_eq!(desk["unseen"][0]["lastContactAt"], Value::Null);
    }

    /// Enrolled on the first of March and never seen: on the last day of March that is thirty days.
    async fn days_are_counted_in_shanghai_from_the_enrolment_too(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let person = elder(&world, BUILDING, "101", CareTier::General).await;
        set_enrolment(&world, person, |row| row.from_on = sea_orm::ActiveValue::Set(day("2026-03-01"))).await;
        for (now, people) in [("2026-03-30T23:59:59", 0), ("2026-03-31T00:00:00", 1)] {
            wait_until(&world, now);
            let lead = again(&world, &lead, Role::GridLead, GRID).await;
            let desk = desk(&world, &lead, GRID).await;
            assert_eq!(desk["unseen"].as_array().unwrap().len(), people, "{now}");
        }
    }
}
