//! A grid is drawn anew while people work in it: nothing is lost.

use std::sync::Arc;

use entity::enums::Role;
use futures_util::future::join_all;
use nuanlin::config::Settings;
use nuanlin::ids;
use serde_json::{Value, json};

use super::{RETIRE, area_id, staff};
use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{COMMUNITY, Person, World};

/// Claims, reports, plans and enrolments that go on at once.
const EACH: usize = 4;

const CLAIM: &str = "mutation($id: ID!) { done: claimVisitTask(input: {visitTaskId: $id}) {
    userErrors { code } } }";
const REPORT: &str = "mutation($id: ID!) { done: reportVisitTask(input: {visitTaskId: $id,
    outcome: SEEN_WELL, method: PHONE}) { userErrors { code } } }";
const PLAN: &str = "mutation($id: ID!) { done: planVisitTask(input: {householdId: $id, kind: HOME_VISIT,
    startsAt: \"2026-03-03T01:00:00Z\", dueAt: \"2026-03-04T01:00:00Z\"}) { userErrors { code } } }";
const ENROL: &str = "mutation($id: ID!) { done: enrolResident(input: {residentId: $id, tier: KEY,
    circumstances: [LIVES_ALONE]}) { userErrors { code } } }";
const ADD: &str = "mutation($input: AddAreaInput!) { addArea(input: $input) { area { id }
    userErrors { code } } }";
const SETTLE: &str = "mutation($area: ID!, $room: String!) { addHousehold(input: {areaId: $area,
    room: $room}) { household { id } userErrors { code } } }";
const JOIN: &str =
    "mutation($home: ID!) { addResident(input: {householdId: $home, name: \"李秀英\"}) {
    resident { id } userErrors { code } } }";

/// The id of what a mutation made.
async fn made(world: &World, who: &Person, text: &str, variables: Value, path: [&str; 2]) -> Value {
    let answer = world.run(who, text, variables).await;
    answer.payload(path[0])[path[1]]["id"].clone()
}

async fn grid(world: &World, staff: &Person) -> Value {
    let parent = area_id(world.area("341102006003.01"));
    let input = json!({"input": {"parentId": parent, "kind": "GRID", "name": "网格"}});
    made(world, staff, ADD, input, ["addArea", "area"]).await
}

on_both! {
    async fn what_is_done_meanwhile_is_done_and_nothing_is_left_behind(db: TestDatabase) {
        // The volunteer claims for several: the limit is another test's matter.
        let world = Arc::new(World::with(db, Settings { claim_limit: 100_000, claims_a_day: 1_000_000, ..Settings::default() }).await);
        let clerk = staff(&world).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, COMMUNITY)]).await;
        for round in 0..rounds() {
            let (old, new) = (grid(&world, &clerk).await, grid(&world, &clerk).await);
            let building = json!({"input": {"parentId": old, "kind": "BUILDING", "name": "1栋"}});
            let building = made(&world, &clerk, ADD, building, ["addArea", "area"]).await;
            let mut calls: Vec<(&'static str, Value, Person)> = Vec::new();
            for n in 0..EACH {
                let room = json!({"area": building, "room": format!("{n}")});
                let home = made(&world, &clerk, SETTLE, room, ["addHousehold", "household"]).await;
                let person = made(&world, &clerk, JOIN, json!({"home": home}), ["addResident", "resident"]).await;
                let key = entity_id(&home);
                let (open, held) = (world.open_task(&clerk, key).await, world.open_task(&clerk, key).await);
                let held = json!(World::id::<ids::VisitTask>(held));
                world.run(&volunteer, CLAIM, json!({"id": held})).await.payload("done");
                calls.push((CLAIM, json!(World::id::<ids::VisitTask>(open)), volunteer.clone()));
                calls.push((REPORT, held, volunteer.clone()));
                calls.push((PLAN, home, clerk.clone()));
                calls.push((ENROL, person, clerk.clone()));
            }
            let retire = json!({"input": {"areaId": old, "successorIds": [new], "reason": "网格调整"}});
            let (w, c) = (Arc::clone(&world), clerk.clone());
            let redrawn = tokio::spawn(async move {
                w.run(&c, RETIRE, retire).await.payload("retireArea");
            });
            let work = calls.into_iter().map(|(text, id, who)| {
                let world = Arc::clone(&world);
                tokio::spawn(async move {
                    let answer = world.run(&who, text, json!({"id": id})).await;
                    answer.payload("done");
                })
            });
            for done in join_all(work).await {
                done.expect("what was asked was done");
            }
            redrawn.await.expect("the grid was retired");

            let done = i64::try_from((round + 1) * EACH).unwrap();
            for (sql, expected) in [
                ("SELECT count(*) FROM visit_task WHERE status = 'CLAIMED'", done),
                ("SELECT count(*) FROM visit_task WHERE status = 'REPORTED'", done),
                ("SELECT count(*) FROM visit_task WHERE status = 'OPEN'", done),
                ("SELECT count(*) FROM care_enrolment", done),
                // Nothing that is still to come is left at a retired area, or apart from its household.
                ("SELECT count(*) FROM visit_task t JOIN area a ON a.id = t.area_id
                    WHERE t.status IN ('OPEN', 'CLAIMED') AND a.retired_on IS NOT NULL", 0),
                ("SELECT count(*) FROM visit_task t JOIN household h ON h.id = t.household_id
                    WHERE t.status IN ('OPEN', 'CLAIMED') AND (t.area_id <> h.area_id OR t.grid_id <> h.grid_id)", 0),
                ("SELECT count(*) FROM care_enrolment e JOIN resident r ON r.id = e.resident_id
                    WHERE e.area_id <> r.area_id OR e.grid_id <> r.grid_id", 0),
                ("SELECT count(*) FROM resident r JOIN household h ON h.id = r.household_id
                    WHERE r.area_id <> h.area_id OR r.grid_id <> h.grid_id", 0),
                ("SELECT count(*) FROM household h JOIN household_place p ON p.household_id = h.id
                    AND p.to_on IS NULL AND p.area_id = h.area_id", done),
            ] {
                assert_eq!(world.count(sql).await, expected, "{sql}");
            }
        }
    }
}

fn entity_id(opaque: &Value) -> uuid::Uuid {
    let id = ids::AnyId::parse(opaque.as_str().expect("an id"));
    let Some(ids::AnyId::Household(id)) = id else {
        panic!("{opaque} is no household");
    };
    id.uuid()
}
