//! Households: lists as a clerk reads them, adding and changing.

mod crossing;
mod family;
pub mod moves;

use entity::circumstances::Circumstance;
use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};

use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::world::{
    BUILDING, COMMUNITY, FAR_BUILDING, GRID, OTHER_BUILDING, OTHER_GRID, Person, World,
};

const LIST: &str = "query($first: Int, $after: String, $last: Int, $before: String,
    $filter: HouseholdFilter) { households(first: $first, after: $after, last: $last,
    before: $before, filter: $filter) { totalCount pageInfo { hasNextPage hasPreviousPage endCursor
    startCursor } edges { node { area { name } room { value } } } } }";

const ADD: &str = "mutation($input: AddHouseholdInput!) { addHousehold(input: $input) {
    household { id version isCenter area { name } unit { value } room { value } }
    userErrors { field code message } } }";

const UPDATE: &str = "mutation($input: UpdateHouseholdInput!) { updateHousehold(input: $input) {
    household { id version isCenter unit { value } room { value } }
    userErrors { field code message } } }";

fn rooms(answer: &Answer) -> Vec<String> {
    let edges = answer.data("households.edges").as_array().unwrap();
    let room = |edge: &Value| edge["node"]["room"]["value"].as_str().unwrap().to_owned();
    edges.iter().map(room).collect()
}

async fn staff(world: &World) -> Person {
    world
        .person("刘敏", &[(Role::CommunityStaff, COMMUNITY)])
        .await
}

/// What a refused mutation must leave as it was.
async fn traces(world: &World) -> [i64; 4] {
    let mut counts = [0; 4];
    for (count, sql) in counts.iter_mut().zip([
        "SELECT count(*) FROM household",
        "SELECT count(*) FROM household_place",
        "SELECT count(*) FROM audit_entry WHERE action NOT LIKE 'read%'",
        "SELECT count(*) FROM change",
    ]) {
        *count = world.database.count(sql).await;
    }
    counts
}

on_both! {
    async fn a_clerk_reads_them_by_building_unit_and_room(db: TestDatabase) {
        let world = World::new(db).await;
        let clerk = staff(&world).await;
        for (building, room) in [
            (OTHER_BUILDING, "101"), (BUILDING, "1001"), (BUILDING, "201"), (FAR_BUILDING, "9"),
            (BUILDING, "101"), (BUILDING, "202"),
        ] {
            world.household(building, room).await;
        }
        let all = world.run(&clerk, LIST, json!({"first": 10})).await;
        assert_eq!(rooms(&all), ["101", "201", "202", "1001", "101"]);
        assert_eq!(all.data("households.totalCount"), 5);

        let mut seen = Vec::new();
        let mut after = Value::Null;
        loop {
            let page = world.run(&clerk, LIST, json!({"first": 2, "after": after})).await;
            seen.extend(rooms(&page));
            if page.data("households.pageInfo.hasNextPage") == &json!(false) {
                break;
            }
            after = page.data("households.pageInfo.endCursor").clone();
        }
        assert_eq!(seen, rooms(&all));
        let tail = world.run(&clerk, LIST, json!({"last": 2})).await;
        assert_eq!(rooms(&tail), ["1001", "101"]);
        let before = tail.data("households.pageInfo.startCursor").clone();
        let middle = world.run(&clerk, LIST, json!({"last": 2, "before": before})).await;
        assert_eq!(rooms(&middle), ["201", "202"]);
        assert_eq!(middle.data("households.pageInfo.hasPreviousPage"), &json!(true));
    }

    async fn filters_narrow_and_scopes_bound(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let clerk = staff(&world).await;
        let home = world.household(BUILDING, "101").await;
        world.elder(home, "李秀英", &[Circumstance::LivesAlone]).await;
        world.household(BUILDING, "102").await;
        world.household(OTHER_BUILDING, "301").await;

        let of_lead = world.run(&lead, LIST, json!({"first": 10})).await;
        assert_eq!(rooms(&of_lead), ["101", "102"]);
        let enrolled = json!({"first": 10, "filter": {"hasEnrolled": true}});
        assert_eq!(rooms(&world.run(&clerk, LIST, enrolled).await), ["101"]);
        let others = json!({"first": 10, "filter": {"hasEnrolled": false}});
        assert_eq!(rooms(&world.run(&clerk, LIST, others).await), ["102", "301"]);
        let area = World::id::<ids::Area>(world.area(OTHER_GRID));
        let there = json!({"first": 10, "filter": {"areaId": area}});
        assert_eq!(rooms(&world.run(&clerk, LIST, there.clone()).await), ["301"]);
        assert_eq!(rooms(&world.run(&lead, LIST, there).await), [""; 0]);
        let centers = json!({"first": 10, "filter": {"isCenter": true}});
        assert_eq!(rooms(&world.run(&clerk, LIST, centers).await), [""; 0]);

        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let refused = world.run(&volunteer, LIST, json!({"first": 10})).await;
        assert_eq!(refused.error_codes(), ["FORBIDDEN"]);
        for paging in [json!({}), json!({"first": -1}), json!({"first": 101}),
            json!({"first": 1, "after": "garbage"})] {
            let refused = world.run(&clerk, LIST, paging).await;
            assert_eq!(refused.error_codes(), ["BAD_USER_INPUT"]);
        }
    }

    async fn staff_add_one_per_door(db: TestDatabase) {
        let world = World::new(db).await;
        let clerk = staff(&world).await;
        let building = World::id::<ids::Area>(world.area(BUILDING));
        let key = world.clock.new_id();
        let input = json!({"input": {"areaId": building, "unit": " 2 ", "room": "301",
            "isCenter": true, "idempotencyKey": key}});
        let added = world.run(&clerk, ADD, input.clone()).await;
        let household = added.payload("addHousehold")["household"].clone();
        assert_eq!(household["area"]["name"], "1栋");
        assert_eq!(household["unit"]["value"], "2");
        assert_eq!(household["isCenter"], true);
        assert_eq!(traces(&world).await, [1, 1, 1, 1]);

        let again = world.run(&clerk, ADD, input).await;
        assert_eq!(again.payload("addHousehold")["household"]["id"], household["id"]);
        assert_eq!(traces(&world).await, [1, 1, 1, 1]);

        let far = World::id::<ids::Area>(world.area(FAR_BUILDING));
        let grid = World::id::<ids::Area>(world.area(GRID));
        for (input, field, code) in [
            (json!({"areaId": building, "unit": "2", "room": "301"}), "room", "HOUSEHOLD_EXISTS"),
            (json!({"areaId": building, "room": " "}), "room", "REQUIRED"),
            (json!({"areaId": building, "room": "1".repeat(21)}), "room", "TOO_LONG"),
            (json!({"areaId": grid, "room": "301"}), "areaId", "AREA_UNFIT"),
            (json!({"areaId": far, "room": "301"}), "areaId", "NOT_FOUND"),
            (json!({"areaId": household["id"], "room": "301"}), "areaId", "NOT_FOUND"),
        ] {
            let refused = world.run(&clerk, ADD, json!({"input": input})).await;
            let errors = refused.user_errors("addHousehold");
            assert_eq!((errors[0].field, errors[0].code), (Some(field), code));
            assert_eq!(errors.len(), 1);
        }
        assert_eq!(traces(&world).await, [1, 1, 1, 1]);
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let input = json!({"input": {"areaId": building, "room": "9"}});
        let refused = world.run(&lead, ADD, input.clone()).await;
        assert_eq!(refused.error_codes(), ["FORBIDDEN"]);
        let grants = [(Role::GridLead, GRID), (Role::CommunityStaff, OTHER_GRID)];
        let both = world.person("吴桂兰", &grants).await;
        let refused = world.run(&both, ADD, input).await;
        assert_eq!(refused.user_error_codes("addHousehold"), ["NOT_PERMITTED"]);
    }

    async fn of_two_edits_one_wins(db: TestDatabase) {
        let world = World::new(db).await;
        let clerk = staff(&world).await;
        let home = World::id::<ids::Household>(world.household(BUILDING, "101").await);
        world.household(BUILDING, "102").await;
        let edit = |edit: Value| {
            let mut input = json!({"householdId": home, "expectedVersion": 1});
            input.as_object_mut().unwrap().extend(edit.as_object().unwrap().clone());
            json!({"input": input})
        };
        let (first, second) = tokio::join!(
            world.run(&clerk, UPDATE, edit(json!({"isCenter": true}))),
            world.run(&clerk, UPDATE, edit(json!({"unit": null}))),
        );
        let refusals: Vec<&str> = [&first, &second]
            .iter()
            .flat_map(|answer| answer.user_error_codes("updateHousehold"))
            .collect();
        assert_eq!(refusals, ["VERSION_CONFLICT"]);
        for answer in [&first, &second] {
            assert_eq!(answer.data("updateHousehold.household.version"), 2);
        }
        let before = traces(&world).await;
        assert_eq!(before[2..], [1, 1]);
        let same = json!({"input": {"householdId": home, "expectedVersion": 2, "room": "101"}});
        let same = world.run(&clerk, UPDATE, same).await;
        assert_eq!(same.payload("updateHousehold")["household"]["version"], 2);
        let taken = json!({"input": {"householdId": home, "expectedVersion": 2, "unit": "1",
            "room": "102"}});
        let taken = world.run(&clerk, UPDATE, taken).await;
        assert_eq!(taken.user_error_codes("updateHousehold"), ["HOUSEHOLD_EXISTS"]);
        assert_eq!(traces(&world).await, before);
    }
}
