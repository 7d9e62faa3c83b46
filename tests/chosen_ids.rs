//! Ids that a phone chose: repeated, the same create; taken by anything else, refused.

use std::sync::Arc;

use entity::enums::Role;
use futures_util::future::join_all;
use nuanlin::ids;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, COMMUNITY, FAR_BUILDING, Person, World};

const RESIDENT: &str = "mutation($input: AddResidentInput!) { addResident(input: $input) {
    made: resident { id } userErrors { field code } } }";
const HOUSEHOLD: &str = "mutation($input: AddHouseholdInput!) { addHousehold(input: $input) {
    made: household { id } userErrors { field code } } }";
const AREA: &str = "mutation($input: AddAreaInput!) { addArea(input: $input) {
    made: area { id } userErrors { field code } } }";
const SPLIT: &str = "mutation($input: SplitHouseholdInput!) { splitHousehold(input: $input) {
    made: household { id } userErrors { field code } } }";

/// What staff are about to make, and the same with something else said.
struct Create {
    mutation: &'static str,
    text: &'static str,
    input: Value,
    other: Value,
    /// Something of its kind in the other community.
    foreign: Uuid,
    /// What it leaves: rows of its own and announced changes.
    traces: [i64; 2],
}

fn with(input: &Value, id: Uuid) -> Value {
    let mut input = input.clone();
    input["id"] = json!(id);
    json!({ "input": input })
}

async fn traces(world: &World) -> [i64; 3] {
    let rows = "SELECT (SELECT count(*) FROM resident) + (SELECT count(*) FROM household)
        + (SELECT count(*) FROM area)";
    [
        world.count(rows).await,
        world.count("SELECT count(*) FROM change").await,
        world.count("SELECT count(*) FROM audit_entry").await,
    ]
}

/// One create of each of the four kinds.
async fn creates(world: &World) -> [Create; 4] {
    let home = world.household(BUILDING, "101").await;
    let big = world.household(BUILDING, "102").await;
    world.elder(big, "李秀英", &[]).await;
    let leaves = World::id::<ids::Resident>(world.elder(big, "王桂珍", &[]).await);
    let far = world.household(FAR_BUILDING, "101").await;
    let stranger = world.elder(far, "赵玉兰", &[]).await;
    let building = World::id::<ids::Area>(world.area(BUILDING));
    let compound = World::id::<ids::Area>(world.area("341102006003.01"));
    let home = World::id::<ids::Household>(home);
    let split = |room: &str| {
        json!({"householdId": World::id::<ids::Household>(big), "expectedVersion": 1,
            "residentIds": [leaves], "unit": "1", "room": room})
    };
    let person = |name: &str| {
        json!({"householdId": home, "name": name, "idNumber": super::residents::id_number("19440506", 2),
            "phone": "13812341234", "healthNotes": "听力不好", "relation": "户主"})
    };
    let door = |room: &str| json!({"areaId": building, "unit": "2", "room": room});
    let grid = |name: &str| json!({"parentId": compound, "kind": "GRID", "name": name});
    [
        Create {
            mutation: "addResident",
            text: RESIDENT,
            input: person("李桂兰"),
            other: person("王桂珍"),
            foreign: stranger,
            traces: [1, 1],
        },
        Create {
            mutation: "addHousehold",
            text: HOUSEHOLD,
            input: door("201"),
            other: door("202"),
            foreign: far,
            traces: [1, 1],
        },
        Create {
            mutation: "addArea",
            text: AREA,
            input: grid("第8网格"),
            other: grid("第9网格"),
            foreign: world.area(FAR_BUILDING),
            traces: [1, 1],
        },
        Create {
            mutation: "splitHousehold",
            text: SPLIT,
            input: split("301"),
            other: split("302"),
            foreign: far,
            // The new household, the old, the person and their enrolment.
            traces: [1, 4],
        },
    ]
}

async fn staff(world: &World) -> Person {
    world
        .person("刘敏", &[(Role::CommunityStaff, COMMUNITY)])
        .await
}

on_both! {
    async fn an_id_names_one_create_and_no_other(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = staff(&world).await;
        for create in creates(&world).await {
            let Create { mutation, text, .. } = create;
            let refused = async |input: &Value, id: Uuid, code: &str| {
                let before = traces(&world).await;
                let answer = world.run(&staff, text, with(input, id)).await;
                let errors = answer.user_errors(mutation);
                assert_eq!(errors.len(), 1, "{mutation}");
                assert_eq!((errors[0].field, errors[0].code), (Some("id"), code), "{mutation}");
                assert_eq!(traces(&world).await, before, "{mutation}");
            };
            refused(&create.input, Uuid::from_u128(7), "UUID_INVALID").await;
            refused(&create.input, create.foreign, "ID_TAKEN").await;

            let (id, before) = (world.clock.new_id(), traces(&world).await);
            let made = world.run(&staff, text, with(&create.input, id)).await;
            let made = made.payload(mutation)["made"]["id"].clone();
            let again = world.run(&staff, text, with(&create.input, id)).await;
            assert_eq!(again.payload(mutation)["made"]["id"], made, "{mutation}");
            let after = traces(&world).await;
            assert_eq!([after[0] - before[0], after[1] - before[1]], create.traces, "{mutation}");
            assert_eq!(after[2] - before[2], 1, "{mutation}");
            refused(&create.other, id, "ID_TAKEN").await;
        }
    }

    async fn the_same_create_at_once_is_one(db: TestDatabase) {
        let world = Arc::new(World::new(db).await);
        let staff = staff(&world).await;
        let parent = World::id::<ids::Area>(world.area("341102006003.01"));
        for round in 0..rounds() {
            let home = World::id::<ids::Household>(world.household(BUILDING, &format!("9{round}")).await);
            for (mutation, text, input) in [
                ("addArea", AREA, json!({"parentId": parent, "kind": "GRID", "name": "新网格"})),
                ("addResident", RESIDENT, json!({"householdId": home, "name": "李桂兰"})),
            ] {
                let (id, before) = (world.clock.new_id(), traces(&world).await);
                let calls = (0..8).map(|_| {
                    let (world, staff, input) = (Arc::clone(&world), staff.clone(), with(&input, id));
                    tokio::spawn(async move {
                        let answer = world.run(&staff, text, input).await;
                        answer.user_error_codes(mutation).join(",")
                    })
                });
                for outcome in join_all(calls).await {
                    assert_eq!(outcome.expect("no panic"), "", "{mutation}");
                }
                let after = traces(&world).await;
                assert_eq!([0, 1, 2].map(|n| after[n] - before[n]), [1; 3], "{mutation}");
            }
        }
    }
}
