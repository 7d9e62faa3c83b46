//! Households and people move at once, each in the other's way: one after another, nobody is lost.

use std::sync::Arc;

use futures_util::future::join_all;
use nuanlin::ids;
use serde_json::{Value, json};
use uuid::Uuid;

use super::staff;
use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, OTHER_BUILDING, World};

const MOVE_HOME: &str =
    "mutation($input: MoveHouseholdInput!) { done: moveHousehold(input: $input) {
    userErrors { code } } }";
const MOVE_ELDER: &str =
    "mutation($input: MoveResidentInput!) { done: moveResident(input: $input) {
    userErrors { code } } }";
const MERGE: &str =
    "mutation($input: MergeHouseholdsInput!) { done: mergeHouseholds(input: $input) {
    userErrors { code } } }";
const DIE: &str = "mutation($input: RecordDeathInput!) { done: recordDeath(input: $input) {
    userErrors { code } } }";

fn home_id(id: Uuid) -> Value {
    json!(World::id::<ids::Household>(id))
}

on_both! {
    async fn moves_that_cross_end_well(db: TestDatabase) {
        let world = Arc::new(World::new(db).await);
        let clerk = staff(&world).await;
        for round in 0..rounds() {
            let (one, two) = (world.household(BUILDING, &format!("{round}01")).await,
                world.household(BUILDING, &format!("{round}02")).await);
            let (first, second) = (world.elder(one, "李秀英", &[]).await, world.elder(two, "王桂珍", &[]).await);
            for home in [one, two] {
                world.open_task(&clerk, home).await;
            }
            let elder = |id: Uuid| json!(World::id::<ids::Resident>(id));
            let away = |id: Uuid, room: &str| json!({"householdId": home_id(id), "expectedVersion": 1,
                "areaId": World::id::<ids::Area>(world.area(OTHER_BUILDING)), "room": format!("{round}{room}")});
            let calls = [
                (MOVE_HOME, away(one, "01")),
                (MOVE_HOME, away(two, "02")),
                (MOVE_ELDER, json!({"residentId": elder(first), "expectedVersion": 1, "householdId": home_id(two)})),
                (MOVE_ELDER, json!({"residentId": elder(second), "expectedVersion": 1, "householdId": home_id(one)})),
                (MERGE, json!({"fromHouseholdId": home_id(one), "expectedVersion": 1, "intoHouseholdId": home_id(two)})),
                (MERGE, json!({"fromHouseholdId": home_id(two), "expectedVersion": 1, "intoHouseholdId": home_id(one)})),
                (DIE, json!({"residentId": elder(second), "expectedVersion": 1, "diedOn": "2026-03-02", "source": "家属"})),
            ];
            let calls = calls.map(|(text, input)| {
                let (world, clerk) = (Arc::clone(&world), clerk.clone());
                tokio::spawn(async move {
                    let answer = world.run(&clerk, text, json!({"input": input})).await;
                    // Done, or refused for what another did: never broken off.
                    let codes = answer.user_error_codes("done");
                    let expected = ["VERSION_CONFLICT", "NO_LONGER_HERE"];
                    assert!(codes.iter().all(|code| expected.contains(code)), "{codes:?}");
                    codes.is_empty()
                })
            });
            let done = join_all(calls).await.into_iter().filter(|done| *done.as_ref().expect("no panic"));
            assert!(done.count() > 0);
            for apart in [
                "SELECT count(*) FROM resident r JOIN household h ON h.id = r.household_id
                    WHERE r.area_id <> h.area_id OR r.grid_id <> h.grid_id",
                "SELECT count(*) FROM resident r JOIN household h ON h.id = r.household_id
                    WHERE h.closed_on IS NOT NULL AND r.deceased_on IS NULL",
                "SELECT count(*) FROM resident r JOIN residence s ON s.resident_id = r.id
                    WHERE s.to_on IS NULL AND (s.household_id <> r.household_id OR r.deceased_on IS NOT NULL)",
                "SELECT count(*) FROM care_enrolment e JOIN resident r ON r.id = e.resident_id
                    WHERE e.to_on IS NULL AND (e.area_id <> r.area_id OR r.deceased_on IS NOT NULL)",
                "SELECT count(*) FROM visit_task t JOIN household h ON h.id = t.household_id
                    WHERE t.area_id <> h.area_id OR h.closed_on IS NOT NULL",
                "SELECT count(*) FROM household_place p JOIN household h ON h.id = p.household_id
                    WHERE p.to_on IS NULL AND (p.area_id <> h.area_id OR h.closed_on IS NOT NULL)",
            ] {
                assert_eq!(world.count(apart).await, 0, "round {round}: {apart}");
            }
        }
    }
}
