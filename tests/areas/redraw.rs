//! Households move in groups: the preview says what the act does.

use entity::enums::{Role, VisitStatus};
use nuanlin::ids;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{COUNTS, MOVE, area_id, staff, traces};
use crate::households::moves::{lived, task};
use crate::support::database::on_both;
use crate::support::world::{
    BUILDING, COMMUNITY, FAR_BUILDING, GRID, OTHER_BUILDING, OTHER_GRID, World,
};

fn way(world: &World, from: &str, to: &str) -> Value {
    json!([{"fromId": area_id(world.area(from)), "toId": area_id(world.area(to))}])
}

fn homes(ids: &[Uuid]) -> Vec<String> {
    ids.iter()
        .map(|id| World::id::<ids::Household>(*id))
        .collect()
}

on_both! {
    async fn preview_and_act_agree(db: TestDatabase) {
        let world = World::new(db).await;
        let clerk = staff(&world).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let mut moving = Vec::new();
        for (n, name) in ["李秀英", "王桂珍", "赵玉兰"].iter().enumerate() {
            let home = world.household(BUILDING, &format!("{n}01")).await;
            let elder = world.elder(home, name, &[]).await;
            for status in [VisitStatus::Open, VisitStatus::Claimed, VisitStatus::Verified] {
                task(&world, &volunteer, home, elder, status).await;
            }
            moving.push(home);
        }
        let stays = moving.pop().unwrap();
        let ask = format!("query($moves: [MoveInput!]!, $homes: [ID!]) {{ moveHouseholdsPreview(moves: $moves,
            householdIds: $homes) {{ {COUNTS} }} }}");
        let moves = way(&world, BUILDING, OTHER_BUILDING);
        let shown = world.run(&clerk, &ask, json!({"moves": moves, "homes": homes(&moving)})).await;
        assert_eq!(shown.data("moveHouseholdsPreview"), &json!({"households": 2, "residents": 2,
            "enrolments": 2, "visits": 4, "heldVisits": 2, "takenDoors": 0, "accounts": []}));
        let before = traces(&world).await;
        let input = |homes: &[String], expected: u64| json!({"input": {"moves": moves, "householdIds": homes,
            "expectedHouseholds": expected, "reason": "旧楼改造"}});
        let done = world.run(&clerk, MOVE, input(&homes(&moving), 2)).await;
        assert_eq!(done.payload("moveHouseholds"), &json!({"areas": [{"code": OTHER_BUILDING, "name": "3栋",
            "parent": {"code": OTHER_GRID}}], "accounts": [], "userErrors": []}));
        // As many changes as the preview counted, by kind.
        let after = traces(&world).await;
        assert_eq!((after[0] - before[0], after[1] - before[1]), (1, 2 + 2 + 2 + 4));
        for (kind, expected) in [("HOUSEHOLD", 2), ("RESIDENT", 2), ("CARE_ENROLMENT", 2), ("VISIT_TASK", 4)] {
            let crossed = format!("SELECT count(*) FROM change WHERE kind = '{kind}' AND area_before <> area_after");
            assert_eq!(world.count(&crossed).await, expected, "{kind}");
        }
        assert_eq!(lived(&world, "李秀英", GRID, "2026-03-01").await, 1);
        assert_eq!(lived(&world, "李秀英", OTHER_GRID, "2026-03-02").await, 1);
        assert_eq!(lived(&world, "赵玉兰", GRID, "2026-03-02").await, 1);
        // They are not there any more, and a number that has changed is told.
        let gone = world.run(&clerk, MOVE, input(&homes(&moving), 2)).await;
        assert_eq!(gone.user_error_codes("moveHouseholds"), ["NOT_FOUND"]);
        let fewer = world.run(&clerk, MOVE, input(&homes(&[stays]), 2)).await;
        assert_eq!(fewer.user_error_codes("moveHouseholds"), ["PREVIEW_OUTDATED"]);
        assert_eq!(traces(&world).await, after);
    }

    async fn a_building_goes_on_in_another_grid(db: TestDatabase) {
        let world = World::new(db).await;
        let clerk = staff(&world).await;
        world.person("钱小妹", &[(Role::CenterHousehold, BUILDING)]).await;
        let home = world.household(BUILDING, "101").await;
        world.elder(home, "李秀英", &[]).await;
        let input = json!({"input": {"moves": way(&world, BUILDING, OTHER_GRID), "onDate": "2026-02-01", "reason": "划转"}});
        let done = world.run(&clerk, MOVE, input).await;
        assert_eq!(done.payload("moveHouseholds")["areas"], json!([{"code": "341102006003.01.02.02",
            "name": "1栋", "parent": {"code": OTHER_GRID}}]));
        assert_eq!(done.payload("moveHouseholds")["accounts"], json!([{"name": "钱小妹"}]));
        assert_eq!(lived(&world, "李秀英", BUILDING, "2026-01-31").await, 1);
        assert_eq!(lived(&world, "李秀英", OTHER_GRID, "2026-02-01").await, 1);
        let retired = "SELECT count(*) FROM area WHERE retired_on IS NOT NULL AND successor_id IS NOT NULL";
        assert_eq!(world.count(retired).await, 1);
    }

    async fn what_does_not_fit_is_refused(db: TestDatabase) {
        let world = World::new(db).await;
        let clerk = staff(&world).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        world.household(OTHER_BUILDING, "101").await;
        let before = traces(&world).await;
        for (moves, code) in [
            (way(&world, BUILDING, FAR_BUILDING), "NOT_FOUND"),
            (way(&world, FAR_BUILDING, OTHER_BUILDING), "NOT_FOUND"),
            (way(&world, BUILDING, BUILDING), "AREA_UNFIT"),
            (way(&world, BUILDING, GRID), "AREA_UNFIT"),
            (way(&world, BUILDING, COMMUNITY), "AREA_UNFIT"),
            (way(&world, GRID, OTHER_GRID), "AREA_UNFIT"),
            (way(&world, BUILDING, OTHER_BUILDING), "HOUSEHOLD_EXISTS"),
            (json!([]), "REQUIRED"),
        ] {
            let refused = world.run(&clerk, MOVE, json!({"input": {"moves": moves, "reason": "划转"}})).await;
            let errors = refused.user_errors("moveHouseholds");
            assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, Some("moves"), code));
        }
        // A building goes to another grid as a whole.
        let part = json!({"input": {"moves": way(&world, BUILDING, OTHER_GRID), "householdIds": homes(&[home]), "reason": "划转"}});
        assert_eq!(world.run(&clerk, MOVE, part).await.user_error_codes("moveHouseholds"), ["AREA_UNFIT"]);
        let forbidden = json!({"input": {"moves": way(&world, BUILDING, OTHER_GRID), "reason": "划转"}});
        assert_eq!(world.run(&lead, MOVE, forbidden).await.error_codes(), ["FORBIDDEN"]);
        assert_eq!(traces(&world).await, before);
    }
}
