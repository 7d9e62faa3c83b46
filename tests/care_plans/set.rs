//! Setting how often elders are visited.

use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};

use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::rounds::rounds;
use crate::support::world::{COMMUNITY, GRID, OTHER_GRID, Person, World};

const SET: &str = "mutation($input: SetCareRuleInput!) { setCareRule(input: $input) {
    careRule { id version fromOn toOn plan { recurrence } } userErrors { field code } } }";
const PLANS: &str =
    "query($area: ID!) { carePlans(areaId: $area) { tier plan { recurrence methods }
    setAt { code } } }";
const RULES: &str =
    "query($area: ID!) { careRules(areaId: $area) { fromOn toOn plan { recurrence } } }";

fn weekly(area: &str, day: &str) -> Value {
    json!({"areaId": area, "tier": "KEY", "recurrence": format!("FREQ=WEEKLY;BYDAY={day}"),
        "kind": "HOME_VISIT", "kinds": ["HOME_VISIT"], "methods": ["IN_PERSON"], "daysAfter": 2})
}

fn with(mut input: Value, field: &str, value: Value) -> Value {
    input[field] = value;
    input
}

async fn set(world: &World, who: &Person, input: Value) -> Answer {
    world.run(who, SET, json!({"input": input})).await
}

/// The plan of the key tier: its recurrence, and where it was set.
async fn plan(world: &World, who: &Person, area: &str) -> Value {
    let answer = world.run(who, PLANS, json!({"area": area})).await;
    let plans = answer.data("carePlans").as_array().unwrap().clone();
    assert_eq!(plans.len(), 3);
    let key = plans.iter().find(|plan| plan["tier"] == "KEY").unwrap();
    json!([key["plan"]["recurrence"], key["setAt"]["code"]])
}

on_both! {
    async fn the_rule_of_the_nearest_area_holds_from_its_day(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = world.person("王主任", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let id = |code: &str| World::id::<ids::Area>(world.area(code));
        let (community, grid, other) = (id(COMMUNITY), id(GRID), id(OTHER_GRID));
        assert_eq!(plan(&world, &volunteer, &grid).await, json!(["FREQ=MONTHLY;BYMONTHDAY=1", null]));

        let today = "2026-03-02";
        let input = with(weekly(&community, "TU"), "fromOn", json!(today));
        set(&world, &staff, input).await.payload("setCareRule");
        let input = with(weekly(&grid, "WE"), "fromOn", json!(today));
        set(&world, &staff, input).await.payload("setCareRule");
        assert_eq!(plan(&world, &volunteer, &grid).await, json!(["FREQ=WEEKLY;BYDAY=WE", GRID]));
        assert_eq!(plan(&world, &staff, &other).await, json!(["FREQ=WEEKLY;BYDAY=TU", COMMUNITY]));
        // The volunteer of the one grid does not see the other's.
        let foreign = world.run(&volunteer, PLANS, json!({"area": other})).await;
        assert_eq!(foreign.data("carePlans"), &json!([]));

        // Another from Thursday on ends the first on that day; ended itself, the community's holds.
        let input = with(weekly(&grid, "FR"), "fromOn", json!("2026-03-05"));
        let next = set(&world, &staff, input).await;
        let next = &next.payload("setCareRule")["careRule"];
        let own = world.run(&staff, RULES, json!({"area": grid})).await;
        assert_eq!(own.data("careRules"), &json!([
            {"fromOn": "2026-03-05", "toOn": null, "plan": {"recurrence": "FREQ=WEEKLY;BYDAY=FR"}},
            {"fromOn": "2026-03-02", "toOn": "2026-03-05", "plan": {"recurrence": "FREQ=WEEKLY;BYDAY=WE"}},
        ]));
        let end = "mutation($id: ID!, $version: Int!) { endCareRule(input: {careRuleId: $id,
            expectedVersion: $version, endsOn: \"2026-03-02\"}) { careRule { toOn } userErrors { field code } } }";
        let stale = world.run(&staff, end, json!({"id": next["id"], "version": 2})).await;
        assert_eq!(stale.user_error_codes("endCareRule"), ["VERSION_CONFLICT"]);
        let ended = world.run(&staff, end, json!({"id": next["id"], "version": 1})).await;
        assert_eq!(ended.payload("endCareRule")["careRule"]["toOn"], "2026-03-05");
        world.clock.advance(chrono::Duration::days(4));
        let staff = world.signed_in(staff.account, 1, vec![(Role::CommunityStaff, world.area(COMMUNITY))]).await;
        assert_eq!(plan(&world, &staff, &grid).await, json!(["FREQ=WEEKLY;BYDAY=TU", COMMUNITY]));
    }

    async fn what_makes_no_sense_is_refused_by_field(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = world.person("王主任", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let grid = World::id::<ids::Area>(world.area(GRID));
        let far = World::id::<ids::Area>(world.area("341102006004"));
        for (field, value, code) in [
            ("recurrence", json!("每周一"), "RECURRENCE_INVALID"),
            ("recurrence", json!("FREQ=SECONDLY"), "RECURRENCE_INVALID"),
            ("fromOn", json!("2026-03-01"), "DAY_PAST"),
            ("methods", json!([]), "REQUIRED"),
            ("kind", json!("SAFETY_CHECK"), "OUT_OF_RANGE"),
            ("daysAfter", json!(93), "OUT_OF_RANGE"),
            ("areaId", json!(far), "NOT_FOUND"),
        ] {
            let refused = set(&world, &staff, with(weekly(&grid, "MO"), field, value)).await;
            let errors = refused.user_errors("setCareRule");
            assert_eq!((errors.len(), errors[0].code, errors[0].field), (1, code, Some(field)));
        }
        let refused = set(&world, &lead, weekly(&grid, "MO")).await;
        assert_eq!(refused.error_codes(), ["FORBIDDEN"]);
        assert_eq!(world.count("SELECT count(*) FROM care_rule").await, 0);
    }

    /// However many set the rule at once, one is open, and none overlaps another.
    async fn rules_set_at_once_follow_each_other(db: TestDatabase) {
        let world = std::sync::Arc::new(World::new(db).await);
        let staff = world.person("王主任", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let grid = World::id::<ids::Area>(world.area(GRID));
        for _ in 0..rounds() {
            let calls = ["MO", "TU", "WE", "TH"].map(|day| {
                let (world, staff, input) = (std::sync::Arc::clone(&world), staff.clone(), weekly(&grid, day));
                tokio::spawn(async move {
                    set(&world, &staff, input).await.user_error_codes("setCareRule").len()
                })
            });
            for call in calls {
                assert_eq!(call.await.expect("no panic"), 0);
            }
            assert_eq!(world.count("SELECT count(*) FROM care_rule WHERE to_on IS NULL").await, 1);
            assert_eq!(world.count("SELECT count(*) FROM care_rule WHERE to_on > from_on").await, 0);
        }
    }
}
