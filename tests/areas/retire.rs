//! A grid is drawn anew: it is retired, others take over, and history stays where it was.

use entity::enums::{Role, VisitStatus};
use nuanlin::ids;
use serde_json::{Value, json};

use super::{COUNTS, RETIRE, area_id, staff, traces};
use crate::households::moves::{lived, task};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, FAR_BUILDING, GRID, OTHER_BUILDING, OTHER_GRID, World};

const SECOND: &str = "341102006003.01.01.02";
const THIRD_GRID: &str = "341102006003.02.03";
const OPEN: &str = "{ visitTasks(first: 20, filter: {status: [OPEN]}) { totalCount } }";
const CLAIMED: &str = "{ visitTasks(first: 20, filter: {status: [CLAIMED]}) { edges { node {
    household { residents { name { value } } } } } } }";

fn ids(world: &World, codes: &[&str]) -> Vec<Value> {
    codes.iter().map(|code| area_id(world.area(code))).collect()
}

fn input(world: &World, area: &str, successors: &[&str], more: &Value) -> Value {
    let base = json!({"areaId": area_id(world.area(area)), "successorIds": ids(world, successors),
        "reason": "网格调整"});
    json!({"input": crate::residents::with(base, more)})
}

fn preview() -> String {
    format!("query($area: ID!, $to: [ID!]!, $buildings: [MoveInput!]) {{ retireAreaPreview(areaId: $area,
        successorIds: $to, buildings: $buildings) {{ {COUNTS} }} }}")
}

on_both! {
    async fn the_neighbouring_grid_takes_over(db: TestDatabase) {
        let world = World::new(db).await;
        let clerk = staff(&world).await;
        let old = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        world.person("钱小妹", &[(Role::CenterHousehold, BUILDING)]).await;
        let new = world.person("刘洋", &[(Role::Volunteer, OTHER_GRID)]).await;
        // One and two people in the grid's two buildings; one in the grid that takes over.
        let (one, two) = (world.household(BUILDING, "101").await, world.household(SECOND, "101").await);
        let elder = world.elder(one, "李秀英", &[]).await;
        world.elder(two, "王桂珍", &[]).await;
        world.elder(two, "赵玉兰", &[]).await;
        let there = world.household(OTHER_BUILDING, "101").await;
        world.elder(there, "周建国", &[]).await;
        task(&world, &old, one, elder, VisitStatus::Claimed).await;
        task(&world, &old, one, elder, VisitStatus::Verified).await;
        world.open_task(&clerk, two).await;
        let before = traces(&world).await;

        let counts = json!({"households": 2, "residents": 3, "enrolments": 3, "visits": 2,
            "heldVisits": 1, "takenDoors": 0, "accounts": [{"name": "陈静"}, {"name": "钱小妹"}]});
        let asked = json!({"area": area_id(world.area(GRID)), "to": ids(&world, &[OTHER_GRID])});
        let shown = world.run(&clerk, &preview(), asked).await;
        let mut shown = shown.data("retireAreaPreview").clone();
        shown["accounts"].as_array_mut().unwrap().sort_by_key(ToString::to_string);
        assert_eq!(shown, {
            let mut counts = counts;
            counts["accounts"].as_array_mut().unwrap().sort_by_key(ToString::to_string);
            counts
        });
        let more = json!({"onDate": "2026-03-01", "expectedHouseholds": 2,
            "idempotencyKey": "0195a000-0000-7000-8000-000000000001"});
        let call = input(&world, GRID, &[OTHER_GRID], &more);
        let done = world.run(&clerk, RETIRE, call.clone()).await;
        let payload = done.payload("retireArea").clone();
        assert_eq!(payload["area"], json!({"code": GRID, "retiredOn": "2026-03-01",
            "successors": [{"code": OTHER_GRID}]}));
        assert_eq!(payload["accounts"].as_array().unwrap().len(), 2);
        // Two new buildings, two and the grid retired, 2 + 3 + 3 + 2 rows moved.
        let after = traces(&world).await;
        assert_eq!((after[0] - before[0], after[1] - before[1]), (1, 15));
        let again = world.run(&clerk, RETIRE, call).await;
        assert_eq!(again.payload("retireArea"), &payload);
        assert_eq!(traces(&world).await, after);

        let areas = world.run(&clerk, "query($below: ID!) { areas(first: 20, filter: {belowId: $below,
            kind: [GRID, BUILDING]}) { edges { node { code name } } } }",
            json!({"below": area_id(world.area("341102006003.01"))})).await;
        let edges = areas.data("areas.edges").as_array().unwrap().clone();
        let listed: Vec<_> = edges.iter().map(|edge| (edge["node"]["code"].as_str().unwrap(),
            edge["node"]["name"].as_str().unwrap())).collect();
        assert_eq!(listed, [(OTHER_GRID, "第2网格"), (OTHER_BUILDING, "3栋"),
            ("341102006003.01.02.02", "1栋"), ("341102006003.01.02.03", "2栋")]);
        // The old grid's volunteer keeps the claim and what it opens, and sees nothing else.
        assert_eq!(world.run(&old, OPEN, json!({})).await.data("visitTasks.totalCount"), 0);
        let kept = world.run(&old, CLAIMED, json!({})).await;
        assert_eq!(kept.data("visitTasks.edges")[0]["node"]["household"]["residents"][0]["name"]["value"],
            "李秀英");
        assert_eq!(world.run(&new, OPEN, json!({})).await.data("visitTasks.totalCount"), 1);
        for (day, there, here) in [("2026-02-28", 1, 0), ("2026-03-01", 0, 1)] {
            assert_eq!(lived(&world, "王桂珍", GRID, day).await, there, "{day}");
            assert_eq!(lived(&world, "王桂珍", OTHER_GRID, day).await, here, "{day}");
        }
        // Nothing new comes to what is retired, and nothing retires twice.
        for (mutation, input, field, code) in [
            ("addHousehold", json!({"areaId": area_id(world.area(BUILDING)), "room": "9"}), "areaId", "AREA_UNFIT"),
            ("addArea", json!({"parentId": area_id(world.area(GRID)), "kind": "BUILDING", "name": "9栋"}), "parentId", "AREA_UNFIT"),
            ("grantRole", json!({"accountId": World::id::<ids::Account>(new.account), "role": "VOLUNTEER",
                "areaId": area_id(world.area(GRID))}), "areaId", "AREA_UNFIT"),
            ("retireArea", json!({"areaId": area_id(world.area(GRID)), "successorIds": ids(&world, &[OTHER_GRID]),
                "reason": "再次"}), "areaId", "AREA_UNFIT"),
        ] {
            let title = format!("{}{}", mutation[..1].to_uppercase(), &mutation[1..]);
            let text = format!("mutation($input: {title}Input!) {{ {mutation}(input: $input) {{
                userErrors {{ field code }} }} }}");
            let refused = world.run(&clerk, &text, json!({"input": input})).await;
            let errors = refused.user_errors(mutation);
            assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, Some(field), code), "{mutation}");
        }
    }

    async fn several_take_over_building_by_building(db: TestDatabase) {
        let world = World::new(db).await;
        let clerk = staff(&world).await;
        let (one, two) = (world.household(BUILDING, "101").await, world.household(SECOND, "201").await);
        world.elder(one, "李秀英", &[]).await;
        world.elder(two, "王桂珍", &[]).await;
        let taken = world.household(OTHER_BUILDING, "201").await;
        let ways = |to: &str| json!([
            {"fromId": area_id(world.area(BUILDING)), "toId": area_id(world.area(THIRD_GRID))},
            {"fromId": area_id(world.area(SECOND)), "toId": area_id(world.area(to))},
        ]);
        let both = [OTHER_GRID, THIRD_GRID];
        let before = traces(&world).await;
        let one_only = json!([{"fromId": area_id(world.area(BUILDING)), "toId": area_id(world.area(THIRD_GRID))}]);
        for (more, field, code) in [
            (json!({}), "buildings", "REQUIRED"),
            (json!({"buildings": one_only}), "buildings", "REQUIRED"),
            (json!({"buildings": ways(FAR_BUILDING)}), "buildings", "NOT_FOUND"),
            (json!({"buildings": ways(GRID)}), "buildings", "AREA_UNFIT"),
            (json!({"buildings": ways(OTHER_BUILDING)}), "successorIds", "HOUSEHOLD_EXISTS"),
            (json!({"buildings": ways(OTHER_GRID), "expectedHouseholds": 3}), "expectedHouseholds", "PREVIEW_OUTDATED"),
            (json!({"buildings": ways(OTHER_GRID), "onDate": "2026-03-03"}), "onDate", "OUT_OF_RANGE"),
            (json!({"buildings": ways(OTHER_GRID), "onDate": "2026-01-29"}), "onDate", "OUT_OF_RANGE"),
        ] {
            let refused = world.run(&clerk, RETIRE, input(&world, GRID, &both, &more)).await;
            let errors = refused.user_errors("retireArea");
            assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, Some(field), code));
        }
        assert_eq!(traces(&world).await, before);
        let asked = json!({"area": area_id(world.area(GRID)), "to": ids(&world, &both), "buildings": ways(OTHER_BUILDING)});
        let shown = world.run(&clerk, &preview(), asked).await;
        assert_eq!((shown.data("retireAreaPreview.takenDoors"), shown.data("retireAreaPreview.households")),
            (&json!(1), &json!(2)));
        // The other door is freed: the second building's people go into the building that is there.
        let close = "mutation($id: ID!) { closeHousehold(input: {householdId: $id, expectedVersion: 1,
            reason: \"空户\"}) { household { version } userErrors { code } } }";
        world.run(&clerk, close, json!({"id": World::id::<ids::Household>(taken)})).await.payload("closeHousehold");
        let done = world.run(&clerk, RETIRE, input(&world, GRID, &both, &json!({"buildings": ways(OTHER_BUILDING)}))).await;
        assert_eq!(done.payload("retireArea")["area"]["successors"], json!([{"code": OTHER_GRID}, {"code": THIRD_GRID}]));
        assert_eq!(lived(&world, "李秀英", THIRD_GRID, "2026-03-02").await, 1);
        assert_eq!(lived(&world, "王桂珍", OTHER_BUILDING, "2026-03-02").await, 1);
        let used = "SELECT count(*) FROM area WHERE code LIKE '341102006003.01.01%' AND retired_on IS NULL";
        assert_eq!(world.count(used).await, 0);
        let seen = "query($id: ID!) { area(id: $id) { successors { code } } }";
        let building = world.run(&clerk, seen, json!({"id": area_id(world.area(SECOND))})).await;
        assert_eq!(building.data("area.successors"), &json!([{"code": OTHER_BUILDING}]));
    }
}
