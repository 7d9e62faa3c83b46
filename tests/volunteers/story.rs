//! From the door to the record: what a volunteer did counts once another has verified it.

use chrono::Duration;
use entity::circumstances::Circumstance;
use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};

use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, GRID, Person, World};
use crate::visits::acts::{again, done};

async fn march(world: &World, who: &Person) -> Value {
    let query = "{ viewer { serviceRecord(fromOn: \"2026-03-01\", toOn: \"2026-04-01\") {
        minutes entries { on kind minutes overlappingMinutes } } } }";
    let answer = world.run(who, query, json!({})).await;
    answer.data("viewer.serviceRecord").clone()
}

on_both! {
    async fn a_visit_counts_from_the_day_it_is_verified(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        let task = World::id::<ids::VisitTask>(world.open_task(&lead, home).await);
        done(&world, &volunteer, &task, "claimVisitTask", "").await;
        done(&world, &volunteer, &task, "startVisitTask", "").await;

        world.clock.advance(Duration::hours(1));
        let volunteer = again(&world, &volunteer, Role::Volunteer, GRID).await;
        let lead = again(&world, &lead, Role::GridLead, GRID).await;
        let report = ", outcome: SEEN_WELL, method: IN_PERSON, occurredAt: \"2026-03-02T09:05:00+08:00\",
            endedAt: \"2026-03-02T09:40:59+08:00\"";
        done(&world, &volunteer, &task, "reportVisitTask", report).await;
        let nothing = json!({"minutes": 0, "entries": []});
        assert_eq!(march(&world, &volunteer).await, nothing, "reported, but not verified");
        done(&world, &lead, &task, "returnVisitTask", ", remark: \"请补充用药情况\",
            dueAt: \"2026-03-03T10:00:00+08:00\"").await;
        assert_eq!(march(&world, &volunteer).await, nothing, "sent back");
        done(&world, &volunteer, &task, "reportVisitTask", report).await;
        done(&world, &lead, &task, "verifyVisitTask", "").await;
        assert_eq!(march(&world, &volunteer).await, json!({"minutes": 40, "entries": [
            {"on": "2026-03-02", "kind": "HOME_VISIT", "minutes": 40, "overlappingMinutes": 0}]}));
        assert_eq!(march(&world, &lead).await, nothing, "who verifies has not visited");
    }

    /// Three calls written down for one moment are the ten minutes of one, not of three.
    async fn a_round_of_calls_counts_the_time_it_took_once(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let mut calls = Vec::new();
        for room in ["101", "102", "103"] {
            let home = world.household(BUILDING, room).await;
            let elder = world.elder(home, "李秀英", &[Circumstance::LivesAlone]).await;
            calls.push(json!({"residentId": World::id::<ids::Resident>(elder), "outcome": "SEEN_WELL",
                "method": "PHONE", "occurredAt": "2026-03-02T08:30:00+08:00"}));
        }
        let query = "mutation($contacts: [ContactInput!]!) { recordContacts(input: {contacts: $contacts}) {
            results { visitTask { id kind } } userErrors { code } } }";
        let answer = world.run(&lead, query, json!({"contacts": calls})).await;
        let results = answer.payload("recordContacts")["results"].clone();
        for result in results.as_array().unwrap() {
            let task = result["visitTask"]["id"].as_str().unwrap();
            done(&world, &staff, task, "verifyVisitTask", "").await;
        }
        let record = march(&world, &lead).await;
        assert_eq!(record["minutes"], 10);
        let counted = |name: &str| -> Vec<i64> {
            let entries = record["entries"].as_array().unwrap().iter();
            entries.map(|entry| entry[name].as_i64().unwrap()).collect()
        };
        assert_eq!(counted("minutes").iter().sum::<i64>(), 10);
        assert_eq!(counted("overlappingMinutes").iter().sum::<i64>(), 20);
    }
}
